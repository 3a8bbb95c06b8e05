"""What the benchmarks share: percentiles and the line that is printed."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile (share 0..1)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def report(what: str, measured: float, limit: float, unit: str, *, more: str = "") -> bool:
    """Print one line with the ratio measured/limit; return whether the limit held."""
    ratio = measured / limit
    print(f"{what:<44} {measured:9.1f} {unit:<4} limit {limit:g} {unit:<4} ratio {ratio:5.2f} {more}", flush=True)
    return ratio <= 1
