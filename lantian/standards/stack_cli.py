"""`lantian limits --stack`: the limits of a chimney from the shell, without a database."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from typing import Any

import click

from lantian.standards.provenance import cite
from lantian.standards.stacks import StackLimit, stack_limits, stack_pollutants, stack_processes


def print_stack(
    process: str,
    day: dt.date,
    pollutant: str | None,
    fuel: str,
    region: str,
    flags: tuple[str, ...],
    lang: str,
    as_json: bool,
) -> None:
    """Print every limit of a stack on a day; raises LookupError and ValueError for what is not known."""
    if pollutant is not None and pollutant not in stack_pollutants():
        raise ValueError(f"unknown pollutant {pollutant!r}; known: {', '.join(stack_pollutants())}")
    found = stack_limits(process, day, fuel=fuel, region=region, flags=flags)
    chosen = [one for one in found if pollutant in (None, one.pollutant)]
    if as_json:
        click.echo(json.dumps(_json(process, day, chosen), ensure_ascii=False, indent=1))
        return
    name = stack_processes()[process]
    click.echo(f"{name.zh if lang == 'zh' else name.en}  {day}")
    if not chosen:
        click.echo("没有已知限值（不等于没有要求）" if lang == "zh" else "no limit is known (which is not: none holds)")
    for one in chosen:
        click.echo(
            "  ".join(_wide(cell, width) for cell, width in zip(_cells(one, lang), _WIDTHS, strict=True)).rstrip()
        )


def print_processes(lang: str, as_json: bool) -> None:
    """Print the processes that outlets may belong to, with the fuels that matter."""
    rows = [
        {"process": one.id, "zh": one.zh, "en": one.en, "fuels": list(one.fuels), "same_as": one.same_as}
        for one in stack_processes().values()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        name = row["zh"] if lang == "zh" else row["en"]
        click.echo("  ".join([_wide(str(row["process"]), 20), str(name), ", ".join(row["fuels"])]).rstrip())


_WIDTHS = (1, 6, 12, 10, 30, 34, 8, 0)


def _cells(one: StackLimit, lang: str) -> tuple[str, ...]:
    oxygen = "" if one.oxygen is None else f"O2 {one.oxygen} %"
    entry = one.entry
    where = f"{entry.source}, {entry.clause}" if entry else ""
    span = f"{entry.interval()}  {entry.note}" if entry else ""
    return (
        "*" if one.binding else "",
        one.pollutant,
        f"{one.value} {one.unit}",
        oxygen,
        one.scheme.zh if lang == "zh" else one.scheme.en,
        where,
        one.confidence.value,
        span.rstrip(),
    )


def _json(process: str, day: dt.date, found: list[StackLimit]) -> dict[str, Any]:
    rows = [
        {
            "pollutant": one.pollutant,
            "factor": one.factor,
            "value": str(one.value),
            "unit": one.unit,
            "period": one.period,
            "oxygen": None if one.oxygen is None else str(one.oxygen),
            "scheme": one.scheme.id,
            "kind": one.scheme.kind,
            "binding": one.binding,
            "confidence": one.confidence.value,
            "cited": [cite(entry) for entry in (one.entry, one.oxygen_entry) if entry is not None],
        }
        for one in found
    ]
    return {"date": day.isoformat(), "process": process, "limits": rows}


def _wide(text: str, width: int) -> str:
    """Pad to a width in columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - taken)
