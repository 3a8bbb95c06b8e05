"""lantian air: files into the store, assessment of a place, ranking of a scope. No database; slow parts load late."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from lantian.air.cli.common import data_option as _data
from lantian.air.cli.common import json_option as _json
from lantian.air.cli.common import lang_option as _lang
from lantian.air.cli.common import print_json as _print_json
from lantian.air.cli.common import said as _said
from lantian.air.cli.imports import commands as _imports
from lantian.air.cli.synthetic import commands as _synthesize
from lantian.air.cli.targets import targets as _targets
from lantian.standards.clicktypes import Day as _Day
from lantian.standards.clicktypes import Month as _Month

_regime = click.option("--regime", help="Assess under this regime (2012, 2026-transition, …), not under the days' own.")


@click.group()
def air() -> None:
    """Air quality: import hours, assess places, rank them."""


for _command in (*_imports, *_synthesize, _targets):
    air.add_command(_command)


@air.command()
@click.option("--place", required=True, help="Name of the place, with or without 市.")
@click.option("--from", "first", type=_Day(), required=True, help="First day.")
@click.option("--to", "last", type=_Day(), required=True, help="Last day (included).")
@_regime
@click.option("--grade", type=click.Choice(["I", "II"]), default="II", show_default=True, help="Limits of which grade.")
@_data
@_lang
@click.option("--sources", is_flag=True, help="With --json: every number and rule of the law that was used.")
@_json
def assess(
    place: str, first: dt.date, last: dt.date, regime: str | None, grade: str, data: Path | None,
    lang: str, sources: bool, as_json: bool,
) -> None:  # fmt: skip
    """Assess a place over a period under the law of its days: figures, good days, attainment, composite index."""
    from lantian.air.assessing import plain
    from lantian.air.assessing.ask import assess_place

    with _said():
        found, version = assess_place(data, place, first, last, regime=regime, grade=grade)
    if as_json:
        _print_json(plain.assessment(found, version, sources=sources))
    else:
        from lantian.air.assessing.text import assessment_text

        click.echo(assessment_text(found, lang))


@air.command()
@click.option("--scope", required=True, help="Which places: a scope of a city pack, e.g. shanxi-cities.")
@click.option("--month", type=_Month(), required=True, help="Month, YYYY-MM.")
@click.option("--pack", help="City pack with the scope (default: any).")
@_regime
@_data
@_lang
@_json
def rank(
    scope: str,
    month: dt.date,
    pack: str | None,
    regime: str | None,
    data: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    """Rank the places of a scope by the composite index of a month, best first; equal ones share a rank."""
    from lantian.air.assessing import plain
    from lantian.air.assessing.ask import rank_scope

    with _said():
        found = rank_scope(data, scope, month, pack=pack, regime=regime)
    if found.lacking:
        click.echo(f"not ranked, no data for all six pollutants: {', '.join(found.lacking)}", err=True)
    if as_json:
        _print_json(plain.ranking(found.law, found.places, found.expected))
    else:
        from lantian.air.assessing.text import ranking_text

        click.echo(ranking_text(found, lang))
