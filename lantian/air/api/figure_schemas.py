"""What the HTTP API says and takes about figures of the air."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from lantian.kit.api import Day, Reason, Word

Dust = Literal["raw", "deducted"]
Basis = Literal["auto", "release", "stations"]
_FIRST = Field(description="first day", examples=["2020-05-01"])
_LAST = Field(description="last day, included", examples=["2020-05-31"])
_PLACE = Field(description="name or code of a place or station", examples=["临水市"])


class Taken(Schema):
    """Which values are taken and how."""

    regime: Word | None = Field(
        None, description="assess under this law instead of the days' own", examples=["2012", "2026-transition"]
    )
    basis: Basis = Field("auto", description="the place's own series, or values made of its stations")
    series: Word | None = Field(None, description="only values of this series", examples=["cnemc-city"])
    dust: Dust = Field("raw", description="with or without the hours of the list of dust; both are told")
    as_known_on: datetime | None = Field(None, description="with what was known at this moment (with a time zone)")


class PlaceFilter(Schema):
    kind: Literal["city", "area", "station"] | None = Field(None, description="only these")


class PeriodAsked(Taken):
    place: Word = _PLACE
    first: Day = _FIRST
    last: Day = _LAST
    grade: Literal["I", "II"] = Field("II", description="limits of which grade")


class SeriesAsked(Taken):
    place: Word = _PLACE
    first: Day = _FIRST
    last: Day = _LAST
    step: Literal["hour", "day"] = Field("hour", description="hours, or daily values (ozone: highest mean of 8 hours)")


class RankingAsked(Taken):
    scope: Word = Field(description="which places", examples=["linshui-counties"])
    period: Word | None = Field(None, description="2020-05, 2020Q2, 2020H1 or 2020", examples=["2020-05"])
    first: Day | None = Field(None, description="first day of any other period", examples=["2020-05-01"])
    last: Day | None = Field(None, description="its last day", examples=["2020-06-15"])
    by: Literal["index", "change"] = Field("index", description="order: the index, or its change")
    change: bool = Field(False, description="with rank and index of the same period a year before")


class ComparisonAsked(PeriodAsked):
    years: int = Field(1, ge=1, le=30, description="how many years back")


class RegimesAsked(PeriodAsked):
    regimes: list[Word] = Field([], description="names of the laws; none: all of them", max_length=10)


class DustAsked(Schema):
    first: Day = _FIRST
    last: Day = _LAST


class DustIn(Schema):
    """Hours to be listed: of a place, from the beginning of `begin` to before `end`."""

    place: Word = _PLACE
    begin: datetime = Field(description="full hour, with a time zone", examples=["2020-05-12T11:00:00+08:00"])
    end: datetime = Field(description="full hour, with a time zone", examples=["2020-05-13T02:00:00+08:00"])
    document: Reason
    key: Word | None = Field(None, description="the same key again does nothing", examples=["list-2020-05-1"])


class SubjectOut(Schema):
    """A place or station that there are values of."""

    name: str = Field(examples=["临水"])
    code: str = Field(description="of the pack's place or of the station; empty where not known", examples=["990001"])
    kind: str = Field(description="city, area or station", examples=["city"])
    label: str = Field(description="name in the caller's language", examples=["临水市"])
    series: str = Field(description="the series that is preferred", examples=["cnemc-city"])
    basis: str = Field(description="release or stations", examples=["release"])
    synthetic: bool = Field(description="invented, for demonstrations")
    first: datetime = Field(description="beginning of the first hour or day")
    last: datetime = Field(description="beginning of the last hour or day")


class ScopeOut(Schema):
    """Places that are ranked together."""

    id: str = Field(examples=["linshui-counties"])
    name: str = Field(examples=["临水市3个县（市、区）"])
    places: list[str] = Field(examples=[["甲县", "乙县", "丙区"]])
    source: str
    confidence: str = Field(examples=["V"])


class PointOut(Schema):
    """The values of one hour or day; null where there is none that is valid."""

    time: str = Field(
        description="day, or beginning of the hour on the local clock", examples=["2020-05-01T00:00:00+08:00"]
    )
    values: dict[str, float | None] = Field(examples=[{"SO2": 12.0, "PM2.5": 35.0}])
    stations: dict[str, int] | None = Field(None, description="of how many stations each value is the mean")


class SeriesOut(Schema):
    """Values in the order of time, a page of them."""

    place: str
    step: str
    units: dict[str, str] = Field(examples=[{"SO2": "µg/m3", "CO": "mg/m3"}])
    values: dict[str, Any] | None = Field(description="what they were taken from: series, basis, stations")
    synthetic: bool
    dust: Dust
    rule_version: str
    input: dict[str, Any] = Field(description="the snapshot of the store")
    count: int = Field(description="how many hours or days the period has")
    n: dict[str, int] = Field(description="how many of them have a valid value, by pollutant")
    items: list[PointOut]


class RankRow(Schema):
    """A place in the ranking."""

    rank: int | None = Field(examples=[1])
    place: str = Field(examples=["甲县"])
    code: str = Field(examples=["990002"])
    composite_index: float = Field(examples=[4.19])
    means: dict[str, float | None] = Field(
        description="the six figures of the index", examples=[{"PM2.5": 33, "O3": 180}]
    )
    main: list[str] = Field(examples=[["O3"]])
    n: dict[str, int] = Field(description="valid days")
    expected: int = Field(examples=[31])
    capture: dict[str, float] = Field(description="hours measured, in per cent")
    short: list[str] = Field(description="pollutants with a month that has too few valid days")
    regime: str
    values: dict[str, Any]
    synthetic: bool
    dust: dict[str, Any] = Field(description="hours of the list; the index raw and with dust left out")
    before: dict[str, Any] | None = Field(None, description="a year before: rank, composite_index, n")
    change_percent: float | None = Field(None, description="change of the index; above 0 is worse", examples=[-7.1])
    change_rank: int | None = Field(None, description="best improvement first", examples=[9])


class LackingOut(Schema):
    """A place of the scope that is not ranked."""

    place: str
    reason: str = Field(description="no-data, no-origin, no-days, missing, no-before", examples=["missing"])
    reason_text: str
    items: list[str] = Field(description="the pollutants without a figure")


class RankingOut(Schema):
    """A ranking, best first, and those that could not be ranked."""

    scope: str
    first: date
    last: date
    period: str = Field(description="month, quarter, half-year, year or other")
    by: str
    dust: Dust
    regime: str
    rule_version: str
    input: dict[str, Any]
    synthetic: bool
    expected: int
    converted: list[str] = Field(description="brought to one reference state for the comparison with the year before")
    unconverted: list[str] = Field(description="could not be brought to it")
    lacking: list[LackingOut]
    items: list[RankRow]


class DustOut(Schema):
    """Hours in a row that are left out when dust is deducted."""

    place: str
    begin: datetime
    end: datetime
    hours: int
    document: str
    by: str
    at: datetime


class ProposalOut(Schema):
    """Hours that look like dust by the rule; the official list decides."""

    place: str
    begin: datetime
    end: datetime
    hours: int
    highest_pm10: int
    mean_before: int | None
    listed_hours: int


class DustWritten(Schema):
    """What was done: flags set (or taken back), those that were so already, daily values that could not be split."""

    place: str
    values: int
    already: int
    days_kept: int
