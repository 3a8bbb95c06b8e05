"""The names that plans use: agencies, areas, enterprises, and the heating season.

A `Gazetteer` answers one question, "who or what is meant by these characters?", and answers it
without a database: it is built from data files and never changes. `Gazetteer.national()` knows only
what holds in every city; a city pack lays its own names on top with `Gazetteer.with_city()`.

    >>> national = Gazetteer.national()
    >>> national.agency("市发展和改革委员会")
    '发改委'
    >>> national.agency("潮州市住房城乡建设局")
    '住建局'
    >>> national.agency("某某大队") is None
    True
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

AgencyKind = Literal["department", "company", "group", "party", "justice", "other"]
AreaKind = Literal["county", "district", "city", "zone", "scenic", "town", "other"]
AGENCY_KINDS: tuple[str, ...] = get_args(AgencyKind)
AREA_KINDS: tuple[str, ...] = get_args(AreaKind)

_DATA = Path(__file__).parent / "data"
_LEVELS = "市县区省州盟旗"
_SPACE = re.compile(r"\s+")
_PLACE_BEFORE = re.compile(
    rf"^(?:(?:(?![局委办厅部院会])[\u4e00-\u9fff]){{2,5}}?[{_LEVELS}]|自治[区州县旗])(?=.{{3,}})"
)
_GOVERNMENT_BEFORE = re.compile(r"^[市县区]?(?:人民)?政府(?=.{3,})")
# Longest first: "党工委管委会" must go before "管委会".
_GOVERNMENT = re.compile(
    r"(?:党工委、?管委会|党委、?(?:人民)?政府|人民政府|管理委员会|管委会|党工委|党委|政府|办事处)$"
)
_AREA_SUFFIX = re.compile(r"(?:自治县|[县市区旗])$")


@dataclass(frozen=True, slots=True)
class AgencyName:
    """An agency: the short form that Lantian prints and every other spelling (without 市/县/区 in front)."""

    short: str
    names: tuple[str, ...] = ()
    kind: AgencyKind = "department"
    until: int | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class AreaName:
    """A place that can carry out a plan: its name, its division code (6 or 9 digits) and other spellings."""

    name: str
    code: str = ""
    kind: AreaKind = "county"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnterpriseName:
    """A polluter known by name: registered name, other spellings, and the area where it stands."""

    name: str
    names: tuple[str, ...] = ()
    area: str | None = None


@dataclass(frozen=True, slots=True)
class HeatingSeason:
    """First and last day of central heating as "MM-DD"; the season runs over New Year when start > end."""

    start: str
    end: str
    source: str = ""

    def __post_init__(self) -> None:
        for value in (self.start, self.end):
            if not re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", value):
                raise ValueError(f"A heating season needs days as MM-DD, for example 11-01; got {value!r}.")


@dataclass(frozen=True)
class Gazetteer:
    """Who and what a city's documents talk about. Immutable; look-ups cost a few dictionary accesses."""

    agencies: tuple[AgencyName, ...] = ()
    areas: tuple[AreaName, ...] = ()
    all_areas: tuple[str, ...] = ()
    """Names that 各县（市、区） expands to: counties, not development zones. Empty without a pack."""
    heating_season: HeatingSeason | None = None
    city_name: str | None = None
    enterprises: tuple[EnterpriseName, ...] = ()
    issuer_marks: tuple[str, ...] = field(default=())
    """Characters that open the city's document numbers, for example 某政办发."""

    @classmethod
    def national(cls) -> Gazetteer:
        """What holds everywhere in China: agencies and their aliases, no areas, no calendar."""
        return _national()

    def with_city(
        self,
        *,
        city_name: str | None = None,
        agencies: Iterable[AgencyName] = (),
        areas: Iterable[AreaName] = (),
        all_areas: Iterable[str] | None = None,
        heating_season: HeatingSeason | tuple[str, str] | None = None,
        enterprises: Iterable[EnterpriseName] = (),
        issuer_marks: Iterable[str] = (),
    ) -> Gazetteer:
        """This gazetteer with a city's names laid on top.

        `all_areas` left out means every area of kind county, district or city. Where a city's agency
        shares an alias with a national one, the city's wins. Raises ValueError, naming the culprit,
        when an alias belongs to two of the city's own entries or `all_areas` names an unknown area.
        """
        own_agencies, own_areas = tuple(agencies), tuple(areas)
        _refuse_double_aliases("agency", [(a.short, _agency_spellings(a)) for a in own_agencies])
        _refuse_double_aliases("area", [(a.name, {a.name, *a.names}) for a in own_areas])
        merged_areas = (*own_areas, *(a for a in self.areas if a.name not in {o.name for o in own_areas}))
        if all_areas is None:
            expanded = tuple(a.name for a in merged_areas if a.kind in {"county", "district", "city"})
        else:
            expanded = tuple(all_areas)
            known = {a.name for a in merged_areas}
            unknown = [name for name in expanded if name not in known]
            if unknown:
                raise ValueError(f"all_areas names areas that are not defined: {'、'.join(unknown)}.")
        season = HeatingSeason(*heating_season) if isinstance(heating_season, tuple) else heating_season
        return replace(
            self,
            city_name=city_name or self.city_name,
            agencies=_merge_agencies(self.agencies, own_agencies),
            areas=merged_areas,
            all_areas=expanded or self.all_areas,
            heating_season=season or self.heating_season,
            enterprises=(*enterprises, *self.enterprises),
            issuer_marks=(*issuer_marks, *self.issuer_marks),
        )

    def agency(self, text: str) -> str | None:
        """Canonical short form of an agency's name in any spelling, or None when it is not known.

        Blanks inside, the level in front (市, 县, 区, 省) and the name of a city in front are no hindrance.
        """
        found = self.agency_entry(text)
        return found.short if found else None

    def agency_entry(self, text: str) -> AgencyName | None:
        """The whole entry behind `agency()`."""
        index = self._agency_index
        name = _SPACE.sub("", text)
        for candidate in self._agency_candidates(name):
            if candidate in index:
                return index[candidate]
        return None

    def area(self, text: str) -> AreaName | None:
        """The area meant by a name such as 城关, 城关区, 城关区人民政府 or 某山风景区管委会, or None."""
        name = _SPACE.sub("", text)
        index = self._area_index
        if name in index:
            return index[name]
        bare = _GOVERNMENT.sub("", name)
        if self.city_name and bare.startswith(self.city_name) and bare != self.city_name:
            bare = bare[len(self.city_name) :]
        return index.get(bare)

    @cached_property
    def agency_names(self) -> Mapping[str, str]:
        """Every known spelling of an agency -> its short form."""
        return {name: entry.short for name, entry in self._agency_index.items()}

    @cached_property
    def area_names(self) -> Mapping[str, AreaName]:
        """Every known spelling of an area -> the area."""
        return dict(self._area_index)

    def _agency_candidates(self, name: str) -> Iterable[str]:
        yield name
        if self.city_name and name.startswith(self.city_name):
            yield name[len(self.city_name) :]
        if name[:1] in _LEVELS and len(name) > 2:
            yield name[1:]
        government = _GOVERNMENT_BEFORE.match(name)
        if government:
            yield name[government.end() :]
        place = _PLACE_BEFORE.match(name)
        if place:
            yield name[place.end() :]

    @cached_property
    def _agency_index(self) -> dict[str, AgencyName]:
        index: dict[str, AgencyName] = {}
        for entry in self.agencies:
            for name in _agency_spellings(entry):
                index.setdefault(name, entry)
        return index

    @cached_property
    def _area_index(self) -> dict[str, AreaName]:
        index: dict[str, AreaName] = {}
        for entry in self.areas:
            for name in (entry.name, *entry.names):
                index.setdefault(name, entry)
        # Bare stems (城关 for 城关区) only where no name of its own says otherwise.
        for entry in self.areas:
            for name in (entry.name, *entry.names):
                stem = _AREA_SUFFIX.sub("", name)
                if entry.kind in {"county", "district", "city"} and len(stem) >= 2:
                    index.setdefault(stem, entry)
        return index


