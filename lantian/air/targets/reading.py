"""targets.toml of a city pack: what city and counties must reach beside what the plan's own sentences say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lantian.air.assessing.scopes import FILE as SCOPES
from lantian.air.assessing.scopes import ScopeFileError, read_scopes
from lantian.air.targets.model import CITY_SCOPES, Statistic, Target, statistics
from lantian.city.pack.checks import SeenPack
from lantian.city.pack.faults import Faults, PackError
from lantian.city.pack.files import PackFiles
from lantian.city.pack.model import Binding, Document, Places
from lantian.city.pack.reading import Table, read_toml, refuse_twice
from lantian.standards.tables import Confidence
from lantian.standards.units import unit

FILE, DEMO_FILE = "targets.toml", "demo/targets.toml"
NATURES = ("binding", "striving")
_STRICT = {"<=": ("<=", "<"), ">=": (">=", ">"), ">": (">", ">=")}


@dataclass(frozen=True, slots=True)
class PackTargets:
    """Targets of a pack in the order of the file, and which scope of scopes.toml each role of a ranking has."""

    targets: tuple[Target, ...]
    scopes: dict[str, str]


def read_targets(root: Path, *, demonstration: bool = False) -> PackTargets:
    """Read the targets of a pack's folder; with `demonstration` the invented ones too (they come last).

    A pack without the file has none. Raises PackError that names what is wrong.
    """
    faults = Faults()
    found = _read(PackFiles(root, faults), FILE, "pack", faults)
    if demonstration:
        more = _read(PackFiles(root, faults), DEMO_FILE, "demo", faults)
        found = PackTargets(found.targets + more.targets, found.scopes | more.scopes)
    if len(faults):
        raise PackError(root.name, list(faults))
    return found


def check(files: PackFiles, seen: SeenPack, faults: Faults) -> None:
    """Report what is wrong with targets.toml and with the demonstration's (for `lantian city check`)."""
    found = _read(files, FILE, "pack", faults, seen)
    _read(files, DEMO_FILE, "demo", faults, seen, {one.id: one for one in found.targets})


def _read(
    files: PackFiles,
    name: str,
    origin: str,
    faults: Faults,
    seen: SeenPack | None = None,
    above: dict[str, Target] | None = None,
) -> PackTargets:
    root = read_toml(files, name, faults, required=False)
    if root is None:
        return PackTargets((), {})
    tables = root.tables("target", ())
    found = tuple(_target(table, origin, seen.places if seen else None) for table in tables)
    pairs = list(zip(tables, found, strict=True))
    refuse_twice([(table, one.id) for table, one in pairs], "id", "the target")
    _check_parts(pairs, above or {})
    scopes = _scopes(root, files)
    if seen is not None:
        _refuse_what_the_plan_says(pairs, seen)
    root.done()
    return PackTargets(tuple(one for one in found if one.id), scopes)


def _target(table: Table, origin: str, places: Places | None) -> Target:
    code = table.choice("statistic", [one for one, each in statistics().items() if each.kind != "entered"])
    statistic = statistics()[code or next(iter(statistics()))]
    value = table.number("value")
    written = table.unit("unit")
    if code and written and unit(written).code != statistic.unit:
        table.fault("bad-unit", f"{code} is counted in {statistic.unit}, not in {written}.", "", "unit")
    if code and value is not None and not statistic.low <= value <= statistic.high:
        hint = f"It lies between {statistic.low} and {statistic.high}."
        table.fault("bad-value", f"{code} cannot be {value}.", hint, "value")
    place = table.text("place")
    if places and place and place not in places.by_code:
        table.fault("unknown-place", f"no place has the code {place}.", "See places.toml.", "place")
    target = Target(
        id=table.text("id", pattern=r"[a-z0-9][a-z0-9-]*", hint="Lower-case letters, digits and '-'."),
        place=place,
        year=table.integer("year", low=2013, high=2100),
        statistic=statistic,
        comparator=table.choice("comparator", _STRICT[statistic.comparator], statistic.comparator),
        value=value or statistic.low,
        source=table.text("source"),
        clause=table.text("clause", ""),
        url=table.text("url", "", pattern=r"https?://\S+", hint="An address that begins with http:// or https://."),
        confidence=table.choice("confidence", [one.value for one in Confidence]),
        nature=table.choice("nature", NATURES, "binding"),
        origin=origin,
        parent=table.text("part_of", ""),
        note=table.text("note", ""),
    )
    table.done()
    return target


