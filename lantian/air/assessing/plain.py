"""Assessments and rankings as plain values for JSON and tables: rounded once, as the law rounds them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lantian.air.assessing.assess import DEDUCTED, Assessment, ItemFigures
from lantian.air.assessing.both import Both
from lantian.air.assessing.compare import Change, Comparison
from lantian.air.assessing.figures import number
from lantian.air.assessing.hours import HOURS, rules_text
from lantian.air.assessing.means import PlaceMeans
from lantian.air.assessing.ranks import Ranking, Row
from lantian.air.assessing.subjects import STATIONS, Origin
from lantian.observations.model import InputVersion
from lantian.standards.attainment import assessed, assessed_decimals, rate
from lantian.standards.composite import CompositeIndex
from lantian.standards.pollutants import pollutant
from lantian.standards.provenance import provenance, uncertain
from lantian.standards.regimes import Regime
from lantian.standards.rounding import round_half_even


def assessment(found: Both, *, sources: bool = False) -> dict[str, Any]:
    """Return an assessment as plain values; with `sources` every number of the law that took part."""
    one, law = found.one, found.one.law
    return {
        "place": one.place,
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "regime": law.name,
        "standards": {"limits": law.limits_set, "index": law.index_standard, "assessment": law.assessment_set},
        "rule_version": rules_text()[0],
        "input": input_of(found.version),
        "values": origin(one.origin),
        "synthetic": one.synthetic,
        "dust": dust(found),
        "days": _days(one),
        "items": {code: _item(one, code, figures) for code, figures in one.items.items()},
        "so2_class": one.class_of_so2,
        "attainment": _attainment(one),
        "composite": composite(law, one.composite),
        "uncertain": {"/".join((cited.edition, *cited.key)): cited.confidence.value for cited in uncertain(one)},
    } | ({"used": provenance(one)} if sources else {})


def input_of(version: InputVersion) -> dict[str, Any]:
    """Return the snapshot of the store that a figure was made of."""
    return {
        "observations": version.observations,
        "flags": version.flags,
        "known_until": version.horizon and version.horizon.isoformat(),
    }


def origin(one: Origin | None) -> dict[str, Any] | None:
    """Return what values were taken from: the series, whether a release or stations, and which stations count."""
    if one is None:
        return None
    return {
        "basis": one.basis,
        "series": one.series.id,
        "step": one.series.step,
        "stations": [station.code for station in one.stations] if one.basis == STATIONS else None,
        "with_data": list(one.sources) if one.basis == STATIONS else None,
    }


def dust(found: Both) -> dict[str, Any]:
    """Return the figures with and without the dust hours of the list, whichever was asked for."""
    return {
        "basis": found.shown,
        "hours": found.dust_hours,
        "days": [day.isoformat() for day in found.dust_days],
        "raw": _sums(found.raw),
        "deducted": _sums(found.deducted),
        "good_days_without_dust": {
            "good": found.good_deducted.good,
            "n": found.good_deducted.n,
            "good_share": _share(found.raw.law, found.good_deducted.good, found.good_deducted.n),
        },
    }


def _sums(one: Assessment) -> dict[str, Any]:
    return {
        "means": {code: number(one.law, code, figures.mean) for code, figures in one.items.items()},
        "percentiles": {code: number(one.law, code, figures.percentile) for code, figures in one.items.items()},
        "composite_index": None if one.composite is None else float(one.composite.published),
        "good": one.good,
        "heavy": one.heavy,
    }


def _share(law: Regime, part: int, whole: int) -> float | None:
    return float(rate(law, part, whole)) if whole else None


def _days(one: Assessment) -> dict[str, Any]:
    n = one.with_index
    return {
        "expected": one.expected,
        "n": n,
        "incomplete": one.incomplete,
        "good": one.good,
        "good_share": _share(one.law, one.good, n),
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
        "stations": stations(one, code),
        "short_months": list(figures.short),
        "year_valid": figures.year_valid,
    }


def stations(one: Assessment, code: str) -> dict[str, Any] | None:
    """Return of how many stations the daily values of an item are made; None for a series of its own."""
    count = one.stations.get(code)
    if count is None or one.origin is None:
        return None
    days = one.items[code].days
    return {
        "expected": len(one.origin.stations),
        "fewest": count.fewest,
        "most": count.most,
        "capture": _share(one.law, count.total, days * len(one.origin.stations)),
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


def ranking(found: Ranking) -> list[dict[str, Any]]:
    """Return the ranked places as rows; those that are not ranked are left out (`lacking` names them)."""
    return [_row(found, row) for row in found.rows]


def _row(found: Ranking, row: Row) -> dict[str, Any]:
    law, one = found.law, row.now
    assert one.index is not None
    other = None if row.other is None else float(row.other.published)
    own = float(one.index.published)
    raw, deducted = (other, own) if found.dust == DEDUCTED else (own, other)
    plain = {
        "rank": one.rank,
        "place": one.name,
        "composite_index": own,
        "means": {code: number(law, code, value) for code, value in one.figures.items()},
        "main": list(one.index.main),
        "n": dict(one.days),
        "expected": found.expected,
        "capture": {code: float(rate(law, n, found.expected * HOURS)) for code, n in one.hours.items()},
        "short": list(one.short),
        "regime": law.name,
        "code": row.subject.code,
        "values": {"basis": row.origin.basis, "series": row.origin.series.id},
        "synthetic": row.origin.synthetic,
        "dust": {"basis": found.dust, "hours": row.dust_hours, "raw": raw, "deducted": deducted},
    }
    if found.before is None:
        return plain
    then = row.before
    return plain | {
        "before": {
            "from": found.before.first.isoformat(),
            "to": found.before.last.isoformat(),
            "rank": then and then.rank,
            "composite_index": None if then is None or then.index is None else float(then.index.published),
            "n": dict(then.days) if then else {},
            "same_series": row.same_origin,
        },
        "change_percent": percent(law, row.change),
        "change_rank": row.change_rank,
    }


def lacking(found: Ranking) -> list[dict[str, Any]]:
    """Return the places that are not ranked, and why."""
    return [{"place": one.name, "reason": one.reason, "items": list(one.items)} for one in found.reasons]


def ranking_head(found: Ranking) -> dict[str, Any]:
    """Return what holds for all rows of a ranking."""
    return {
        "scope": found.scope.id,
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "period": found.period.kind,
        "by": found.by,
        "dust": found.dust,
        "regime": found.law.name,
        "rule_version": rules_text()[0],
        "input": input_of(found.version),
        "synthetic": found.synthetic,
        "expected": found.expected,
        "converted": list(found.converted),
        "unconverted": list(found.unconverted),
        "lacking": lacking(found),
    }


def place_means(found: PlaceMeans) -> dict[str, Any]:
    """Return means over places as plain values."""
    law = found.law
    return {
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "regime": law.name,
        "dust": found.dust,
        "places": found.asked,
        "means": {code: number(law, code, value) for code, value in found.figures.items()},
        "n": dict(found.places),
        "good_share": _share(law, found.good, found.days),
        "heavy_share": _share(law, found.heavy, found.days),
        "place_days": found.days,
        "expected": found.asked * found.period.days,
        "synthetic": found.synthetic,
        "rule_version": rules_text()[0],
        "input": input_of(found.version),
    }


def percent(law: Regime, value: Fraction | None) -> float | None:
    """Return a change in per cent as it is published (1 decimal)."""
    return None if value is None else float(round_half_even(value, law.ranking_rules.whole("change.decimals")))


def comparison(found: Comparison) -> dict[str, Any]:
    """Return a comparison of years as plain values: both sides, changes in units and in per cent, what they rest on."""
    law = found.law
    return {
        "place": found.place,
        "regime": law.name,
        "reference_state_of": found.period.last.isoformat(),
        "converted": list(found.converted),
        "unconverted": list(found.unconverted),
        "same_series": found.same_origin,
        "rule_version": rules_text()[0],
        "input": input_of(found.now.version),
        "synthetic": found.now.one.synthetic or found.before.one.synthetic,
        "dust": found.now.shown,
        "now": _side(found.now),
        "before": _side(found.before),
        "changes": {code: change_of(law, code, one) for code, one in found.items.items()},
        "changes_of_means": {code: change_of(law, code, one) for code, one in found.means.items()},
        "composite_index": index_change_of(law, found.index),
        "good_days": _count_change(law, found),
        "heavy_days": {
            "now": found.now.one.heavy,
            "before": found.before.one.heavy,
            "difference": found.now.one.heavy - found.before.one.heavy,
        },
    }


def _side(both: Both) -> dict[str, Any]:
    one = both.one
    return {
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "values": origin(one.origin),
        "days": _days(one),
        "items": {code: _item(one, code, figures) for code, figures in one.items.items()},
        "composite_index": None if one.composite is None else float(one.composite.published),
        "dust": dust(both),
    }


def change_of(law: Regime, code: str, one: Change) -> dict[str, Any]:
    """Return the change of a figure: both sides rounded as assessed, in units (a decimal more), in per cent."""
    now, before = number(law, code, one.now), number(law, code, one.before)
    places = assessed_decimals(law, code) + 1
    return {
        "statistic": one.statistic,
        "now": now,
        "before": before,
        "difference": None if one.difference is None else float(round_half_even(one.difference, places)),
        "percent": percent(law, one.percent),
        "days_alike": one.alike_days,
        "percent_days_alike": percent(law, one.alike),
        "standing": one.standing,
    }


def index_change_of(law: Regime, one: Change) -> dict[str, Any]:
    """Return the change of the composite index as it is published."""
    places = law.ranking_rules.whole("decimals.index")
    now, before, difference = (
        None if value is None else float(round_half_even(value, places))
        for value in (one.now, one.before, one.difference)
    )
    return {
        "now": now,
        "before": before,
        "difference": difference,
        "percent": percent(law, one.percent),
        "standing": one.standing,
    }


def _count_change(law: Regime, found: Comparison) -> dict[str, Any]:
    now, before = found.now.one, found.before.one
    shares = [Fraction(100 * one.good, one.with_index) if one.with_index else None for one in (now, before)]
    points = None if None in shares else round_half_even(shares[0] - shares[1], 1)  # type: ignore[operator]
    return {
        "now": now.good,
        "before": before.good,
        "difference": now.good - before.good,
        "share_now": _share(law, now.good, now.with_index),
        "share_before": _share(law, before.good, before.with_index),
        "points": None if points is None else float(points),
    }


def value_text(law: Regime, code: str, figures: ItemFigures) -> tuple[str, str]:
    """Return mean and percentile as they are printed; an en dash for none."""
    both = (figures.mean, figures.percentile)
    mean, percentile = ("–" if one is None else str(assessed(law, code, one)) for one in both)
    return mean, percentile
