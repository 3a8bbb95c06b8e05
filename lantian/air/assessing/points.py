"""Hours or days of one place as plain points in the order of time: what is downloaded and asked for page by page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.assess import DEDUCTED
from lantian.air.assessing.hours import DECIMALS, HOURS
from lantian.air.assessing.periods import Period
from lantian.air.assessing.ranks import Options
from lantian.air.assessing.series import HOUR
from lantian.air.assessing.shelf import Shelf
from lantian.air.assessing.subjects import STATIONS, Origin, Subject
from lantian.observations.model import InputVersion
from lantian.standards.arrays import MISSING
from lantian.standards.regimes import Regime, regime_at

# Daily means are not rounded by us: so many decimals show them finer than any instrument.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Points:
    """`values[pollutant, point]` as floats, NaN for none; `stations` likewise, None for a series of its own."""

    subject: Subject
    origin: Origin
    codes: tuple[str, ...]
    step: str
    start: dt.datetime
    values: NDArray[np.float64]
    stations: NDArray[np.int64] | None
    version: InputVersion

    @property
    def count(self) -> int:
        return int(self.values.shape[1])

    @property
    def n(self) -> dict[str, int]:
        """How many points have a value, by pollutant."""
        return {code: int((~np.isnan(self.values[at])).sum()) for at, code in enumerate(self.codes)}

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Return points from the one numbered `offset`: time, values, of how many stations."""
        return [self._point(n) for n in range(offset, min(offset + limit, self.count))]

    def _point(self, n: int) -> dict[str, Any]:
        time = self.start + n * (dt.timedelta(hours=1) if self.step == HOUR else dt.timedelta(days=1))
        values = {
            code: None if np.isnan(self.values[at, n]) else float(self.values[at, n])
            for at, code in enumerate(self.codes)
        }
        counts = None
        if self.stations is not None:
            counts = {code: int(self.stations[at, n]) for at, code in enumerate(self.codes)}
        text = time.isoformat() if self.step == HOUR else time.date().isoformat()
        return {"time": text, "values": values, "stations": counts}


def points_of(
    shelf: Shelf, subject: Subject, period: Period, *, step: str, law: Regime | None, dust: str, options: Options
) -> Points:
    """Return the hours or days of a place; daily values only where they are valid by `law`. Raises NoOriginError."""
    measured = shelf.measure(
        [subject], period.first, period.last,
        basis=options.basis, series=options.series, as_known_on=options.as_known_on,
    )  # fmt: skip
    deducted, origin = dust == DEDUCTED, measured.origins[0]
    start = dt.datetime.combine(period.first, dt.time(), dt.timezone(shelf.offset))
    if step == HOUR:
        hours = measured.hours(law or regime_at(period.last), deducted=deducted)
        raw = hours.values[0].reshape(len(hours.pollutants), period.days * HOURS)
        values = np.where(raw == MISSING, np.nan, raw / 10**DECIMALS)
        counts = None if hours.stations is None else hours.stations[0].reshape(raw.shape).astype(np.int64)
        codes = hours.pollutants
    else:
        days = measured.days(law or regime_at(period.last), deducted=deducted)
        codes = tuple(days.daily)
        values = np.stack(
            [np.where(one.valid[0], np.round(one.value.floats()[0], _SHOWN), np.nan) for one in days.daily.values()]
        )
        counts = np.stack([days.stations[code][0] for code in codes]).astype(np.int64) if days.stations else None
    counts = counts if origin.basis == STATIONS else None
    return Points(subject, origin, codes, step, start, values, counts, measured.version)
