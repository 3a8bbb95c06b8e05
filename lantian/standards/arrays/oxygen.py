"""The oxygen conversion of `lantian.standards.oxygen` on arrays of floats, for series of many hours."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lantian.standards.oxygen import Oxygen, bounds, checked_reference

Numbers = NDArray[np.float64]

# The statuses of `convert_oxygen_array` by their number.
STATUSES: Final = tuple(Oxygen)


def convert_oxygen_array(
    values: Numbers, measured: Numbers, reference: float | None, day: dt.date
) -> tuple[Numbers, NDArray[np.int8]]:
    """Convert many values as `convert_oxygen` does, in floats: (values, numbers of STATUSES); NaN is missing.

    Wherever the status has no number the value is NaN. Infinite readings are invalid.
    """
    air, guard, lowest = (float(one) for one in bounds(day))
    status = np.full(len(values), STATUSES.index(Oxygen.CONVERTED), dtype=np.int8)
    if reference is None:
        status[:] = STATUSES.index(Oxygen.AS_MEASURED)
        factor = np.ones(len(values))
    else:
        wanted = float(checked_reference(reference, *bounds(day)[1:]))
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = (air - wanted) / (air - measured)
            status[measured >= guard] = STATUSES.index(Oxygen.STOPPED)
            status[~((measured >= lowest) & (measured <= air + 1))] = STATUSES.index(Oxygen.INVALID)
        status[np.isnan(measured)] = STATUSES.index(Oxygen.MISSING)
    status[(values < 0) | np.isinf(values)] = STATUSES.index(Oxygen.INVALID)
    status[np.isnan(values)] = STATUSES.index(Oxygen.MISSING)
    good = np.isin(status, (STATUSES.index(Oxygen.CONVERTED), STATUSES.index(Oxygen.AS_MEASURED)))
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(good, values * factor, np.nan), status
