"""What the page of an enterprise shows: its rows by kind, the flow from lines to stacks, the history in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.models import Place
from lantian.sources.kinds import KINDS, Kind, kind_named
from lantian.sources.kinds.plain import Plain, is_empty, plain_of, with_references
from lantian.sources.models import Change, Enterprise
from lantian.sources.permits import state_of
from lantian.sources.reading.faults import Fault

# The columns of each kind's table on the page, beside code and name.
_SHOWN: dict[str, tuple[str, ...]] = {
    "line": ("process", "product", "capacity"),
    "equipment": ("role", "kind", "line", "rated_kw", "off_kw", "run_kw"),
    "pair": ("production", "treatment", "needs", "lead_minutes", "lag_minutes"),
    "outlet": ("number", "process", "lines", "height_m", "oxygen", "denitration", "monitored"),
    "limit": ("outlet", "quantity", "value", "unit", "period", "clause", "ultra_low"),
    "boiler": ("capacity_th", "capacity_mw", "fuel", "purpose", "heat_use", "low_nox", "installed_on", "removed_on"),
    "chp": ("units", "unit_mw", "total_mw", "heated_m2", "started_on"),
    "permit": ("number", "kind", "authority", "issued_on", "expires_on", "conditions"),
    "meter": ("medium", "number", "point", "ratio"),
    "gate": ("place", "lanes", "connected"),
    "camera": ("place", "watches", "connected"),
    "micro_station": ("model", "quantities", "connected"),
    "order": ("kind", "start", "end", "subjects", "share", "document", "issuer"),
}
# What every kind has: code and name stand first, the rest on the row's own page.
_COMMON = frozenset(
    {"enterprise", "code", "name", "since", "until", "source", "confidence", "note", "lon", "lat", "datum"}
)


@dataclass
class ShownRow:
    """A row with its cells (label, text) in the order of the table's columns."""

    row: Any
    plain: Plain
    cells: list[tuple[str, str]]
    ended: bool
    badge: str = ""


@dataclass
class Section:
    """All rows of a kind; those that have ended come last."""

    kind: Kind
    columns: list[str]
    rows: list[ShownRow] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def title(self) -> str:
        return str(self.kind.plural)


def sections_of(enterprise: Enterprise) -> dict[str, Section]:
    """Return every kind of row of an enterprise, in a constant number of queries."""
    return {kind.name: _section(kind, enterprise) for kind in KINDS if not kind.is_enterprise}


def _section(kind: Kind, enterprise: Enterprise) -> Section:
    today = clock.today()
    plain_columns = [c.name for c in kind.columns if c.name not in _COMMON]
    shown = [kind.by_name[name] for name in _SHOWN.get(kind.name, plain_columns[:7])]
    section = Section(kind, [str(column.label) for column in shown])
    for row in with_references(kind, kind.model.objects.filter(enterprise=enterprise)):
        plain = plain_of(kind, row)
        cells = [(str(column.label), shown_value(column.name, kind, plain)) for column in shown]
        ended = row.until is not None and row.until < today
        section.rows.append(ShownRow(row, plain, cells, ended, state_of(row, today) if kind.name == "permit" else ""))
    section.rows.sort(key=lambda one: one.ended)
    return section


def shown_value(name: str, kind: Kind, plain: Plain) -> str:
    """Return one value of a row as people read it."""
    column = kind.by_name[name]
    text = column.shown(plain[name])
    if column.reads == "moment":
        return text.replace("T", " ")[:16]
    if column.reads == "yes":
        return text if plain[name] else ""
    return text


@dataclass
class Flow:
    """A line with what produces and what cleans, what ties them, and where it leaves."""

    line: str
    process: str
    production: list[str]
    treatment: list[str]
    pairs: list[str]
    outlets: list[str]


