"""Invented hours into the observation store: month by month, as one stream that goes on where it stopped.

Beside the store, `synthetic/plan.json` remembers what was asked for and `synthetic/faults.csv` where faults were planted.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.air.reading.importing import store_in
from lantian.air.synthetic.faults import CALIBRATION, Label, months, planned, spoil
from lantian.air.synthetic.sites import heating, sites
from lantian.air.synthetic.sky import Sky, sky
from lantian.air.synthetic.values import POLLUTANTS, STEPS_PER_UNIT, Site, concentrations
from lantian.observations.model import Batch
from lantian.observations.schema import OBSERVATIONS
from lantian.observations.store import Store
from lantian.standards.pollutants import pollutant

VERSION = 3  # of the numbers: another one may not be mixed with it in one store
FOLDER, PLAN, FAULTS = "synthetic", "plan.json", "faults.csv"
ORIGIN = "synthetic"
_HOUR = dt.timedelta(hours=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class OtherPlanError(ValueError):
    """The data folder already holds invented data that were made otherwise."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a data folder's invented data are: all that the numbers depend on. `start` is a local day."""

    pack: str
    seed: int
    start: str
    version: int = VERSION

    @property
    def batch(self) -> str:
        return f"{ORIGIN}:{self.pack}:{self.seed}:{self.start}:v{self.version}"


@dataclass(frozen=True, slots=True)
class Written:
    """What was added: values, sources, the first and the last hour (beginning, aware; None when there was nothing new)."""

    values: int
    sources: int
    first: dt.datetime | None
    last: dt.datetime | None


