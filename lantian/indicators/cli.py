"""`lantian indicators`: what is measured, what it says, and whether every target of the plan is watched."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

import click


@click.group()
def indicators() -> None:
    """List indicators and the coverage of the plan's targets."""
    from lantian.cli import setup_django

    setup_django()


@indicators.command("list")
@click.option("--json", "as_json", is_flag=True, help="print JSON (UTF-8)")
def list_(as_json: bool) -> None:
    """List every indicator with its present value for the city, or why there is none."""
    from lantian.indicators.context import Context
    from lantian.indicators.queries import catalogue, current

    context = Context()
    rows = [_said(one, current(one.code, context.city, context)) for one in catalogue(context).values() if context.city]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        said = f"{row['number']} {row['unit']}" if row["number"] else row["reason"]
        click.echo("  ".join([_wide(row["code"], 30), _wide(row["title"], 44), said]))


def _said(one: Any, value: Any) -> dict[str, str]:
    from lantian.standards.rounding import round_half_even

    return {
        "code": one.code,
        "title": str(one.title),
        "unit": one.unit,
        "direction": one.direction,
        "number": "" if value.number is None else str(round_half_even(value.number, one.decimals)),
        "reason": str(value.reason) if value.reason else "",
        "rule_version": one.rule_version,
        "supplied_by": one.supplied_by,
    }


@indicators.command()
@click.option("--json", "as_json", is_flag=True, help="print JSON (UTF-8)")
def coverage(as_json: bool) -> None:
    """Print each numeric target of the adopted plan with the indicator that watches it; exit 1 if one has none."""
    from lantian.indicators import coverage as rules
    from lantian.indicators.context import Context

    rows = rules.coverage(Context())
    gaps = [row for row in rows if row.is_gap]
    if as_json:
        _print_json({"targets": [rules.as_json(row) for row in rows], "unbound": len(gaps)})
    else:
        _print_table(rows)
        click.echo(f"{len(rows)} targets, {len(gaps)} without an indicator")
    if not rows:
        click.echo("No adopted plan with targets: import and adopt one first.", err=True)
    sys.exit(1 if gaps or not rows else 0)


def _print_table(rows: list[Any]) -> None:
    from lantian.indicators.coverage import status_text

    widths = (5, 8, 44, 22, 28, 34)
    header = ("task", "measure", "sentence", "target", "indicator", "now", "supplied by")
    click.echo("  ".join(_wide(text, width) for text, width in zip(header, (*widths, 0), strict=True)))
    for row in rows:
        line = row.line
        mark = "!! " if row.is_gap else ""
        cells = (
            line.task, line.measure, mark + " ".join(line.sentence.split()), row.aim or line.wanted,
            line.indicator or "—", status_text(row), row.supplied_by,
        )  # fmt: skip
        click.echo("  ".join(_wide(str(cell), width) for cell, width in zip(cells, (*widths, 0), strict=True)))


def _print_json(data: Any) -> None:
    sys.stdout.buffer.write((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
    sys.stdout.flush()


def _wide(text: str, width: int) -> str:
    """Cut and pad to a width in columns of a terminal, where a Chinese character takes two (0: as it is)."""
    if not width:
        return text
    kept: list[str] = []
    used = 0
    for letter in text:
        step = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used + step > width:
            kept, used = [*kept[:-1], "…"], min(width, used)
            break
        kept.append(letter)
        used += step
    shown = "".join(kept)
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in shown)
    return shown + " " * max(0, width - taken)
