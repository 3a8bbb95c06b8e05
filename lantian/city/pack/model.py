"""A city pack in memory: frozen, checked, without a database."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shapely import MultiPolygon, Polygon
from shapely.geometry import mapping

from lantian.city.gazetteer import Gazetteer
from lantian.city.pack.calendar import Calendar
from lantian.standards.tables import Confidence
from lantian.standards.units import IncompatibleUnitsError, UnknownUnitError, convert

PLACE_KINDS = ("city", "county", "zone", "scenic", "town", "village")
AREA_KINDS = ("county", "zone", "scenic")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file of the pack comes from and under which licence it may be passed on."""

    file: str
    origin: str
    licence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the city: a plan. `text` is empty for files that are no text (.docx, .pdf)."""

    id: str
    file: str
    kind: str
    title_zh: str
    title_en: str
    number: str
    issued: dt.date | None
    demonstration: bool
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Meta:
    slug: str
    version: str
    name_zh: str
    name_en: str
    adcode: str
    province_zh: str
    province_en: str
    language: str
    issuer_marks: tuple[str, ...]
    provenance: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place. `geometry` is WGS-84 (longitude, latitude in degrees); only areas have one.

    `kind` is one of PLACE_KINDS; `form` says it finer (district, county, county_city, town, township, subdistrict,
    community, village, other). `local_code` marks a code that the pack made up because the state gave none.
    `inside` names the area whose polygon holds an area without a polygon of its own.
    """

    code: str
    kind: str
    form: str
    name_zh: str
    name_en: str
    parent: str | None
    aliases: tuple[str, ...] = ()
    geometry: Polygon | MultiPolygon | None = None
    inside: str | None = None
    local_code: bool = False
    note: str = ""

    def geojson(self) -> dict[str, Any] | None:
        """The geometry as a GeoJSON object (WGS-84), or None."""
        return None if self.geometry is None else dict(mapping(self.geometry))


@dataclass(frozen=True)
class Places:
    """All places: the city, its areas in the pack's order, towns and villages."""

    everything: tuple[Place, ...]
    bbox: tuple[float, float, float, float]
    built_up_zh: str
    built_up_en: str

    def __iter__(self) -> Iterator[Place]:
        return iter(self.everything)

    def __len__(self) -> int:
        return len(self.everything)

    @cached_property
    def by_code(self) -> Mapping[str, Place]:
        return MappingProxyType({place.code: place for place in self.everything})

    @cached_property
    def _children(self) -> Mapping[str, tuple[Place, ...]]:
        found: dict[str, list[Place]] = {}
        for place in self.everything:
            if place.parent:
                found.setdefault(place.parent, []).append(place)
        return {code: tuple(places) for code, places in found.items()}

    @property
    def city(self) -> Place:
        return self.everything[0]

    @property
    def areas(self) -> tuple[Place, ...]:
        return tuple(place for place in self.everything if place.kind in AREA_KINDS)

    def of_kind(self, kind: str) -> tuple[Place, ...]:
        return tuple(place for place in self.everything if place.kind == kind)

    def get(self, code: str) -> Place:
        """Return the place of a code; raises KeyError."""
        return self.by_code[code]

    def children(self, code: str) -> tuple[Place, ...]:
        """The places directly below one."""
        return self._children.get(code, ())

    def path(self, code: str) -> tuple[Place, ...]:
        """The places from the city down to one; raises KeyError."""
        place = self.by_code[code]
        return (*(self.path(place.parent) if place.parent else ()), place)


@dataclass(frozen=True, slots=True)
class Agency:
    """A department, company or group; `names` are further spellings without the level in front."""

    short: str
    full_name: str
    name_en: str
    kind: str
    place: str
    names: tuple[str, ...] = ()
    until: int | None = None
    successor: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A polluter that the plan names."""

    name: str
    name_en: str
    place: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number of daily work in `unit`; `own` tells a pack's own value from the national default."""

    key: str
    value: Decimal
    unit: str
    zh: str
    en: str
    source: str
    confidence: Confidence
    own: bool = False


@dataclass(frozen=True, slots=True)
class EscalationOverride:
    """Settings of one escalation rule that this city wants otherwise; the rule itself lives with the plan room."""

    rule: str
    settings: Mapping[str, Any]
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Indicator:
    """A series that people keep by hand until the room named in `supplied_by` computes it.

    `aggregate` tells how the areas make the city ("" = by what the unit measures, lantian/indicators/data/pooling.toml).
    """

    code: str
    title_zh: str
    title_en: str
    unit: str
    direction: str
    frequency: str
    level: str
    supplied_by: str
    rule_version: str
    definition_zh: str
    definition_en: str
    low: Decimal | None
    high: Decimal | None
    decimals: int
    aggregate: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """A target of a document, bound to the indicator that shows whether it is met.

    `quote` stands in the document at `start:end`. `form` tells how the sentence gives the target: "value" (its number
    is the target), "criterion" (its number says which objects are meant; the indicator counts what is left or done)
    or "word" (no number: all, none, grade I ...). `value` and `unit` are the number as the sentence has it (None for
    "word"); `target`, `target_unit` and `comparator` are what the indicator must reach.
    """

    id: str
    document: str
    task: int | None
    quote: str
    start: int
    end: int
    form: str
    value: Decimal | None
    unit: str
    indicator: str
    comparator: str
    target: Decimal | None
    target_unit: str
    nature: str
    areas: tuple[str, ...]
    note: str = ""

    def says(self, value: Decimal, spelling: str) -> bool:
        """Tell whether a number read from the sentence is this binding's (30 万千瓦 and 300 MW are the same)."""
        if self.value is None:
            return False
        try:
            return convert(value, spelling, self.unit) == self.value
        except (UnknownUnitError, IncompatibleUnitsError):
            return False


@dataclass(frozen=True, slots=True)
class Role:
    key: str
    name_zh: str
    name_en: str
    scope: str
    can: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user of the demonstration. The password is made when the demonstration is loaded, never written down."""

    username: str
    name_zh: str
    name_en: str
    role: str
    place: str | None = None
    agency: str | None = None
    enterprise: str | None = None


@dataclass(frozen=True)
class CityPack:
    """A pack without faults. `sha256` covers the names and contents of all its files."""

    root: Path
    meta: Meta
    places: Places
    agencies: tuple[Agency, ...]
    enterprises: tuple[Enterprise, ...]
    calendar: Calendar
    thresholds: Mapping[str, Threshold]
    escalation: tuple[EscalationOverride, ...]
    indicators: tuple[Indicator, ...]
    documents: tuple[Document, ...]
    bindings: tuple[Binding, ...]
    roles: tuple[Role, ...]
    demo_users: tuple[DemoUser, ...]
    names: Gazetteer
    sha256: str

    def gazetteer(self) -> Gazetteer:
        """The national names with this city's laid on top."""
        return self.names

    def threshold(self, key: str) -> Decimal:
        """The value of a threshold in its unit; raises KeyError for a key that nobody defined."""
        return self.thresholds[key].value

    def document(self, id: str) -> Document:
        """Return a document; raises KeyError."""
        return {document.id: document for document in self.documents}[id]


def plain(value: Any) -> Any:
    """A pack's dataclasses as JSON-ready values: dates and decimals become text, geometries GeoJSON.

    >>> plain({"due": dt.date(2020, 9, 30), "limit": Decimal("2.50")})
    {'due': '2020-09-30', 'limit': '2.50'}
    """
    if isinstance(value, (Polygon, MultiPolygon)):
        return dict(mapping(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, (dt.date, Decimal, Path)):
        return str(value)
    return value
