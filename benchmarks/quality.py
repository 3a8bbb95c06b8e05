"""Quality control: what share of planted faults the rules find, what share of what they find was planted, how fast."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np

from lantian.air.quality.block import run_lengths
from lantian.air.quality.checking import check
from lantian.air.quality.tests.planting import Planted, planted

SEEDS = (20, 33, 47, 5)
LEAST_RECALL, LEAST_PRECISION = 0.6, 0.95
MOST_SECONDS_PER_MILLION = 4.0


def run() -> bool:
    """Print recall and precision by rule over some seeds, and seconds per million values; tell whether limits held."""
    hits: dict[str, Counter[str]] = {}
    values, seconds = 0, 0.0
    for seed in SEEDS:
        case = planted(seed=seed)
        start = time.perf_counter()
        found = _masks(case, check(case.block))
        seconds += time.perf_counter() - start
        values += int(case.block.there.sum())
        _count(case, found, hits)
    good = True
    print(f"{'rule':<18}{'planted':>9}{'found':>9}{'recall':>9}{'precision':>11}{'episodes':>10}")
    for flag, n in hits.items():
        recall, precision = n["both"] / n["planted"], n["true"] / n["found"]
        episodes = n["episodes found"] / n["episodes"]
        good &= recall >= LEAST_RECALL and precision >= LEAST_PRECISION
        print(f"{flag:<18}{n['planted']:>9}{n['found']:>9}{recall:>9.3f}{precision:>11.3f}{episodes:>10.3f}")
    rate = seconds / values * 1e6
    print(f"{values:,} values, {rate:.2f} s per million (limit {MOST_SECONDS_PER_MILLION})")
    return good and rate <= MOST_SECONDS_PER_MILLION


def _masks(case: Planted, findings: list) -> dict[str, np.ndarray]:
    found = {flag: np.zeros_like(mask) for flag, mask in case.faults.items()}
    for one in findings:
        if one.flag in found:
            found[one.flag][one.subject, one.pollutant, one.hour] = True
    return found


def _count(case: Planted, found: dict[str, np.ndarray], hits: dict[str, Counter[str]]) -> None:
    anything = np.logical_or.reduce(list(case.faults.values()))
    for flag, mask in case.faults.items():
        n = hits.setdefault(flag, Counter())
        n["planted"] += int(mask.sum())
        n["found"] += int(found[flag].sum())
        n["both"] += int((mask & found[flag]).sum())
        n["true"] += int((anything & found[flag]).sum())
        lengths, first = run_lengths(mask), mask.copy()
        first[..., 1:] &= ~mask[..., :-1]
        for s, p, t in zip(*np.nonzero(first), strict=True):
            n["episodes"] += 1
            n["episodes found"] += bool(found[flag][s, p, t : t + lengths[s, p, t]].any())