def flow_of(sections: dict[str, Section]) -> list[Flow]:
    """Return the lines in force as a flow: production, treatment that must run with it, outlets."""
    lines = _in_force(sections["line"])
    equipment = _in_force(sections["equipment"])
    names = {one.plain["code"]: one.plain["name"] or one.plain["code"] for one in equipment}
    line_of = {one.plain["code"]: one.plain["line"] for one in equipment}
    pairs = [
        (one.plain, {line_of.get(code, "") for code in one.plain["production"]}) for one in _in_force(sections["pair"])
    ]
    found = []
    for code, name, process in [*((o.plain["code"], o.plain["name"], o.plain["process"]) for o in lines), ("", "", "")]:
        mine = [one.plain for one in equipment if one.plain["line"] == code]
        tied = [plain for plain, held in pairs if code in held]
        cleaning = [one["code"] for one in mine if one["role"] in ("treatment", "both")]
        if code:
            cleaning += sorted({partner for plain in tied for partner in plain["treatment"]})
        flow = Flow(
            line=f"{code} {name}".strip(),
            process=process,
            production=[one["name"] or one["code"] for one in mine if one["role"] in ("production", "both")],
            treatment=[names[partner] for partner in dict.fromkeys(cleaning) if partner in names],
            pairs=[_pair_words(plain, names) for plain in tied],
            outlets=_outlets(sections, code),
        )
        if code or flow.production or flow.treatment or flow.outlets:
            found.append(flow)
    return found


def _outlets(sections: dict[str, Section], line: str) -> list[str]:
    """The stacks of a line; without a line those that name none."""
    rows = [one.plain for one in _in_force(sections["outlet"])]
    mine = [one for one in rows if (line in one["lines"] if line else not one["lines"])]
    return [f"{one['number'] or one['code']} {one['name']}".strip() for one in mine]


def _in_force(section: Section) -> list[ShownRow]:
    return [one for one in section.rows if not one.ended]


def _pair_words(plain: Plain, names: dict[str, str]) -> str:
    sides = [" + ".join(names.get(code, code) for code in plain[side]) for side in ("production", "treatment")]
    words = f"{sides[0]} → {sides[1]}"
    if plain["needs"] == "any" and len(plain["treatment"]) > 1:
        words += f" ({_('any one of it')})"
    if plain["lead_minutes"] is not None or plain["lag_minutes"] is not None:
        words += f" · −{plain['lead_minutes'] or 0} / +{plain['lag_minutes'] or 0} min"
    return words


# What is remarkable about the position


def remarks_of(enterprise: Enterprise) -> list[Fault]:
    """Return what a person should look at: no datum, outside the city, another area than stated."""
    if enterprise.lon is None:
        return []
    if enterprise.wgs_lon is None:
        return [Fault("datum_missing", "datum")]
    if enterprise.area_basis != "point":
        return [Fault("outside_city", "lon")]
    if enterprise.area_said and enterprise.area is not None and enterprise.area_said != enterprise.area.code:
        said = Place.objects.filter(code=enterprise.area_said).first()
        return [
            Fault("area_differs", "area", {"found": str(enterprise.area), "said": str(said or enterprise.area_said)})
        ]
    return []


# History


@dataclass
class ShownChange:
    """A change in words: each field with what it was and what it became."""

    change: Change
    kind: str
    fields: list[tuple[str, str, str]]


def changes_shown(changes: Iterable[Change]) -> list[ShownChange]:
    """Return changes in the language of the moment."""
    return [ShownChange(one, str(kind_named(one.kind).label), fields_of(one)) for one in changes]


def fields_of(change: Change) -> list[tuple[str, str, str]]:
    """Return (label, old, new) of a change; a new row shows what it began with."""
    kind = kind_named(change.kind)
    found = []
    for name, (old, new) in change.changes.items():
        if name not in kind.by_name or name == "enterprise":
            continue
        column = kind.by_name[name]
        found.append(
            (
                str(column.label),
                "–" if is_empty(old) else column.shown(old),
                "–" if is_empty(new) else column.shown(new),
            )
        )
    return found


def lang() -> str:
    """Return "en" or "zh"."""
    return "en" if (get_language() or "").startswith("en") else "zh"
