"""agencies.toml: who is meant by which name. Departments of counties are derived from these and not listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lantian.city.gazetteer import AGENCY_KINDS, AgencyName, AreaName, EnterpriseName, Gazetteer
from lantian.city.gazetteer import HeatingSeason as SeasonName
from lantian.city.pack.calendar import Calendar
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.model import Agency, Enterprise, Meta, Places
from lantian.city.pack.reading import Table, read_toml, refuse_twice

FILE = "agencies.toml"
_LEVELS = "市县区省州盟旗"
_AREA_FORMS = {"district": "district", "county": "county", "county_city": "city", "zone": "zone", "scenic": "scenic"}


@dataclass(frozen=True, slots=True)
class Names:
    """What agencies.toml gives, with the table of each entry for later faults."""

    agencies: tuple[Agency, ...]
    enterprises: tuple[Enterprise, ...]
    tables: tuple[Table, ...]


def read_agencies(files: PackFiles, meta: Meta, places: Places | None, faults: Faults) -> Names | None:
    """Read agencies and enterprises; None when the file cannot be read."""
    root = read_toml(files, FILE, faults)
    if root is None:
        return None
    tables = root.tables("agency")
    agencies = tuple(_agency(table, meta, places) for table in tables)
    enterprise_tables = root.tables("enterprise", ())
    enterprises = tuple(_enterprise(table, places) for table in enterprise_tables)
    root.done()
    names = Names(agencies, enterprises, (*tables, *enterprise_tables))
    refuse_twice([(table, one.short) for table, one in zip(tables, agencies, strict=True)], "short", "the agency")
    _report_successions(tables, agencies)
    _report_shared_names(names, places)
    return names


def _agency(table: Table, meta: Meta, places: Places | None) -> Agency:
    agency = Agency(
        short=table.text("short", name=True),
        full_name=table.text("full_name", name=True),
        name_en=table.text("name_en", name=True),
        kind=table.choice("kind", AGENCY_KINDS),
        place=_place(table, places, meta.adcode),
        names=table.texts("names", (), name=True),
        until=table.maybe_integer("until", low=1949, high=2100),
        successor=table.text("successor", "") or None,
        note=table.text("note", ""),
    )
    table.done()
    return agency


def _enterprise(table: Table, places: Places | None) -> Enterprise:
    enterprise = Enterprise(
        name=table.text("name", name=True),
        name_en=table.text("name_en", name=True),
        place=_place(table, places, ""),
        names=table.texts("names", (), name=True),
    )
    table.done()
    return enterprise


def _place(table: Table, places: Places | None, default: str) -> str:
    code = table.text("place", default) if default else table.text("place")
    if code and places and code not in places.by_code:
        table.fault("unknown-place", f"'place' names {code}, which the pack does not know.", "", "place")
    return code


def _report_successions(tables: list[Table], agencies: Iterable[Agency]) -> None:
    """A forerunner points at who took over; following the arrows must come to an end inside the file."""
    found = list(agencies)
    successor = {one.short: one.successor for one in found if one.successor}
    known = {one.short for one in found}
    for table, one in zip(tables, found, strict=True):
        if one.successor and one.successor not in known:
            hint = "Name the short form of an agency of this file."
            table.fault("unknown-agency", f"the successor {one.successor!r} is unknown.", hint, "successor")
        path, here = [one.short], one.successor
        while here and here not in path:
            path.append(here)
            here = successor.get(here)
        if here == one.short:
            hint = "One of them must have no successor."
            table.fault(
                "alias-cycle", f"the successors run in a circle: {' → '.join([*path, here])}.", hint, "successor"
            )


def _report_shared_names(names: Names, places: Places | None) -> None:
    """Report a spelling that two agencies, enterprises or areas share: nobody could tell whom a plan means."""
    owners: dict[str, str] = {}
    for place in (places.city, *places.areas) if places else ():
        for spelling in (place.name_zh, *place.aliases):
            owners[spelling] = place.name_zh
    for table, agency in zip(names.tables, names.agencies, strict=False):
        _claim(owners, table, agency.short, agency.short, "short")
        _claim(owners, table, agency.short, agency.full_name, "full_name")
        _claim_all(owners, table, agency.short, agency.names)
    for table, enterprise in zip(names.tables[len(names.agencies) :], names.enterprises, strict=True):
        _claim(owners, table, enterprise.name, enterprise.name, "name")
        _claim_all(owners, table, enterprise.name, enterprise.names)


def _claim_all(owners: dict[str, str], table: Table, own: str, names: tuple[str, ...]) -> None:
    for number, spelling in enumerate(names):
        _claim(owners, table, own, spelling, "names", number)


def _claim(owners: dict[str, str], table: Table, own: str, spelling: str, *keys: str | int) -> None:
    for form in {spelling, without_level(spelling)}:
        owner = owners.setdefault(form, own) if form else own
        if owner != own:
            hint = "Keep the name in one of them."
            table.fault("alias-twice", f"{spelling!r} means both {owner} and {own}.", hint, *keys)


def without_level(name: str) -> str:
    """市大气办 and 大气办 are one name: drop a level in front when enough is left."""
    return name[1:] if name[:1] in _LEVELS and len(name) > 3 else name


def build_gazetteer(meta: Meta, places: Places, names: Names, calendar: Calendar) -> Gazetteer:
    """The national names with this city's on top; raises ValueError when two entries share a name."""
    season = calendar.heating_seasons[-1] if calendar.heating_seasons else None
    by_code = places.by_code
    return Gazetteer.national().with_city(
        city_name=meta.name_zh,
        agencies=[_agency_name(one) for one in names.agencies],
        areas=[AreaName(one.name_zh, one.code, _AREA_FORMS[one.form], one.aliases) for one in places.areas],  # type: ignore[arg-type]
        heating_season=SeasonName(_mm_dd(season.start), _mm_dd(season.end), season.source) if season else None,
        enterprises=[EnterpriseName(one.name, one.names, by_code[one.place].name_zh) for one in names.enterprises],
        issuer_marks=meta.issuer_marks,
    )


def _agency_name(one: Agency) -> AgencyName:
    spellings = tuple(dict.fromkeys((one.full_name, *one.names)))
    return AgencyName(one.short, spellings, one.kind, one.until, one.successor)  # type: ignore[arg-type]


def _mm_dd(day: tuple[int, int]) -> str:
    return f"{day[0]:02d}-{day[1]:02d}"
