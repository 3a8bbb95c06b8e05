"""Layouts of files: our own (any sheet whose header names our columns) and those of others, as data."""

from __future__ import annotations

import functools
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lantian.sources.kinds import KINDS, Kind, kind_named
from lantian.sources.reading.tables import Table, TableError

OWN = "lantian"


@dataclass(frozen=True)
class Layout:
    """A file of others. See data/layouts.toml."""

    name: str
    zh: str
    en: str
    kind: str
    columns: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    only: dict[str, str] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    note_zh: str = ""
    note_en: str = ""


@dataclass
class Sheet:
    """A table with what its columns are: `columns` maps a place in the row to a field of the kind."""

    table: Table
    kind: Kind
    columns: dict[int, str]
    unknown: list[str]
    layout: Layout | None = None

    def cells(self, texts: list[str]) -> dict[str, str]:
        """Return {field: text} of a row."""
        return {name: texts[at] for at, name in self.columns.items() if at < len(texts) and texts[at]}


@functools.cache
def layouts() -> dict[str, Layout]:
    """Return the layouts of others by name."""
    data = tomllib.loads((Path(__file__).parent / "data" / "layouts.toml").read_text(encoding="utf-8"))
    made: dict[str, Layout] = {}
    for name, entry in data["layout"].items():
        lists: dict[str, Any] = {key: tuple(entry.get(key, ())) for key in ("passed_over", "ask")}
        made[name] = Layout(**{"name": name, **entry, **lists})
    return made


def understand(table: Table, layout: str, kind: str = "") -> Sheet | None:
    """Return what a sheet holds; None for a sheet of notes. Raises TableError when its header cannot be understood."""
    if layout != OWN:
        return _foreign(table, layouts()[layout])
    wanted = kind_named(kind) if kind else _kind_of(table)
    if wanted is None:
        return None
    known = {_fold(said): column.name for column in wanted.columns for said in column.headers()}
    at = {n: known[_fold(_bare(name))] for n, name in enumerate(table.header) if _fold(_bare(name)) in known}
    if len(set(at.values())) != len(at):
        names = [table.header[n] for n, field_ in at.items() if list(at.values()).count(field_) > 1]
        raise TableError("twice", sheet=table.name, names="、".join(names))
    needed = [column for column in wanted.columns if column.needed and column.name not in at.values()]
    if needed:
        raise TableError("header", sheet=table.name, names="、".join(str(column.label) for column in needed))
    return Sheet(table, wanted, at, [name for n, name in enumerate(table.header) if n not in at and name])


def _foreign(table: Table, layout: Layout) -> Sheet:
    where = {_fold(name): n for n, name in enumerate(table.header)}
    lacking = [name for name in (*layout.columns.values(), *layout.only.values()) if _fold(name) not in where]
    if lacking:
        raise TableError("header", sheet=table.name, names="、".join(lacking))
    at = {where[_fold(header)]: name for name, header in layout.columns.items()}
    over = {_fold(name) for name in layout.passed_over}
    unknown = [name for n, name in enumerate(table.header) if n not in at and _fold(name) not in over and name]
    return Sheet(table, kind_named(layout.kind), at, unknown, layout)


def _kind_of(table: Table) -> Kind | None:
    """The kind of a sheet: by its name, else the one whose columns its header names best."""
    for kind in KINDS:
        if _fold(table.name) in {_fold(said) for said in sheet_names(kind)}:
            return kind
    header = {_fold(_bare(name)) for name in table.header if name}
    # Where two fit as well, the first one in the order of the kinds: an enterprise before what stands in it.
    scored: list[tuple[bool, int, int, str]] = []
    for kind in KINDS:
        known = [{_fold(said) for said in column.headers()} for column in kind.columns]
        hits = sum(not header.isdisjoint(said) for said in known)
        needed = all(not header.isdisjoint({_fold(s) for s in c.headers()}) for c in kind.columns if c.needed)
        scored.append((needed, hits, -len(scored), kind.name))
    needed, hits, _order, name = max(scored)
    return kind_named(name) if needed and hits >= 2 else None


@functools.cache
def _sheet_names(name: str) -> tuple[str, ...]:
    from django.utils import translation

    found = [name]
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found += [str(kind_named(name).label), str(kind_named(name).plural)]
    return tuple(dict.fromkeys(found))


def sheet_names(kind: Kind) -> tuple[str, ...]:
    """Return the names that a sheet of a kind may have."""
    return _sheet_names(kind.name)


def _bare(name: str) -> str:
    """A header without the mark of a needed column."""
    return name.strip().rstrip("*＊").strip()


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
