"""Supervision: what share of planted acts the rules find, what share of what they find is one, and how fast.

Two truths. The synthetic city (200 plants, 30 days, LANTIAN_BENCH_PLANTS for fewer): every kind of act that its people
commit. And a year of real 15-minute electricity of a steel works (where it is there): orders planted into it, obeyed, half
obeyed and ignored. The rules' numbers were chosen on seed 7; seed 2026 was held out.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import time
from pathlib import Path

import numpy as np
import polars as pl

from lantian.sources.facts import Equipment, Line, Order, Plant
from lantian.supervision.rules.case import Finding
from lantian.supervision.rules.measure import Act, Share, alarms, factual, scores
from lantian.supervision.rules.parameters import house_parameters
from lantian.supervision.rules.replay import judge
from lantian.twin import make_city

OFFSET = dt.timedelta(hours=8)
START = dt.datetime(2020, 1, 1, tzinfo=dt.timezone(OFFSET))
SEEDS = (7, 2026)
DAYS = 30
# What the house promises; the others are reported as they are.
PROMISED = ("off_at_night", "ignored_order", "constant", "scaling")
LEAST = 0.9
POWER = Path(os.environ.get("LANTIAN_REAL_POWER", "../shared/data/power/Steel_industry_data.csv"))


def run() -> bool:
    """Print scores by kind of act and false alarms by rule; tell whether the promised kinds held on the seed of the issue."""
    plants = int(os.environ.get("LANTIAN_BENCH_PLANTS", "200"))
    held = _city(SEEDS[0], plants, must=True)
    _city(SEEDS[1], plants, must=False)
    return held & _real()


def _city(seed: int, plants: int, *, must: bool) -> bool:
    city = make_city(seed, plants, DAYS, START, minute_share=1.0)
    acts = [
        Act(one["plant"], one["subject"], one["kind"], one["start"], one["end"])
        for one in city.labels.iter_rows(named=True)
    ]
    found: list[Finding] = []
    rows, spent, failures = 0, 0.0, 0
    for plant in city.plants:
        frame = city.frame(city.start, city.end, plants=[plant.code])
        begun = time.perf_counter()
        one, failed = judge(plant, frame, city.start, city.end, parameters=house_parameters(), offset=OFFSET)
        spent += time.perf_counter() - begun
        found, rows, failures = found + one, rows + len(frame), failures + len(failed)
    print(f"seed {seed}: {plants} plants, {DAYS} days, {rows / 1e6:.0f} M rows, {len(acts)} acts")
    print(f"judged in {spent:.0f} s, {rows / spent / 1e6:.1f} M rows/s")
    print(f"{'kind':<15}{'recall':<32}{'precision':<32}{'other acts':>10}{'delay h':>9}")
    good = failures == 0
    for one in scores(found, acts):
        promised = one.kind in PROMISED
        fine = one.recall.value >= LEAST and one.precision.value >= LEAST
        good &= fine or not (must and promised)
        below = "" if fine or not promised else "  BELOW"
        print(f"{one.kind:<15}{one.recall!s:<32}{one.precision!s:<32}{one.other:>10}{one.delay:>9.1f}{below}")
    print(f"{'rule':<24}{'right':>7}{'other':>7}{'false':>7}{'false per plant and month':>27}")
    for each in alarms(found, acts, plants=plants, days=DAYS):
        note = "  (what instruments say; not judged)" if each.rule in factual() else ""
        print(f"{each.rule:<24}{each.right:>7}{each.other:>7}{each.false:>7}{each.false_rate:>27.3f}{note}")
    return good


def _real() -> bool:
    if not POWER.exists():
        print("real electricity: not here (LANTIAN_REAL_POWER names the file)")
        return True
    values = _read(POWER)
    random = np.random.default_rng(20)
    caught = {"obeyed": [0, 0], "half obeyed": [0, 0], "ignored": [0, 0]}
    for _ in range(400):
        day = int(random.integers(35, 350))
        what = list(caught)[int(random.integers(0, 3))]
        share = float(random.choice([0.3, 0.5, 0.7]))
        hit = _planted(values, day, share, {"obeyed": share, "half obeyed": (1 + share) / 2, "ignored": 1.0}[what])
        caught[what][0] += hit
        caught[what][1] += 1
    print("real electricity (steel works, 2018), limit orders of two days planted 400 times:")
    for what, (k, n) in caught.items():
        print(f"  {what:<12} alarms {Share(k, n)}")
    right, wrong = caught["ignored"][0] + caught["half obeyed"][0], caught["obeyed"][0]
    print(f"  precision    {Share(right, right + wrong)}")
    return Share(*caught["ignored"]).value >= LEAST and Share(right, right + wrong).value >= LEAST


def _read(path: Path) -> np.ndarray:
    """Return mean kW every quarter of an hour (the file has kWh)."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return np.array([float(one["Usage_kWh"]) * 4 for one in csv.DictReader(lines)])


def _planted(values: np.ndarray, day: int, share: float, done: float) -> bool:
    """Plant an order of two days; the works draws `done` of what it drew. Tell whether the rule speaks."""
    first, size = (day - 30) * 96, 33 * 96
    part = values[first : first + size].copy()
    part[30 * 96 : 32 * 96] *= done
    moments = [START + dt.timedelta(minutes=15 * i) for i in range(size)]
    frame = pl.DataFrame(
        {"source": "S.P1", "place": "S", "quantity": "P-Avg", "valid_from": moments,
         "valid_to": [one + dt.timedelta(minutes=15) for one in moments], "value": part, "flag": ""}
    ).with_columns(pl.col("valid_from", "valid_to").dt.convert_time_zone("UTC"))  # fmt: skip
    begin = START + dt.timedelta(days=30)
    order = Order("planted", "limit", begin, begin + dt.timedelta(days=2), (), share)
    plant = Plant(
        "S",
        "S",
        "steel",
        lines=(Line("S.L1", "1"),),
        equipment=(Equipment("S.P1", "1", "production", line="S.L1"),),
        orders=(order,),
    )
    found, failed = judge(
        plant,
        frame,
        begin,
        begin + dt.timedelta(days=3),
        parameters=house_parameters(),
        offset=OFFSET,
        ids=["order-limit"],
        since=START,
    )
    assert not failed, failed
    return bool(found)
