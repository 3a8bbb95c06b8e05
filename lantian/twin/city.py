"""The synthetic city: plants, what their instruments have, and the truth about them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from lantian.sources import facts
from lantian.twin.activity import works
from lantian.twin.design import Allotment, Design, build
from lantian.twin.frames import COLUMNS, HOUR, MINUTE, QUARTER, SCHEMA, TEN, rows
from lantian.twin.meddling import Label, labels
from lantian.twin.noise import DAY
from lantian.twin.orders import FOREVER, Demand, demands
from lantian.twin.places import Area
from lantian.twin.running import PlantRun, emitting, run
from lantian.twin.sky import Station, background, factors, measured, plume, share_of, stations, weather

LABELS: dict[str, Any] = {"plant": pl.String, "subject": pl.String, "kind": pl.String, "start": pl.Datetime("us", "UTC"),
          "end": pl.Datetime("us", "UTC"), "hard": pl.Boolean, "quantities": pl.List(pl.String), "mode": pl.String,
          "order": pl.String}  # fmt: skip
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
STEPS = (MINUTE, TEN, QUARTER, HOUR)


@dataclass(frozen=True)
class City:
    """A synthetic city from `start` for `days` days. Series beyond that can be asked for: they go on for ever."""

    seed: int
    start: dt.datetime
    days: int
    designs: tuple[Design, ...]
    offset: dt.timedelta
    areas: tuple[Area, ...] = ()
    prefix: str = "T"

    @property
    def end(self) -> dt.datetime:
        return self.start + dt.timedelta(days=self.days)

    @cached_property
    def plants(self) -> tuple[facts.Plant, ...]:
        """The register, with the orders that touch the city's days."""
        return tuple(self._plant(one) for one in self.designs)

    def _plant(self, one: Design) -> facts.Plant:
        found = demands(one, self.minute(self.start) - 3 * DAY, self.minute(self.end))
        orders = tuple(self._order(one, each) for each in found)
        closed = orders[0].start.date() if one.closed else None
        return dataclasses.replace(one.plant, orders=orders, closed_since=closed)

    def _order(self, design: Design, one: Demand) -> facts.Order:
        start = max(one.start, self.minute(self.start) - 365 * DAY)
        return facts.Order(
            one.id, one.kind, self.moment(start), None if one.end == FOREVER else self.moment(one.end),
            tuple(f"{design.code}.L{line + 1}" for line in one.lines), one.share or None,
        )  # fmt: skip

    def minute(self, moment: dt.datetime) -> int:
        """Return the minute of the city's clock, counted from 1970; raises ValueError for a moment without a zone."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
        return int((moment + self.offset - _EPOCH).total_seconds() // 60)

    def moment(self, minute: int) -> dt.datetime:
        """Return a minute of the city's clock as a moment in UTC."""
        return _EPOCH - self.offset + dt.timedelta(minutes=minute)

    def runs(self, start: dt.datetime, end: dt.datetime, plants: Sequence[str] = ()) -> Iterator[PlantRun]:
        """Yield what the instruments of each plant have (all plants, or those of the codes given)."""
        low, high = self.minute(start), self.minute(end)
        if low % HOUR or high % HOUR or low >= high:
            raise ValueError(f"{start} to {end}: whole hours are wanted")
        for one in self.designs:
            if not plants or one.code in plants:
                yield run(one, low, high)

    def frames(
        self, start: dt.datetime, end: dt.datetime, *, plants: Sequence[str] = (), steps: Sequence[int] = STEPS
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of one plant after the other; see `frame`. Takes little memory."""
        for one in self.runs(start, end, plants):
            yield rows(one, steps, self.offset)

    def frame(
        self, start: dt.datetime, end: dt.datetime, *, plants: Sequence[str] = (), steps: Sequence[int] = STEPS
    ) -> pl.DataFrame:
        """Return telemetry as the store gives it (columns source, place, quantity, valid_from, valid_to, value, flag,
        known_at). `start`, `end`: aware, whole hours of the city's clock; `steps` in minutes: 15 electricity,
        10 and 60 means of stacks; plants that report every minute have 1 instead of 15 and 10.
        """
        found = list(self.frames(start, end, plants=plants, steps=steps))
        return pl.concat(found) if found else pl.DataFrame(schema=SCHEMA)

    # -- the air ------------------------------------------------------------------------------------------------------

    @cached_property
    def stations(self) -> tuple[Station, ...]:
        """The micro-stations: about one for four plants, three at least."""
        return stations(self.seed, max(3, len(self.designs) // 4), self.areas, self.prefix)

    def weather(self, start: dt.datetime, end: dt.datetime) -> pl.DataFrame:
        """Return the weather hour by hour: hour, wind (m/s), direction (degrees), temperature (°C), humidity (%), mixing
        (m), stability (A to F)."""
        low, high = self.minute(start), self.minute(end)
        sky = weather(self.seed, low, (high - low) // HOUR)
        return pl.DataFrame({
            "hour": self._hours(low, high), "wind": np.round(sky.wind, 2), "direction": np.round(sky.direction, 0),
            "temperature": np.round(sky.temperature, 1), "humidity": np.round(sky.humidity, 0),
            "mixing": np.round(sky.mixing, 0), "stability": np.array(list("ABCDEF"))[sky.stability],
        })  # fmt: skip

    def ambient(self, start: dt.datetime, end: dt.datetime) -> pl.DataFrame:
        """Return what the micro-stations measure hour by hour (the columns of a frame; µg/m3; quantities a21026-Avg,
        a21002-Avg, a34004-Avg): the plumes of the city's stacks as they truly emit, over a background."""
        low, high = self.minute(start), self.minute(end)
        hours = (high - low) // HOUR
        sky = weather(self.seed, low, hours)
        chimneys = [each for one in self.runs(start, end) for each in emitting(one)]
        begin = self._hours(low, high)
        found = []
        for station in self.stations:
            air = {
                factor: background(self.seed, low, hours, sky, factor)
                + share_of(factor)
                * sum((plume(one, station, sky, name) for one in chimneys if name in one.rate), np.zeros(hours))
                for factor, name in factors().items()
            }
            found += [
                pl.DataFrame({"valid_from": begin, "value": value}).with_columns(
                    source=pl.lit(station.code), place=pl.lit(station.area), quantity=pl.lit(f"{factor}-Avg")
                )
                for factor, value in measured(self.seed, station, low, air).items()
            ]
        rows_ = pl.concat(found).with_columns(
            valid_to=pl.col("valid_from") + dt.timedelta(hours=1), flag=pl.lit(""),
            known_at=pl.col("valid_from") + dt.timedelta(hours=1, seconds=30),
        )  # fmt: skip
        return rows_.select(*COLUMNS)

    def _hours(self, low: int, high: int) -> pl.Series:
        begin = self.moment(low)
        return pl.datetime_range(
            begin, self.moment(high), "1h", closed="left", time_unit="us", time_zone="UTC", eager=True
        )

    @cached_property
    def labels(self) -> pl.DataFrame:
        """The truth: plant, subject, kind, start, end, hard, quantities (names pm so2 nox), mode, order."""
        low, high = self.minute(self.start), self.minute(self.end)
        found = [one for design in self.designs if design.cheats for one in self._labels(design, low, high)]
        table = [
            (one.plant, one.subject, one.kind, self.moment(one.start), self.moment(one.end), one.hard,
             list(one.quantities), one.mode, one.order)
            for one in found
        ]  # fmt: skip
        return pl.DataFrame(table, schema=LABELS, orient="row").sort("plant", "kind", "subject", "start")

    @staticmethod
    def _labels(design: Design, low: int, high: int) -> list[Label]:
        first = low // DAY * DAY - DAY
        return labels(design, works(design, first, high + DAY // 2 - first), first, low, high)


def make_city(
    seed: int, plants: int, days: int, start: dt.datetime, *, areas: Sequence[Area] = (), cheating: float = 0.4,
    minute_share: float = 0.1, offset: dt.timedelta = dt.timedelta(hours=8), prefix: str = "T",
) -> City:  # fmt: skip
    """Make a synthetic city of so many plants from `start` (aware; a whole hour) for `days` days.

    `areas`: where plants stand (invented when empty); `cheating`: share of plants that cheat; `minute_share`: share of
    plants whose meters and analysers report every minute in frames; `offset`: the city's clock minus UTC; `prefix` of
    the plants' codes. The same arguments make the same city, byte for byte.
    """
    allotment = Allotment(cheating)
    designs = tuple(
        build(seed, index, areas, allotment, minute_share=minute_share, prefix=prefix) for index in range(plants)
    )
    return City(seed, start, days, designs, offset, tuple(areas), prefix)