def _check_parts(pairs: list[tuple[Table, Target]], above: dict[str, Target]) -> None:
    known = above | {one.id: one for _, one in pairs}
    for table, one in pairs:
        whole = known.get(one.parent)
        if one.parent and (whole is None or whole is one or whole.statistic.code != one.statistic.code):
            hint = "It names another target of this pack with the same statistic."
            table.fault("bad-value", f"'part_of' names {one.parent!r}.", hint, "part_of")


def _scopes(root: Table, files: PackFiles) -> dict[str, str]:
    """Which list of scopes.toml is ranked for each role."""
    roles = sorted({one.scope for one in statistics().values() if one.scope})
    tables = root.tables("scope", ())
    file = files.root / SCOPES
    try:
        known = [one.id for one in read_scopes(file)] if tables and file.is_file() else []
    except ScopeFileError:
        known = []
    found = {}
    for table in tables:
        role, scope = table.choice("role", roles), table.text("scope")
        if scope and scope not in known:
            table.fault("bad-value", f"no scope {scope!r} in {SCOPES}.", f"Known: {', '.join(known)}.", "scope")
        found[role] = scope
        table.done()
    return found


def _refuse_what_the_plan_says(pairs: list[tuple[Table, Target]], seen: SeenPack) -> None:
    """A number that a sentence of the plan carries is bound there; twice it could differ from itself."""
    said = {
        (place, one.year, one.statistic.code, one.nature): one.sentence
        for one in targets_of_bindings(seen.bindings, seen.documents, seen.places)
        for place in (one.place,)
    }
    for table, one in pairs:
        quote = said.get((one.place, one.year, one.statistic.code, one.nature))
        if quote is not None and one.origin == "pack":
            hint = "Remove it here: it is taken from the plan (bindings.toml)."
            table.fault("twice", f"the plan's sentence {quote!r} sets this target already.", hint)


def _owing(statistic: Statistic, places: Places) -> tuple[str, ...]:
    """Who owes a target whose sentence names nobody: the city where only cities are ranked, else every area."""
    if statistic.scope in CITY_SCOPES:
        return (places.city.code,)
    return tuple(area.code for area in places.areas)


def targets_of_bindings(
    bindings: tuple[Binding, ...], documents: tuple[Document, ...], places: Places | None
) -> tuple[Target, ...]:
    """Return the air's targets among the bindings of a pack's plans, one for each place that owes it.

    The year is that in which the document was issued. Without places named, the areas owe what is not the city's alone.
    """
    issued = {one.id: one.issued for one in documents}
    titles = {one.id: one.title_zh for one in documents}
    found = []
    for one in bindings:
        statistic = statistics().get(one.indicator)
        day = issued.get(one.document)
        if statistic is None or statistic.kind == "entered" or one.target is None or day is None or places is None:
            continue
        for place in one.areas or _owing(statistic, places):
            found.append(
                Target(
                    id=f"{one.id}-{place}",
                    place=place,
                    year=day.year,
                    statistic=statistic,
                    comparator=one.comparator,
                    value=one.target,
                    source=titles[one.document],
                    confidence=Confidence.VERIFIED.value,
                    nature=one.nature,
                    origin="plan",
                    note=one.note,
                    sentence=one.quote,
                )
            )
    return tuple(found)
