"""Small plants and their telemetry for tests of rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from lantian.sources.facts import Equipment, Limit, Line, Order, Outlet, Pair, Plant
from lantian.supervision.rules.case import Finding
from lantian.supervision.rules.parameters import Override, house_parameters
from lantian.supervision.rules.replay import judge

UTC8 = dt.timedelta(hours=8)
START = dt.datetime(2020, 1, 1, tzinfo=dt.timezone(UTC8))
DAYS = 10


def plant(**changes: object) -> Plant:
    """A plant with a kiln, its fan and pump, and a stack."""
    made = {
        "code": "E1",
        "name": "砖厂",
        "industry": "brick",
        "lines": (Line("E1.L1", "一号线"),),
        "equipment": (
            Equipment("E1.P1", "窑", "production", line="E1.L1", rated_kw=200),
            Equipment("E1.T1", "风机", "treatment", line="E1.L1", rated_kw=50),
            Equipment("E1.T2", "水泵", "treatment", line="E1.L1", rated_kw=20),
        ),
        "pairs": (Pair("E1.R1", ("E1.P1",), ("E1.T1", "E1.T2"), "all", 10, 15),),
        "outlets": (
            Outlet(
                "E1.DA001",
                "主烟囱",
                lines=("E1.L1",),
                oxygen=18.0,
                denitration="sncr",
                limits=(Limit("a21026", 100.0, clause="表 2", source="GB"), Limit("a34013", 30.0, ultra_low=True)),
            ),
        ),
    }
    return Plant(**{**made, **changes})  # type: ignore[arg-type]


def order(
    kind: str, first: float, last: float | None, share: float | None = None, subjects: tuple[str, ...] = ()
) -> Order:
    """An order from hour `first` to hour `last` after START."""
    end = None if last is None else START + dt.timedelta(hours=last)
    return Order(f"2020-{kind}", kind, START + dt.timedelta(hours=first), end, subjects, share)


def rows(
    source: str, quantity: str, values: np.ndarray, step: int, flags: Sequence[tuple[slice, str]] = ()
) -> pl.DataFrame:
    """Rows of the telemetry store; NaN: there is no row."""
    moments = [START + dt.timedelta(seconds=step * i) for i in range(len(values))]
    words = np.full(len(values), "", dtype=object)
    for part, word in flags:
        words[part] = word
    made = pl.DataFrame(
        {
            "source": source,
            "place": "E1",
            "quantity": quantity,
            "valid_from": moments,
            "valid_to": [one + dt.timedelta(seconds=step) for one in moments],
            "value": values,
            "flag": words.tolist(),
        }
    ).with_columns(pl.col("valid_from", "valid_to").dt.convert_time_zone("UTC"))
    return made.filter(~pl.col("value").is_nan())


def power(seed: int = 1, days: int = DAYS, step: int = 900) -> dict[str, np.ndarray]:
    """Power of kiln, fan and pump that run all day with noise."""
    random = np.random.default_rng(seed)
    size = days * 86400 // step
    return {
        "E1.P1": 150 + 5 * random.standard_normal(size),
        "E1.T1": 40 + random.standard_normal(size),
        "E1.T2": 15 + 0.4 * random.standard_normal(size),
    }


def meters(values: Mapping[str, np.ndarray], step: int = 900) -> pl.DataFrame:
    return pl.concat([rows(code, "P-Avg", one, step) for code, one in values.items()])


def stack(
    seed: int = 2, days: int = DAYS, step: int = 60, change: Callable[[dict[str, np.ndarray]], None] | None = None
) -> dict[str, np.ndarray]:
    """Minutes of a stack: oxygen, dust, SO2, NOx, with noise and slow waves."""
    random = np.random.default_rng(seed)
    size = days * 86400 // step
    slow = np.convolve(random.standard_normal(size + 720), np.ones(720) / 720, mode="valid")[:size] * 10

    def factor(level: float, wave: float, noise: float) -> np.ndarray:
        return level * np.exp(wave * slow + noise * random.standard_normal(size))

    made = {
        "a19001": 17.0 + 0.3 * slow + 0.05 * random.standard_normal(size),
        "a34013": factor(12, 0.1, 0.05),
        "a21026": factor(50, 0.1, 0.04),
        "a21002": factor(90, 0.1, 0.04),
    }
    if change:
        change(made)
    return made


def monitor(values: Mapping[str, np.ndarray], *, oxygen: float = 18.0, hours: bool = True) -> pl.DataFrame:
    """Minute and hour rows of a stack with converted values, as a data logger makes them."""
    parts = []
    for factor, one in values.items():
        sent = {f"{factor}-Avg": one}
        if factor.startswith("a2") or factor == "a34013":
            sent[f"{factor}-ZsAvg"] = one * (21 - oxygen) / (21 - values["a19001"])
        for quantity, series in sent.items():
            parts.append(rows("E1.DA001", quantity, series, 60))
            if hours:
                parts.append(rows("E1.DA001", quantity, np.nanmean(series.reshape(-1, 60), axis=1), 3600))
    return pl.concat(parts)


def found(
    frame: pl.DataFrame, rule: str, of: Plant | None = None, *, days: int = DAYS, overrides: tuple[Override, ...] = ()
) -> list[Finding]:
    """Judge the plant by one rule over the whole time; a rule that fails is an error."""
    findings, failures = judge(
        of or plant(),
        frame,
        START,
        START + dt.timedelta(days=days),
        parameters=house_parameters().with_overrides(overrides),
        offset=UTC8,
        ids=[rule],
    )
    assert not failures, failures
    return findings


def hours(one: Finding) -> tuple[float, float]:
    """First and last hour of a finding, after START."""
    return (one.start - START).total_seconds() / 3600, (one.end - START).total_seconds() / 3600