def plan_of(data: Path) -> Plan | None:
    """Return what invented data a folder holds, None for none."""
    file = data / FOLDER / PLAN
    return Plan(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def synthesize(data: Path, pack: Path, *, start: dt.date, until: dt.datetime, seed: int, actor: str = "") -> Written:
    """Write the invented hours of a pack's folder from a local day on that are over at `until` (aware) and not there yet.

    Raises OtherPlanError when the folder holds data of another seed, start or pack; NoSitesError for a pack that has
    nothing to invent for, PackError; StoreError when the store cannot be written.
    """
    plan = Plan(pack.resolve().name, seed, start.isoformat())
    there = plan_of(data)
    if there not in (None, plan):
        raise OtherPlanError(
            f"{data} holds invented data of {there}: go on with the same pack, seed and first day, or take an empty folder"
        )
    _remember(data, PLAN, json.dumps(asdict(plan), indent=1))
    made = _Maker(plan, pack, store_in(data), actor)
    found = made.write(until)
    _remember(data, FAULTS, _as_csv(made.labels(until)))
    return found


def _remember(data: Path, name: str, text: str) -> None:
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{name}.draft"
    draft.write_text(text, encoding="utf-8")
    draft.replace(folder / name)


class _Maker:
    """One plan's hours, from its first one to any moment."""

    def __init__(self, plan: Plan, pack: Path, store: Store, actor: str) -> None:
        self._plan, self._store, self._actor = plan, store, actor
        self._sites, self._heated = sites(pack, plan.seed), heating(pack)
        self._offset = int(store.offset // _HOUR)
        start = dt.datetime.fromisoformat(plan.start).replace(tzinfo=dt.timezone(store.offset))
        self._start = (start - _EPOCH) // _HOUR

    def write(self, until: dt.datetime) -> Written:
        last = (until - _EPOCH) // _HOUR - 1
        first, values = None, 0
        with self._store.writer("invented data") as writer:
            begin = self._next()
            for low, high in months(begin, last, self._offset) if begin <= last else ():
                rows = self._rows(low, high, max(low, begin), min(high - 1, last))
                receipt = writer.append(self._batch(min(high - 1, last)), rows)
                first, values = first or max(low, begin), values + receipt.rows
        if first is None:
            return Written(0, len(self._sites), None, None)
        return Written(values, len(self._sites), _EPOCH + first * _HOUR, _EPOCH + last * _HOUR)

    def _next(self) -> int:
        """The first hour that is not in the store: the stream's number is the last one that is."""
        written = self._store.log(OBSERVATIONS).sequence(f"stream:{self._plan.batch}")
        return self._start if written is None else written + 1

    def _batch(self, last: int) -> Batch:
        """As if learned when the last hour was over, where that is past: so "as known on a day" has something to say."""
        known = _EPOCH + (last + 1) * _HOUR
        return Batch(
            self._plan.batch,
            sequence=last,
            known_at=min(known, self._store.clock()),
            actor=self._actor,
            reason="invented data for a demonstration",
            origin=ORIGIN,
        )

    def _sky(self, low: int, high: int) -> Sky:
        return sky(self._plan.seed, low, high - low, offset=self._offset, heated=self._heated)

    def _rows(self, low: int, high: int, first: int, last: int) -> pl.DataFrame:
        """The hours `first` to `last` of the month `low` to `high` - 1, which is always made whole: faults are planned in it."""
        above = self._sky(low, high)
        return pl.concat(self._site_rows(one, above, low, high, first, last) for one in self._sites)

    def _site_rows(self, site: Site, above: Sky, low: int, high: int, first: int, last: int) -> pl.DataFrame:
        steps = concentrations(site, above, self._plan.seed)
        there = np.ones(steps.shape, dtype=bool)
        marked = np.zeros(steps.shape, dtype=bool)
        for label in planned(self._plan.seed, site, low, high):
            spoil(steps, there, low, label, self._plan.seed)
            if label.flagged:
                marked[POLLUTANTS.index(label.quantity), label.first - low : label.last - low + 1] = True
        cut = slice(first - low, last - low + 1)
        return _long(site, first, steps[:, cut], there[:, cut], marked[:, cut])

    def labels(self, until: dt.datetime) -> Iterator[Label]:
        """The faults that are in the store, those at the end cut where the data end."""
        last = (until - _EPOCH) // _HOUR - 1
        for low, high in months(self._start, last, self._offset):
            for site in self._sites:
                for one in planned(self._plan.seed, site, low, high):
                    if one.last >= self._start and one.first <= last:
                        yield Label(
                            **(asdict(one) | {"first": max(one.first, self._start), "last": min(one.last, last)})
                        )


def _long(
    site: Site, first: int, steps: NDArray[np.int64], there: NDArray[np.bool_], marked: NDArray[np.bool_]
) -> pl.DataFrame:
    """A row for each value, as the store wants it."""
    quantity, hour = np.nonzero(there)
    per_unit = np.array([STEPS_PER_UNIT.get(code, 1) for code in POLLUTANTS])
    units = pl.Series([pollutant(code).unit for code in POLLUTANTS])
    begin = (first + hour) * 3_600_000_000
    frame = pl.DataFrame(
        {
            "quantity": pl.Series(POLLUTANTS).gather(quantity),
            "valid_from": pl.Series(begin).cast(pl.Datetime("us", "UTC")),
            "valid_to": pl.Series(begin + 3_600_000_000).cast(pl.Datetime("us", "UTC")),
            "value": steps[quantity, hour] / per_unit[quantity],
            "unit": units.gather(quantity),
            "flag": pl.Series(np.where(marked[quantity, hour], CALIBRATION, "")),
        }
    )
    return frame.with_columns(pl.lit(site.source).alias("source"), pl.lit(site.place).alias("place"))


def _as_csv(labels: Iterable[Label]) -> str:
    """Hours by their beginning in UTC, first and last included."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(("source", "quantity", "kind", "first", "last", "flagged"))
    for one in labels:
        first, last = (f"{_EPOCH + hour * _HOUR:%Y-%m-%dT%H:%M:%SZ}" for hour in (one.first, one.last))
        out.writerow((one.source, one.quantity, one.kind, first, last, int(one.flagged)))
    return text.getvalue()


def read_labels(data: Path) -> tuple[Label, ...]:
    """Return the planted faults of a data folder; raises FileNotFoundError where no data were invented."""
    with (data / FOLDER / FAULTS).open(encoding="utf-8", newline="") as stream:
        return tuple(
            Label(row["source"], row["quantity"], row["kind"], _hour(row["first"]), _hour(row["last"]), row["flagged"] == "1")
            for row in csv.DictReader(stream)
        )  # fmt: skip


def _hour(text: str) -> int:
    return (dt.datetime.fromisoformat(text) - _EPOCH) // _HOUR
