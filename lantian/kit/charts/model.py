"""A chart as data: what is drawn, not how. Pure; a chart that cannot be drawn is refused when it is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

Kind = Literal["lines", "bars", "heat", "calendar", "map", "box"]
KINDS: tuple[Kind, ...] = ("lines", "bars", "heat", "calendar", "map", "box")
SERIES_KINDS = ("", "line", "bar", "area", "points")
SIZES = ("", "low", "tall")
BOX = 5
OPEN = 1_000_000  # a step that ends here or above has no upper end
Number = int | float | Decimal | Fraction
_ID = re.compile(r"[a-z][a-z0-9-]*\Z")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class ChartError(ValueError):
    """A chart that cannot be drawn: says which chart and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Series:
    """A row of values, one for each x; None is a gap, never 0.

    `kind`: line | bar | area | points; without it what the chart is. `stack`: series of the same name stand on each other.
    `axis`: 0 left, 1 right. `texts`: words beside each value (name of a level, primary pollutant). `n`: how many
    measurements stand behind each value. `decimals`: how many are written (without it the value as it is). In a box
    chart a value is (low, lower quartile, median, upper quartile, high). `colour`: #RRGGBB, without it one is chosen.
    """

    name: str
    values: Sequence[Any]
    unit: str = ""
    kind: str = ""
    colour: str = ""
    stack: str = ""
    axis: int = 0
    texts: Sequence[str] = ()
    n: Sequence[int | None] = ()
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A level line across the chart: a limit, a target."""

    label: str
    value: Number
    axis: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of x, both ends included and written as they stand in x: a dust episode, a gap, the heating season."""

    first: str
    last: str
    label: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a colour scale: values from `low` to `high`, both included; the label stands wherever the colour does."""

    low: Number
    high: Number
    label: str
    colour: str

    @property
    def words(self) -> str:
        """Name and range, as the key of the colours shows them."""
        return f"{self.label} ≥ {self.low}" if self.high >= OPEN else f"{self.label} {self.low}–{self.high}"


@dataclass(frozen=True, slots=True)
class Point:
    """A point on a map, in the datum of the map's geometry; `text` says what the value means."""

    name: str
    lon: float
    lat: float
    value: Number | None = None
    text: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    lines, bars: `x` are labels, each series has a value for each. `horizontal`: bars lie (long names).
    heat: a series is a row of cells. calendar: `x` are ISO days, the first series is drawn. map: `x` are names of areas as
    in `geometry` (GeoJSON FeatureCollection, property `name`), the first series colours them. box: see Series.
    `steps` colour heat, calendar, map, and bars of a single series; without steps heat and calendar shade from low to high.
    `columns`, `rows`: the data table, where it should show something else than the series. `links`: an address for each x.
    `note`: rule version, n, capture. `synthetic`: marked on the chart, its picture and its files.
    """

    id: str
    title: str
    kind: Kind
    x: Sequence[str]
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    bands: tuple[Band, ...] = ()
    note: str = ""
    synthetic: bool = False
    columns: Sequence[str] | None = None
    rows: Sequence[Sequence[Any]] | None = None
    x_name: str = ""
    steps: tuple[Step, ...] = ()
    geometry: Mapping[str, Any] | None = None
    points: tuple[Point, ...] = ()
    links: Sequence[str] = ()
    horizontal: bool = False
    size: str = ""

    def __post_init__(self) -> None:
        for wrong in self._faults():
            raise ChartError(f"chart {self.id!r}: {wrong}")

    def _faults(self) -> list[str]:
        found = [
            (not _ID.match(self.id), "an id is made of small letters, digits and hyphens"),
            (self.kind not in KINDS, f"there is no kind {self.kind!r}; there are: {', '.join(KINDS)}"),
            (self.size not in SIZES, f"there is no size {self.size!r}; there are: low, tall"),
            ((self.columns is None) != (self.rows is None), "a table of its own needs columns and rows"),
            (self.kind == "map" and self.geometry is None, "a map needs a geometry"),
            (bool(self.links) and len(self.links) != len(self.x), f"{len(self.links)} links for {len(self.x)} x"),
            (self.kind in ("calendar", "map") and not self.series, f"a {self.kind} needs a series"),
        ]
        found += [(True, wrong) for one in self.series for wrong in _faults_of(one, len(self.x))]
        found += [(not _COLOUR.match(step.colour), f"{step.colour!r} is no colour #RRGGBB") for step in self.steps]
        if self.kind == "calendar":
            found += [(not _DAY.match(day), f"{day!r} is no ISO day") for day in self.x]
        if self.bands:
            there = set(self.x)
            ends = [end for band in self.bands for end in (band.first, band.last)]
            found += [(end not in there, f"a band ends at {end!r}, which is not in x") for end in ends]
        return [text for wrong, text in found if wrong]


def _faults_of(one: Series, length: int) -> list[str]:
    found = [
        (len(one.values) != length, f"series {one.name!r} has {len(one.values)} values for {length} x"),
        (one.kind not in SERIES_KINDS, f"series {one.name!r}: there is no kind {one.kind!r}"),
        (
            bool(one.colour) and not _COLOUR.match(one.colour),
            f"series {one.name!r}: {one.colour!r} is no colour #RRGGBB",
        ),
        (one.axis not in (0, 1), f"series {one.name!r}: axis is 0 (left) or 1 (right)"),
    ]
    beside = [("texts", one.texts), ("n", one.n)]
    found += [(bool(row) and len(row) != length, f"series {one.name!r}: {len(row)} {name}") for name, row in beside]
    return [text for wrong, text in found if wrong]
