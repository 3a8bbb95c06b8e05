"""lantian air assess | rank | compare: figures of places, rankings of scopes, comparisons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantian.air.cli.common import data_option, json_option, lang_option, print_json, said
from lantian.standards.clicktypes import Day, Month

if TYPE_CHECKING:
    from lantian.air.assessing.periods import Period

_regime = click.option("--regime", help="Assess under this regime (2012, 2026-transition, …), not under the days' own.")
_grade = click.option(
    "--grade", type=click.Choice(["I", "II"]), default="II", show_default=True, help="Limits of which grade."
)
_pack = click.option("--pack", help="City pack that knows the places, stations and scopes (default: cities/default).")
_dust = click.option(
    "--dust", type=click.Choice(["raw", "deducted"]), default="raw", show_default=True,
    help="With or without the hours of the list of dust; both are told.",
)  # fmt: skip
_basis = click.option(
    "--basis", type=click.Choice(["auto", "release", "stations"]), default="auto", show_default=True,
    help="Values of the place's own series, or made of its stations.",
)  # fmt: skip
_series = click.option("--series", help="Only values of this series, e.g. cnemc-city.")
_known = click.option("--as-known-on", type=Day(), help="With what was known at the end of this day.")
_place = click.option("--place", required=True, help="Name or code of the place, with or without 市.")


def _taken(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say which values are taken and how."""
    for option in (_known, _series, _basis, _dust, _pack, data_option):
        command = option(command)
    return command


def _moment(day: dt.date | None) -> dt.datetime | None:
    """The end of a day on the store's clock."""
    from zoneinfo import ZoneInfo

    from lantian.air.reading.importing import STORE_ZONE

    return None if day is None else dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(STORE_ZONE))


def _options(options: dict[str, Any]) -> dict[str, Any]:
    return options | {"as_known_on": _moment(options["as_known_on"])}


@click.command()
@_place
@click.option("--from", "first", type=Day(), required=True, help="First day.")
@click.option("--to", "last", type=Day(), required=True, help="Last day (included).")
@_regime
@_grade
@_taken
@lang_option
@click.option("--sources", is_flag=True, help="With --json: every number and rule of the law that was used.")
@json_option
def assess(
    place: str,
    first: dt.date,
    last: dt.date,
    data: Path | None,
    lang: str,
    sources: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Assess a place over a period under the law of its days: figures, good days, attainment, composite index."""
    from lantian.air.assessing import plain
    from lantian.air.assessing.ask import assess_both, subjects
    from lantian.air.assessing.subjects import find
    from lantian.air.assessing.text import assessment_text, nothing_text

    with said():
        found = assess_both(data, place, first, last, **_options(options))
        subject = find(place, subjects(data, options["pack"]))
    if nothing := nothing_text(found, subject, lang):
        click.echo(nothing, err=True)
    if as_json:
        print_json(plain.assessment(found, sources=sources))
    elif not nothing:
        click.echo(assessment_text(found, lang))


@click.command()
@click.option("--scope", required=True, help="Which places: a scope of a city pack, e.g. shanxi-cities.")
@click.option("--month", type=Month(), help="Month, YYYY-MM.")
@click.option("--quarter", help="Quarter, e.g. 2020Q2.")
@click.option("--year", type=int, help="Year.")
@click.option("--from", "first", type=Day(), help="First day of any period.")
@click.option("--to", "last", type=Day(), help="Last day (included).")
@click.option(
    "--by", type=click.Choice(["index", "change"]), default="index", show_default=True,
    help="Order: the index, or its change against the year before (best improvement first).",
)  # fmt: skip
@click.option("--change", is_flag=True, help="With rank and index of the same period a year before.")
@_regime
@_taken
@lang_option
@json_option
def rank(
    scope: str, month: dt.date | None, quarter: str | None, year: int | None, first: dt.date | None,
    last: dt.date | None, data: Path | None, lang: str, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Rank the places of a scope by the composite index of a period, best first; equal ones share a rank.

    Places that cannot be ranked are named on standard error, with the reason.
    """
    from lantian.air.assessing import plain
    from lantian.air.assessing.ask import rank_scope
    from lantian.air.assessing.text import lacking_text, ranking_text

    with said():
        period = _period(month, quarter, year, first, last)
        found = rank_scope(data, scope, first=period.first, last=period.last, **_options(options))
    for sentence in lacking_text(found, lang):
        click.echo(sentence, err=True)
    if as_json:
        print_json(plain.ranking(found))
    else:
        click.echo(ranking_text(found, lang))


def _period(
    month: dt.date | None, quarter: str | None, year: int | None, first: dt.date | None, last: dt.date | None
) -> Period:
    from lantian.air.assessing.ask import period_of
    from lantian.air.assessing.periods import period_named

    if quarter is None:
        return period_of(month, first, last, year)
    if (month, year, first, last) != (None, None, None, None):
        raise ValueError("say one period: --month, --quarter, --year, or --from and --to")
    return period_named(quarter)


@click.command()
@_place
@click.option("--from", "first", type=Day(), required=True, help="First day.")
@click.option("--to", "last", type=Day(), required=True, help="Last day (included).")
@click.option("--years", type=click.IntRange(1, 50), default=1, show_default=True, help="How many years back.")
@click.option(
    "--regime", "regimes", multiple=True,
    help="Compare under this law; given twice or more: the same period under each of them, side by side.",
)  # fmt: skip
@click.option("--all-regimes", is_flag=True, help="The same period under every law, side by side.")
@_grade
@_taken
@lang_option
@json_option
def compare(
    place: str, first: dt.date, last: dt.date, years: int, regimes: tuple[str, ...], all_regimes: bool,
    data: Path | None, lang: str, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Compare a place with a year before (one law, one reference state), or under several laws side by side."""
    from lantian.air.assessing import plain, text
    from lantian.air.assessing.ask import compare_regimes, compare_years

    given = _options(options)
    with said():
        if all_regimes or len(regimes) > 1:
            laws = compare_regimes(data, place, first, last, () if all_regimes else regimes, **given)
            out, shown = [plain.assessment(one) for one in laws], text.regimes_text(laws, lang)
        else:
            regime = regimes[0] if regimes else None
            found = compare_years(data, place, first, last, years=years, regime=regime, **given)
            out, shown = plain.comparison(found), text.comparison_text(found, lang)  # type: ignore[assignment]
    if as_json:
        print_json(out)
    else:
        click.echo(shown)


@click.command()
@click.option("--scope", help="Which places (default: all cities that there are values of).")
@click.option("--month", type=Month(), help="Month, YYYY-MM.")
@click.option("--quarter", help="Quarter, e.g. 2020Q2.")
@click.option("--year", type=int, help="Year.")
@click.option("--from", "first", type=Day(), help="First day of any period.")
@click.option("--to", "last", type=Day(), help="Last day (included).")
@_regime
@_taken
@lang_option
@json_option
def means(
    scope: str | None, month: dt.date | None, quarter: str | None, year: int | None, first: dt.date | None,
    last: dt.date | None, data: Path | None, lang: str, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Means over places, as bulletins print them: the mean of the cities' means (percentiles for CO and ozone)."""
    from lantian.air.assessing import plain
    from lantian.air.assessing.ask import scope_means
    from lantian.air.assessing.text import means_text

    with said():
        period = _period(month, quarter, year, first, last)
        found = scope_means(data, scope, period.first, period.last, **_options(options))
    if as_json:
        print_json(plain.place_means(found))
    else:
        click.echo(means_text(found, lang))


commands = (assess, rank, compare, means)
