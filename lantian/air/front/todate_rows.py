"""Month and year to date as rows: each figure beside what the year's standard allows; targets in words."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.air.front.todate import Span
from lantian.air.front.words import formula, unit_of
from lantian.air.targets.standing import Standing
from lantian.standards.means import percent_of

# How a target's standing looks; the word says the same.
_COLOURS = {"kept": "green", "safe": "green", "on_course": "lime", "behind": "orange", "missed": "red", "lost": "red"}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure in every span; `limit` where the year has one. `over`: whether each span's figure lies above it."""

    label: str
    unit: str
    cells: tuple[tuple[Decimal | int | None, bool], ...]
    limit: Decimal | None


def span_rows(spans: Sequence[Span]) -> list[FigureRow]:
    """Return the six figures, the composite index, good and heavy days."""
    if not spans:
        return []
    limits = spans[-1].limits()
    rows = [_pollutant_row(code, limit, spans) for code, limit in limits.items()]
    plain = (
        (_("Composite index"), "", [one.composite for one in spans]),
        (_("Good days"), "", [one.found.good for one in spans]),
        (_("Share of good days"), "%", [one.good_share for one in spans]),
        (_("Heavily polluted days"), "", [one.found.heavy for one in spans]),
        (_("Days with an index"), "", [one.found.with_index for one in spans]),
        (_("Days so far"), "", [one.found.expected for one in spans]),
    )
    return rows + [
        FigureRow(label, unit, tuple((value, False) for value in values), None) for label, unit, values in plain
    ]


def _pollutant_row(code: str, limit: Decimal, spans: Sequence[Span]) -> FigureRow:
    values = [one.figures().get(code) for one in spans]
    law = spans[-1].law
    label = formula(code)
    if law.ranking_rules.text(f"statistic.{code}") != "mean":
        label = _("%(item)s, percentile %(percent)d") % {"item": label, "percent": percent_of(law, code)}
    return FigureRow(
        label, unit_of(code), tuple((value, value is not None and value > limit) for value in values), limit
    )


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A target: what, how much, to date, and the word for how it stands."""

    name: str
    comparator: str
    target: Decimal
    unit: str
    value: Decimal | None
    n: int
    expected: int
    word: str
    colour: str
    invented: bool


_SIGNS = {"<=": "≤", ">=": "≥"}


def standing_rows(rows: Sequence[Standing]) -> list[StandingRow]:
    """Return the targets that are counted in days here, the most endangered first."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    words = _words()
    return [
        StandingRow(
            one.target.statistic.name(language),
            _SIGNS.get(one.target.comparator, one.target.comparator),
            one.target.value,
            _unit(one.target.statistic.unit),
            one.state.to_date.shown,
            one.state.to_date.n,
            one.state.to_date.expected,
            words[one.state.status][language],
            _COLOURS.get(one.state.status, "grey"),
            one.target.demonstration,
        )
        for one in rows
        if one.state.status != "not_here"
    ]


def _unit(unit: str) -> str:
    """A unit as it is written behind a number: nothing for a plain number, the word for days."""
    return {"1": "", "d": _("days")}.get(unit, unit.replace("m3", "m³"))


@cache
def _words() -> dict[str, dict[str, str]]:
    text = resources.files("lantian.air").joinpath("data/words.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)["targets"]
    return found
