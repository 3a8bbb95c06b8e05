"""Rows that a program sends: JSON, lines of JSON or CSV, brought into the form of the long table, which checks them."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

FIELDS = ("time", "place", "pollutant", "value", "unit")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
FORM = "long"


class PushedError(ValueError):
    """The body as a whole cannot be read; `row` is the row where that was seen (0: everywhere)."""

    def __init__(self, code: str, row: int = 0, detail: str = "") -> None:
        self.code, self.row, self.detail = code, row, detail
        super().__init__(f"{code} {row} {detail}")


def rows_of_json(content: bytes) -> list[Mapping[str, Any]]:
    """Return the rows of {"rows": […]} or […]; numbers stay the texts that they were sent as. Raises PushedError."""
    data = _loaded(content, 0)
    rows = data.get("rows") if isinstance(data, dict) else data
    if not isinstance(rows, list) or (isinstance(data, dict) and set(data) != {"rows"}):
        raise PushedError("no_rows")
    return [_row(one, number) for number, one in enumerate(rows, 1)]


def rows_of_lines(content: bytes) -> list[Mapping[str, Any]]:
    """Return the rows of a body with a JSON object on each line. Raises PushedError naming the line."""
    lines = content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n").split(b"\n")
    return [_row(_loaded(line, number), number) for number, line in enumerate(lines, 1)]


def write_table(path: Path, rows: Iterable[Mapping[str, Any]], time_zone: str) -> None:
    """Write rows as the long table. A time with a zone is brought to the declared clock; one without is on it."""
    zone = ZoneInfo(time_zone)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(FIELDS)
        for row in rows:
            texts = [_text(row.get(name)) for name in FIELDS]
            out.writerow([_local(texts[0], zone), *texts[1:]])


def _loaded(content: bytes, row: int) -> Any:
    try:
        return json.loads(content, parse_float=_number, parse_int=_number, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise PushedError("no_json", row, str(error)) from error


def _number(text: str) -> str:
    """A number as a plain decimal: 1e1 is 10. What is beyond all measure stays as it was sent and is refused later."""
    try:
        return format(Decimal(text), "f") if len(text) < 40 and abs(Decimal(text).adjusted()) < 40 else text
    except InvalidOperation:
        return text


def _row(one: Any, number: int) -> Mapping[str, Any]:
    if not isinstance(one, dict):
        raise PushedError("no_object", number)
    if unknown := sorted(set(one) - set(FIELDS)):
        raise PushedError("unknown_field", number, ", ".join(unknown)[:200])
    if nested := sorted(name for name, value in one.items() if isinstance(value, dict | list)):
        raise PushedError("nested", number, ", ".join(nested))
    return one


def _text(value: Any) -> str:
    # A line of the table is a row; half a surrogate pair cannot be written.
    text = "" if value is None else str(value)
    return " ".join(text.split()).encode("utf-8", "replace").decode("utf-8")


def _local(text: str, zone: ZoneInfo) -> str:
    if ":" not in text:
        return text
    try:
        moment = dt.datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is None else moment.astimezone(zone)
        return text if moment.microsecond else moment.strftime(TIME_FORMAT)
    except (ValueError, OverflowError):
        return text
