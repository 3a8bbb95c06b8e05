"""Standings as plain values for JSON, and as lines for a terminal."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from typing import Any

from lantian.air.assessing.hours import rules_text
from lantian.air.targets.likelihood import Likelihood
from lantian.air.targets.model import statistics_version
from lantian.air.targets.path import Month
from lantian.air.targets.progress import Progress, Rest
from lantian.air.targets.standing import Standing
from lantian.standards.rounding import round_half_even

_PLACES = 2


def standing(one: Standing, names: Mapping[str, str], months: tuple[Month, ...] = ()) -> dict[str, Any]:
    """Return a standing as plain values; `names` by code of place."""
    target = one.target
    return {
        "id": target.id,
        "place": names.get(target.place, target.place),
        "code": target.place,
        "year": target.year,
        "statistic": target.statistic.code,
        "pollutant": target.statistic.pollutant or None,
        "unit": target.statistic.unit,
        "comparator": target.comparator,
        "target": _number(target.value),
        "nature": target.nature,
        "source": target.source,
        "clause": target.clause,
        "confidence": target.confidence,
        "origin": target.origin,
        "part_of": target.parent or None,
        "from": one.first.isoformat(),
        "as_of": one.as_of.isoformat(),
        "until": one.end.isoformat(),
        "status": one.state.status,
        "judged_by": one.judged_by,
        "raw": _progress(one.raw),
        "deducted": _progress(one.deducted),
        "rest": rest(one.state.rest),
        "likelihood": likelihood(one.likelihood),
        "regime": one.law.name,
        "law_changes": one.law_changes,
        "rule_version": rules_text()[0],
        "definitions": statistics_version(),
        "input": None
        if one.version is None
        else {
            "observations": one.version.observations,
            "flags": one.version.flags,
            "known_until": one.version.horizon and one.version.horizon.isoformat(),
        },
        "synthetic": one.synthetic,
    } | ({"months": [_month(each) for each in months]} if months else {})


def _progress(one: Progress) -> dict[str, Any]:
    to_date = one.to_date
    return {
        "value": _number(to_date.shown),
        "n": to_date.n,
        "expected": to_date.expected,
        "capture": _number(round_half_even(to_date.capture * 100, 1)),
        "distance": _number(one.distance),
        "at_this_pace": _number(one.pace),
        "status": one.status,
    }


def rest(one: Rest | None) -> dict[str, Any] | None:
    """Return what the rest may have: `exact` as a fraction, `value` rounded down where more would be too much."""
    if one is None:
        return None
    return {
        "kind": one.kind,
        "days": one.days,
        "value": _number(rest_value(one)),
        "exact": None if one.value is None else str(one.value),
        "inclusive": one.inclusive,
        "reachable": one.reachable,
        "safe": one.safe,
    }


def rest_value(one: Rest) -> Decimal | None:
    """What the rest may have, for people: days whole, a mean to 1 decimal and a part in per cent, never rounded up."""
    if one.value is None:
        return None
    if one.kind in {"mean", "share"}:
        scaled = one.value * (10 if one.kind == "mean" else 100)
        floor = scaled.numerator // scaled.denominator
        return Decimal(floor).scaleb(-1) if one.kind == "mean" else Decimal(floor)
    return Decimal(one.value.numerator)


def likelihood(one: Likelihood) -> dict[str, Any]:
    """Return an estimate with its method."""
    rules = one.rules
    return {
        "status": one.status,
        "percent": one.percent,
        "years": [
            {"year": each.year, "kept": each.kept, "final": _rounded(each.final), "n": each.n, "of": each.expected}
            for each in one.years
        ],
        "years_kept": one.kept,
        "years_judged": one.judged,
        "least_years_in_a_stretch": one.usable,
        "final": None
        if one.middle is None
        else {"p10": _rounded(one.low), "p50": _rounded(one.middle), "p90": _rounded(one.high)},
        "method": None
        if rules is None
        else {
            "version": rules.version,
            "draws": rules.draws,
            "stretch_days": rules.block_days,
            "seed": rules.seed,
            "least_years": rules.least_years,
            "least_in_stretch": rules.least_in_stretch,
        },
    }


def _month(one: Month) -> dict[str, Any]:
    return {
        "month": one.first.strftime("%Y-%m"),
        "days_done": one.done,
        "days_left": one.left,
        "n": one.n,
        "had": _fraction(one.had),
        "so_far": _fraction(one.so_far),
        "need": _fraction(one.need),
        "past": _fraction(one.past),
    }


def _fraction(value: Fraction | None) -> float | None:
    return None if value is None else float(round_half_even(value, _PLACES))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _PLACES)


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def text(one: Standing, names: Mapping[str, str], lang: str) -> str:
    """Return a standing as lines for a terminal."""
    words = _words(lang)
    target, state = one.target, one.state
    name = target.statistic.name(lang)
    lines = [
        f"{names.get(target.place, target.place)}  {target.year}  {name} {target.comparator} {_number(target.value)} "
        f"{target.statistic.unit}  [{words[state.status]}]"
    ]
    if state.to_date.shown is not None:
        raw, deducted = one.raw.to_date, one.deducted.to_date
        lines.append(
            f"  {words['to_date']} {one.as_of}: {words['raw']} {raw.shown} ({raw.n}/{raw.expected})  "
            f"{words['deducted']} {deducted.shown} ({deducted.n}/{deducted.expected})"
        )
    if state.rest is not None and state.rest.days and state.rest.value is not None:
        value = words[state.rest.kind].format(value=rest_value(state.rest))
        lines.append(f"  {words['days_left']} {state.rest.days}: {value}")
    odds = one.likelihood
    if odds.status == "ok":
        lines.append(f"  {words['likelihood']}: {words['of_draws'].format(percent=odds.percent, n=odds.judged)}")
    elif odds.status == "too_few_years" and odds.rules:
        lines.append(f"  {words['likelihood']}: {words['too_few_years'].format(least=odds.rules.least_years)}")
    return "\n".join(lines)


def _words(lang: str) -> dict[str, str]:
    data = resources.files("lantian.air").joinpath("data/words.toml").read_text(encoding="utf-8")
    return {key: word[lang] for key, word in tomllib.loads(data)["targets"].items()}
