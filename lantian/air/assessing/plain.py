"""Assessments and rankings as plain values for JSON and tables: rounded once, as the law rounds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lantian.air.assessing.assess import Assessment, ItemFigures
from lantian.air.assessing.figures import Place, number
from lantian.air.assessing.hours import HOURS, rules_text
from lantian.observations.model import InputVersion
from lantian.standards.attainment import assessed, rate
from lantian.standards.composite import CompositeIndex
from lantian.standards.pollutants import pollutant
from lantian.standards.provenance import provenance, uncertain
from lantian.standards.regimes import Regime
from lantian.standards.rounding import round_half_even


def assessment(one: Assessment, version: InputVersion, *, sources: bool = False) -> dict[str, Any]:
    """Return an assessment as plain values; with `sources` every number of the law that took part."""
    law = one.law
    return {
        "place": one.place,
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "regime": law.name,
        "standards": {"limits": law.limits_set, "index": law.index_standard, "assessment": law.assessment_set},
        "rule_version": rules_text()[0],
        "input": {
            "observations": version.observations,
            "flags": version.flags,
            "known_until": version.horizon and version.horizon.isoformat(),
        },
        "dust": "not deducted",
        "days": _days(one),
        "items": {code: _item(one, code, figures) for code, figures in one.items.items()},
        "so2_class": one.class_of_so2,
        "attainment": _attainment(one),
        "composite": composite(law, one.composite),
        "uncertain": {"/".join((cited.edition, *cited.key)): cited.confidence.value for cited in uncertain(one)},
    } | ({"used": provenance(one)} if sources else {})


def _days(one: Assessment) -> dict[str, Any]:
    n = one.with_index
    return {
        "expected": one.expected,
        "n": n,
        "incomplete": one.incomplete,
        "good": one.good,
        "good_share": float(rate(one.law, one.good, n)) if n else None,
        "heavy": one.heavy,
        "levels": {str(level): count for level, count in one.levels.items()},
        "primary": dict(one.primary),
    }


def _item(one: Assessment, code: str, figures: ItemFigures) -> dict[str, Any]:
    law = one.law
    hours = one.expected * HOURS
    return {
        "unit": pollutant(code).unit,
        "mean": number(law, code, figures.mean),
        "percentile": number(law, code, figures.percentile),
        "percent": figures.percent,
        "n": figures.days,
        "expected": one.expected,
        "hours": figures.hours,
        "capture": float(rate(law, figures.hours, hours)),
        "short_months": list(figures.short),
        "year_valid": figures.year_valid,
    }


def _attainment(one: Assessment) -> dict[str, Any]:
    found = one.attainment
    return {
        "grade": one.grade,
        "attains": found.attains,
        "exceeding": list(found.exceeding),
        "whole_year": one.whole_year,
        "items": {
            code: {
                "attains": item.attains,
                "missing": list(item.missing),
                "compared": [
                    {
                        "statistic": each.statistic,
                        "value": float(each.value),
                        "limit": float(each.limit.value),
                        "attains": each.attains,
                        "multiple": None if each.multiple is None else float(each.multiple),
                    }
                    for each in item.comparisons
                ],
            }
            for code, item in found.items.items()
        },
    }


def composite(law: Regime, index: CompositeIndex | None) -> dict[str, Any] | None:
    """Return the composite index with single indices, shares in per cent, main pollutants and the formula."""
    if index is None:
        return None
    places = law.assessment_rules.for_pollutant("decimals", "rate").value
    return {
        "index": float(index.published),
        "single": {code: float(index.single(code)) for code in index.singles},
        "share": {code: float(round_half_even(100 * share, int(str(places)))) for code, share in index.shares.items()},
        "main": list(index.main),
        "formula": index.formula,
    }


def ranking(law: Regime, places: Sequence[Place], expected: int) -> list[dict[str, Any]]:
    """Return the ranked places as rows; those without an index are left out (the caller names them)."""
    return [
        {
            "rank": one.rank,
            "place": one.name,
            "composite_index": float(one.index.published),
            "means": {code: number(law, code, value) for code, value in one.figures.items()},
            "main": list(one.index.main),
            "n": dict(one.days),
            "expected": expected,
            "regime": law.name,
        }
        for one in places
        if one.index is not None
    ]


def value_text(law: Regime, code: str, figures: ItemFigures) -> tuple[str, str]:
    """Return mean and percentile as they are printed; an en dash for none."""
    both = (figures.mean, figures.percentile)
    mean, percentile = ("–" if one is None else str(assessed(law, code, one)) for one in both)
    return mean, percentile