def read_agencies(path: Path) -> tuple[AgencyName, ...]:
    """Read `[[agency]]` tables of a TOML file.

    Raises ValueError with the file and the entry when a table is incomplete or of an unknown kind.
    """
    with path.open("rb") as handle:
        tables = tomllib.load(handle).get("agency", [])
    return tuple(agency_from_table(table, where=f"{path.name}, agency {n}") for n, table in enumerate(tables, 1))


def agency_from_table(table: Mapping[str, Any], *, where: str = "agency") -> AgencyName:
    """One `[[agency]]` table as an AgencyName; `where` opens the message of a ValueError."""
    short = table.get("short")
    if not isinstance(short, str) or not short:
        raise ValueError(f'{where}: `short` is missing; give the short form, for example short = "工信局".')
    kind = table.get("kind", "department")
    if kind not in AGENCY_KINDS:
        raise ValueError(f"{where} ({short}): kind {kind!r} is not one of {', '.join(AGENCY_KINDS)}.")
    return AgencyName(short, tuple(table.get("names", ())), kind, table.get("until"), table.get("successor"))


def _agency_spellings(entry: AgencyName) -> set[str]:
    """The names as written and without a level in front, so that 市大气办 and 大气办 are one."""
    spellings = {entry.short, *entry.names}
    return spellings | {name[1:] for name in spellings if name[:1] in _LEVELS and len(name) > 3}


def _merge_agencies(old: tuple[AgencyName, ...], new: tuple[AgencyName, ...]) -> tuple[AgencyName, ...]:
    """City entries first, so that they win; a city entry with a national short form keeps its aliases too."""
    national = {entry.short: entry for entry in old}
    merged = [
        replace(entry, names=tuple(dict.fromkeys((*entry.names, *national[entry.short].names))))
        if entry.short in national
        else entry
        for entry in new
    ]
    taken = {entry.short for entry in new}
    return (*merged, *(entry for entry in old if entry.short not in taken))


def _refuse_double_aliases(what: str, entries: Iterable[tuple[str, set[str]]]) -> None:
    owner: dict[str, str] = {}
    for name, spellings in entries:
        for spelling in spellings:
            other = owner.setdefault(spelling, name)
            if other != name:
                raise ValueError(f"The {what} name {spelling!r} belongs to both {other} and {name}; keep it in one.")


@lru_cache(maxsize=1)
def _national() -> Gazetteer:
    return Gazetteer(agencies=read_agencies(_DATA / "agencies.toml"))
