"""The message catalogues: extract what the code says, compare with the Chinese catalogues, compile them.

python -m lantian.web.messages check      lists texts without a translation, or with two (exit status 1)
python -m lantian.web.messages compile    writes the .mo files beside the .po files
python -m lantian.web.messages update     adds missing texts, empty, to their room's catalogue
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
KEYWORDS = {
    name: spec
    for names, spec in [
        (("_", "_t", "gettext", "gettext_lazy", "gettext_noop"), None),
        (("ngettext", "ngettext_lazy"), (1, 2)),
        (("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    ]
    for name in names
}
LOCALE = "zh_Hans"
Message = tuple[str, str | None]


def rooms() -> list[Path]:
    """Return the folders that have a catalogue."""
    return sorted(path.parent for path in PACKAGE.glob("*/locale"))


def catalogue_path(room: Path) -> Path:
    return room / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def used_messages(room: Path) -> Iterator[tuple[Message, str]]:
    """Yield ((msgid, context), place) for every translatable text of the room's Python files and templates."""
    for path in sorted(room.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or {"tests", "migrations", "node_modules"} & set(path.parts):
            continue
        source = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            if "{%" not in source:
                continue
            source = _templatize(source)
        for line, function, message, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, [], {}):
            # Babel's types describe another tuple: second is the function's name, third what it is called with.
            yield from _parts(str(function), message, f"{path.relative_to(PACKAGE.parent)}:{line}")


def _templatize(source: str) -> str:
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    return templatize(source)


def _parts(function: str, message: object, place: str) -> Iterator[tuple[Message, str]]:
    texts = [message] if isinstance(message, str) else [m for m in message if isinstance(m, str)]  # type: ignore[attr-defined]
    if function.startswith("pgettext") and len(texts) == 2:
        yield (texts[1], texts[0]), place
    elif texts:
        yield (texts[0], None), place


def load(room: Path) -> Catalog:
    path = catalogue_path(room)
    if not path.exists():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def missing(room: Path) -> list[tuple[str, str]]:
    """Return (msgid, place) of each text that no room translates (a translation in any room serves all)."""
    known: set[Message] = set()
    for other in rooms():
        for entry in load(other):
            msgid = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
            strings = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
            if msgid and all(strings) and "fuzzy" not in entry.flags:
                known.add((msgid, entry.context))
    lacking: dict[Message, str] = {}
    for message, place in used_messages(room):
        if message[0].strip() and message not in known:
            lacking.setdefault(message, place)
    return [(message[0], place) for message, place in lacking.items()]


def contradictions() -> list[tuple[str, dict[str, str]]]:
    """Return texts that two rooms translate differently, with the rooms: only one of them would ever be shown."""
    told: dict[Message, dict[str, str]] = {}
    for room in rooms():
        for entry in load(room):
            if entry.id:
                msgid = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
                told.setdefault((msgid, entry.context), {})[room.name] = str(entry.string)
    return [(message[0], by_room) for message, by_room in told.items() if len(set(by_room.values())) > 1]


def compile_all() -> int:
    """Compile every catalogue; return how many."""
    for room in rooms():
        if catalogue_path(room).exists():
            with catalogue_path(room).with_suffix(".mo").open("wb") as file:
                write_mo(file, load(room))
    return len(rooms())


@click.command()
@click.argument("action", type=click.Choice(["check", "compile", "update"]))
@click.option("--room", help="only this room")
def main(action: str, room: str | None) -> None:
    """Check, compile or update the Chinese catalogues."""
    chosen = [r for r in rooms() if room in (None, r.name)]
    if action == "compile":
        click.echo(f"{compile_all()} catalogues compiled")
        return
    lacking = [(r, m) for r in chosen for m in missing(r)]
    if action == "update":
        for folder, (msgid, place) in lacking:
            catalogue = load(folder)
            if msgid not in catalogue:
                file_only = (place.rsplit(":", 1)[0], None)  # write_po takes a place without a line; its types do not
                catalogue.add(msgid, locations=[file_only])  # type: ignore[list-item]
            catalogue_path(folder).parent.mkdir(parents=True, exist_ok=True)
            with catalogue_path(folder).open("wb") as file:
                write_po(file, catalogue, omit_header=False, width=120)
    for folder, (msgid, place) in lacking:
        click.echo(f"{folder.name}: {place}: {msgid!r} has no Chinese translation")
    differing = contradictions() if action == "check" else []
    for msgid, by_room in differing:
        words = ", ".join(f"{name} {text}" for name, text in by_room.items())
        click.echo(f"{msgid!r} is translated differently ({words}): give one of them a context (pgettext)")
    sys.exit(1 if (lacking or differing) and action == "check" else 0)


if __name__ == "__main__":
    main()
