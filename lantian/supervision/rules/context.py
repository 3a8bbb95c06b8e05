"""What a stack's values must be seen with: whether its lines produce, at which load, with which treatment."""

from __future__ import annotations

import numpy as np

from lantian.sources.facts import BOTH, PRODUCTION, TREATMENT, Outlet
from lantian.supervision.rules.case import Case
from lantian.supervision.rules.levels import states
from lantian.supervision.rules.series import Floats, Mask, Series


def _codes(case: Case, outlet: Outlet, *roles: str) -> dict[str, object]:
    return {
        one.code: one
        for one in case.plant.equipment
        if one.role in roles and (not outlet.lines or one.line in outlet.lines)
    }


def producing(case: Case, outlet: Outlet, like: Series) -> tuple[Mask, Mask]:
    """Return (known, running) of the outlet's production on the steps of `like` (False, False without meters)."""
    machines = {one.code: one for one in case.plant.equipment if one.code in _codes(case, outlet, PRODUCTION, BOTH)}
    found = case.telemetry.together(machines)
    known, running = np.zeros(len(like), dtype=bool), np.zeros(len(like), dtype=bool)
    for one in states(machines, found, case.settings).values():
        known |= on_steps(one.known, one.series, like)
        running |= on_steps(one.running, one.series, like)
    return known, running


def power(case: Case, outlet: Outlet, like: Series, role: str) -> Floats | None:
    """Return the summed power of the outlet's production or treatment on the steps of `like`, None without meters."""
    roles = (PRODUCTION, BOTH) if role == PRODUCTION else (TREATMENT,)
    found = case.telemetry.together(_codes(case, outlet, *roles))
    if not found:
        return None
    total = np.zeros(len(like))
    for series in found.values():
        if like.step % series.step == 0 and like.start % like.step == 0 and series.start == like.start:
            part = series.coarser(like.step).values
            total = total[: len(part)] + part[: len(total)]
        else:
            total = total + _spread(series.values, series, like)
    return total if len(total) == len(like) else np.pad(total, (0, len(like) - len(total)), constant_values=np.nan)


def _index(series: Series, like: Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray((like.start + like.step * np.arange(len(like)) - series.start) // series.step, dtype=np.int64)


def _spread(values: Floats, series: Series, like: Series) -> Floats:
    at = _index(series, like)
    inside = (at >= 0) & (at < len(values))
    return np.where(inside, values[np.clip(at, 0, len(values) - 1)], np.nan)


def on_steps(mask: Mask, series: Series, like: Series) -> Mask:
    """Carry a mask over to the steps of another series: finer steps take the state of the step that holds them, coarser
    ones hold where it held for more than half of the step."""
    if like.step <= series.step:
        at = _index(series, like)
        inside = (at >= 0) & (at < len(mask))
        return np.asarray(inside & mask[np.clip(at, 0, len(mask) - 1)])
    many = like.step // series.step
    size = len(mask) // many * many
    held = mask[:size].reshape(-1, many).mean(axis=1) > 0.5
    return np.asarray(np.pad(held, (0, max(0, len(like) - len(held))))[: len(like)])
