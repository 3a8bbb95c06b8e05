"""`lantian aqi` and `lantian limits`: the law on a day from the shell, without a database and without numeric libraries."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import tomllib
import unicodedata
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lantian.standards.clicktypes import Day

if TYPE_CHECKING:
    from lantian.standards.air_index import AirIndex
    from lantian.standards.regimes import Regime

_VALUE = re.compile(r"(?P<number>[^a-zA-Zµμ微毫/]+)(?P<unit>.*)", re.DOTALL)
_ABSENT = {"", "NA", "-", "—"}


_date = click.option("--date", "day", type=Day(), required=True, help="the day whose law holds, YYYY-MM-DD")
_json = click.option("--json", "as_json", is_flag=True, help="print JSON (UTF-8)")
_lang = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="language of names"
)


@click.command()
@_date
@click.option("--period", type=click.Choice(["hour", "day", "hour-as-written"]), required=True, help="which report")
@click.option("--exempt", multiple=True, metavar="POLLUTANT", help="not monitored and of no influence (2026, 5.3.2)")
@click.option("--unmonitored", multiple=True, metavar="POLLUTANT", help="left out by the monitoring plan")
@_lang
@click.option("--sources", is_flag=True, help="with --json: every number and rule that was used")
@_json
@click.argument("values", nargs=-1, required=True, metavar="POLLUTANT=CONCENTRATION...")
def aqi(
    day: dt.date,
    period: str,
    exempt: tuple[str, ...],
    unmonitored: tuple[str, ...],
    lang: str,
    sources: bool,
    as_json: bool,
    values: tuple[str, ...],
) -> None:
    """Compute the Air Quality Index of one place under the law of a day.

    Concentrations are in µg/m3 (CO: mg/m3), or with a unit: CO=1200µg/m3. A bare pollutant is the period's own mean
    (O3 with --period day: the daily maximum of 8 hours); O3_1h, O3_8h, SO2_24h name another one. NA is a missing value.

    With --json: aqi (a number, or "NA" where the standard hides it), iaqi by pollutant (numbers; missing ones are not
    there), primary (codes), level (1..6 or null), category (or null), standard; then report, date, missing, unmonitored,
    not_computed, colour and uncertain (rules used that were not verified in the primary text, with how sure they are);
    with --sources also used (every number and rule with clause, source, interval and how sure).
    """
    from lantian.standards.air_index import aqi as index
    from lantian.standards.provenance import provenance
    from lantian.standards.regimes import regime_at

    try:
        law = regime_at(day)
        result = index(law, period, _concentrations(values), unmonitored=unmonitored, exempt=exempt)
    except (ValueError, LookupError, TypeError) as fault:
        _refuse(fault)
    if as_json:
        _print_json(_as_json(result, day, lang) | ({"used": provenance(result)} if sources else {}))
    else:
        click.echo(_as_text(result, lang))


def _refuse(fault: Exception) -> NoReturn:
    raise click.UsageError(str(fault)) from fault


def _concentrations(values: tuple[str, ...]) -> dict[str, Decimal | None]:
    """Read `PM2.5=35` and `CO=1.2mg/m3`; raises ValueError naming the argument."""
    found: dict[str, Decimal | None] = {}
    for text in values:
        name, equals, amount = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise ValueError(f"{text!r}: write POLLUTANT=CONCENTRATION, e.g. PM2.5=35")
        if name in found:
            raise ValueError(f"{name} is given twice")
        found[name] = None if amount.upper() in _ABSENT else _amount(name, amount)
    return found


def _amount(name: str, text: str) -> Decimal:
    from lantian.standards.pollutants import in_own_unit, split_name
    from lantian.standards.units import UnknownUnitError

    pollutant, _ = split_name(name)
    match = _VALUE.fullmatch(text)
    number = match["number"].strip() if match else ""
    if not re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+|[+-]?[0-9]+\.", number):
        raise ValueError(f"{name}={text}: {number or text!r} is no number")
    try:
        amount = in_own_unit(pollutant, number, match["unit"].strip() if match else "")
    except UnknownUnitError as fault:
        own = _unit(pollutant)
        raise ValueError(f"{name}={text}: unknown unit; write it in {own} or with µg/m3 or mg/m3") from fault
    except ValueError as fault:
        raise ValueError(f"{name}={text}: {fault}") from fault
    if amount < 0:
        raise ValueError(f"{name}={text}: a concentration cannot be negative")
    return amount


def _as_json(result: AirIndex, day: dt.date, lang: str) -> dict[str, Any]:
    from lantian.standards.provenance import uncertain

    level = result.level
    return {
        "aqi": result.mark if result.aqi is None else result.aqi,
        "iaqi": result.iaqi,
        "primary": list(result.primary),
        "level": level.number if level else None,
        "category": (level.zh if lang == "zh" else level.en) if level else None,
        "standard": result.standard,
        "report": result.report,
        "date": day.isoformat(),
        "missing": list(result.missing),
        "unmonitored": list(result.unmonitored),
        "not_computed": list(result.not_computed),
        "colour": level.hex if level else None,
        "uncertain": {"/".join(one.key): one.confidence.value for one in uncertain(result)},
    }


def _words(group: str, lang: str) -> dict[str, str]:
    """The words of one group in one language."""
    text = resources.files(__package__).joinpath("data/words.toml").read_text(encoding="utf-8")
    return {key: word[lang] for key, word in tomllib.loads(text)[group].items()}


def _as_text(result: AirIndex, lang: str) -> str:
    from lantian.standards.provenance import legend, uncertain

    words = _words("aqi", lang)
    level = result.level
    head = f"{words['aqi']} {result.mark}"
    if level:
        head += f"  {level.level_zh} {level.zh}" if lang == "zh" else f"  {level.level_en}, {level.en}"
    lines = [f"{head}  ({result.standard}, {_words('report', lang)[result.report]})"]
    lines.append(f"{words['primary']}: " + (", ".join(_name(one, lang) for one in result.primary) or words["none"]))
    lines.append("  ".join([_wide(words["item"], 28), _wide(words["value"], 16), words["iaqi"]]))
    for name, index in result.iaqi.items():
        amount = f"{result.concentrations[name]} {_unit(name)}"
        lines.append("  ".join([_wide(_name(name, lang), 28), _wide(amount, 16), str(index)]))
    for field in ("missing", "unmonitored", "not_computed"):
        if names := getattr(result, field):
            lines.append(f"{words[field]}: {', '.join(names)}")
    if level:
        lines.append(f"{words['advice']}: {level.advice_zh if lang == 'zh' else level.advice_en}")
    if doubtful := uncertain(result):
        lines.append(
            f"{words['uncertain']}: " + "; ".join(f"{'/'.join(one.key)} ({one.confidence})" for one in doubtful)
        )
        lines.append(f"  {legend((one.confidence.value for one in doubtful), lang)}")
    return "\n".join(lines)


def _name(name: str, lang: str) -> str:
    from lantian.standards.pollutants import pollutant, split_name

    code, _ = split_name(name)
    one = pollutant(code)
    return f"{name} {one.zh}" if lang == "zh" else f"{name} {one.en}"


def _unit(name: str) -> str:
    from lantian.standards.pollutants import pollutant, split_name

    return pollutant(split_name(name)[0]).unit


@click.command()
@_date
@click.option("--pollutant", "name", help="only this pollutant")
@click.option("--stack", "process", metavar="PROCESS", help="the limits of a stack of this process; 'list' names them")
@click.option("--fuel", default="", help="with --stack: coal, gas, oil or biomass, where it matters")
@click.option("--region", default="", help="with --stack: division code, for standards of a province")
@click.option("--flag", "flags", multiple=True, help="with --stack: existing, special_limits, key_region, ultra_low")
@_lang
@_json
def limits(
    day: dt.date,
    name: str | None,
    process: str | None,
    fuel: str,
    region: str,
    flags: tuple[str, ...],
    lang: str,
    as_json: bool,
) -> None:
    """List the limits of a day with unit, clause, source, interval and how sure each number is.

    Limits of ambient air; with --stack those of a chimney: hourly means in mg/m3 at the reference oxygen. The line with
    "*" binds, the others are milder. V: read in the primary text. V1: one third party. R-H, R-M, R-L: recalled with
    high, medium, low confidence.
    """
    if process is not None:
        from lantian.standards.stack_cli import print_processes, print_stack

        try:
            if process == "list":
                print_processes(lang, as_json)
            else:
                print_stack(process, day, name, fuel, region, flags, lang, as_json)
        except (ValueError, LookupError) as fault:
            _refuse(fault)
        return
    from lantian.standards.pollutants import pollutant
    from lantian.standards.provenance import cite
    from lantian.standards.regimes import regime_at

    try:
        law = regime_at(day)
        code = pollutant(name).code if name else None
    except (ValueError, LookupError) as fault:
        _refuse(fault)
    rows = [cite(one) for one in law.limits() if code in (None, one.key[0])]
    named = [_named(row) for row in rows]
    if as_json:
        _print_json({"date": day.isoformat(), "regime": law.name, "limits": named})
    else:
        _print_limits(law, named, lang)


def _named(row: dict[str, str | list[str]]) -> dict[str, Any]:
    """Spell out a limit's key: pollutant, period, grade."""
    rest = {field: value for field, value in row.items() if field != "key"}
    return {**dict(zip(("pollutant", "period", "grade"), row["key"], strict=True)), **rest}


_WIDTHS = (10, 16, 6, 14, 8, 46, 24, 0)


def _print_limits(law: Regime, rows: list[dict[str, Any]], lang: str) -> None:
    from lantian.standards.provenance import legend

    click.echo(f"{law.zh if lang == 'zh' else law.en}  {law.start}..{law.until or '…'}")
    periods = _words("period", lang)
    cells = [tuple(_words("limits", lang).values())]
    for row in rows:
        period = periods[row["period"]]
        limit = f"{row['value']} {row['unit']}"
        span = f"{row['from']}..{row['until'] or '…'}"
        cells.append(
            (row["pollutant"], period, row["grade"], limit, row["clause"], row["source"], span, row["confidence"])
        )
    for line in cells:
        click.echo("  ".join(_wide(cell, width) for cell, width in zip(line, _WIDTHS, strict=True)))
    click.echo(f"{_words('limits', lang)['confidence']}: {legend((row['confidence'] for row in rows), lang)}")


def _print_json(data: object) -> None:
    sys.stdout.buffer.write((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
    sys.stdout.flush()


def _wide(text: str, width: int) -> str:
    """Pad to a width in columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - taken)
