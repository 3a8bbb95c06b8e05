"""A ranking as rows for page and file, and as a chart of what its indices are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from lantian.air.assessing.assess import DEDUCTED
from lantian.air.assessing.hours import HOURS
from lantian.air.assessing.ranks import MISSING_ITEMS, NO_BEFORE, NO_DATA, NO_DAYS, NO_ORIGIN, Lacking, Ranking, Row
from lantian.air.front.words import formula, law_words, localised, primary_words, unit_of, version_words
from lantian.kit.charts import Chart, Series
from lantian.standards.attainment import assessed
from lantian.standards.means import percent_of
from lantian.standards.pollutants import core_codes
from lantian.standards.regimes import Regime
from lantian.standards.rounding import round_half_even


@dataclass(frozen=True, slots=True)
class Line:
    """A place in the table; `figures` in the order of the standard. `moved`: ranks gained (above 0) since a year before."""

    row: Row
    label: str
    rank: int | None
    tied: bool
    index: Decimal
    figures: tuple[Decimal | None, ...]
    main: str
    before: Decimal | None
    before_rank: int | None
    moved: int | None
    change: Decimal | None
    change_rank: int | None
    other: Decimal | None
    other_rank: int | None
    n: int
    expected: int
    capture: Decimal
    short: str
    synthetic: bool
    series: str


def lines_of(found: Ranking, language: str) -> list[Line]:
    """Return the ranked places in their order."""
    ranks = [row.change_rank if found.by == "change" else row.now.rank for row in found.rows]
    return [
        _line(found, row, rank, ranks.count(rank) > 1, language) for row, rank in zip(found.rows, ranks, strict=True)
    ]


def _line(found: Ranking, row: Row, rank: int | None, tied: bool, language: str) -> Line:
    law, now, then = found.law, row.now, row.before
    assert now.index is not None
    before = then.index.published if then and then.index else None
    before_rank = then.rank if then and then.index else None
    hours = sum(now.hours.values())
    return Line(
        row=row,
        label=row.subject.label(language),
        rank=rank,
        tied=tied,
        index=now.index.published,
        figures=tuple(_assessed(law, code, now.figures.get(code)) for code in core_codes()),
        main=primary_words(now.index.main),
        before=before,
        before_rank=before_rank,
        moved=before_rank - now.rank if before_rank and now.rank else None,
        change=None if row.change is None else round_half_even(row.change, law.ranking_rules.whole("change.decimals")),
        change_rank=row.change_rank,
        other=row.other.published if row.other else None,
        other_rank=row.other_rank,
        n=min(now.days.values(), default=0),
        expected=found.expected,
        capture=round_half_even(Fraction(100 * hours, found.expected * HOURS * len(core_codes())), 1),
        short=primary_words(now.short) if now.short else "",
        synthetic=row.origin.synthetic,
        series=localised(row.origin.series),
    )


def _assessed(law: Regime, code: str, value: Fraction | None) -> Decimal | None:
    return None if value is None else assessed(law, code, value)


def figure_heads(law: Regime) -> list[tuple[str, str]]:
    """The six figures of the index: pollutant (with its percentile) and unit."""
    heads = []
    for code in core_codes():
        label = formula(code)
        if law.ranking_rules.text(f"statistic.{code}") != "mean":
            label = _("%(item)s P%(percent)d") % {"item": label, "percent": percent_of(law, code)}
        heads.append((label, unit_of(code)))
    return heads


def other_label(found: Ranking) -> str:
    """What the index beside the ranked one is."""
    return _("as measured") if found.dust == DEDUCTED else _("dust left out")


def note_of(found: Ranking) -> str:
    """Law, way with dust, period, rules, what was converted."""
    parts = [
        _("%(first)s to %(last)s") % {"first": found.period.first, "last": found.period.last},
        _("Law: %s") % law_words(found.law),
        _("dust left out") if found.dust == DEDUCTED else _("as measured"),
        _("Ranked: %(n)d of %(all)d places") % {"n": len(found.rows), "all": len(found.scope.places)},
        version_words(found.version),
    ]
    if found.converted:
        parts.append(_("year before converted to the reference state of now: %s") % primary_words(found.converted))
    if found.unconverted:
        parts.append(_("year before NOT convertible: %s") % primary_words(found.unconverted))
    return " · ".join(parts)


def reason_words(one: Lacking) -> str:
    """Why a place is not ranked."""
    words = {
        NO_DATA: _("the store holds nothing of it"),
        NO_ORIGIN: _("no data of the kind that is asked for"),
        NO_DAYS: _("no valid day in the period"),
        NO_BEFORE: _("no index a year before"),
    }
    if one.reason == MISSING_ITEMS:
        return _("without a figure of %s") % primary_words(one.items)
    return words[one.reason]


def shares_chart(found: Ranking, lines: Sequence[Line], links: Sequence[str]) -> Chart:
    """Return the indices as bars that are put together of the six single ones, in the order of the ranking."""
    series = []
    for code in core_codes():
        indices = [line.row.now.index for line in lines]
        parts = [one.single(code) if one else None for one in indices]
        shares = [round_half_even(100 * one.shares[code], 1) if one else None for one in indices]
        series.append(
            Series(formula(code), parts, stack="index", decimals=2, texts=tuple(f"{share} %" for share in shares))
        )
    return Chart(
        id="shares",
        title=_("What the composite index is made of, %s") % found.period.text,
        kind="bars",
        x=tuple(f"{line.rank} {line.label}" for line in lines),
        x_name=_("Place"),
        series=tuple(series),
        horizontal=True,
        links=tuple(links) if any(links) else (),
        note=note_of(found),
        synthetic=found.synthetic,
    )


def table_of(found: Ranking, lines: Sequence[Line]) -> tuple[list[str], list[list[Any]], list[str]]:
    """Return columns, rows and notes of the files: everything that the page shows, also who is not ranked and why."""
    heads = [f"{name} ({unit})" for name, unit in figure_heads(found.law)]
    columns = [
        _("Rank"), _("Place"), _("Composite index"), *heads, _("Main pollutant"), _("Index a year before"),
        _("Rank a year before"), _("Change, per cent"), _("Rank by improvement"), _("Index (%s)") % other_label(found),
        _("Rank (%s)") % other_label(found), "n", _("Days of the period"), _("Capture, per cent"), _("Law"), _("Source"),
        _("Not ranked because"),
    ]  # fmt: skip
    law = law_words(found.law)
    rows: list[list[Any]] = [
        [line.rank, line.label, line.index, *line.figures, line.main, line.before, line.before_rank, line.change,
         line.change_rank, line.other, line.other_rank, line.n, line.expected, line.capture, law, line.series, None]
        for line in lines
    ]  # fmt: skip
    width = len(columns)
    rows += [[None, one.name, *[None] * (width - 3), reason_words(one)] for one in found.reasons]
    notes = [localised(found.scope), note_of(found)]
    if found.synthetic:
        notes.insert(0, _("Synthetic data of the demonstration"))
    return columns, rows, notes
