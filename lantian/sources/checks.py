"""What a row must fulfil, whatever door it comes through. Works on plain values; returns faults in words of a data file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lantian.sources.kinds import Column, Kind
from lantian.sources.kinds.plain import is_empty
from lantian.sources.models.base import CODE
from lantian.sources.reading import credit
from lantian.sources.reading.faults import Fault
from lantian.sources.rules.classes import proof_items

_CODE = re.compile(CODE)
_CLASS = re.compile(r"[A-T]?\d{2,4}")
Plain = Mapping[str, Any]


def faults_of(kind: Kind, values: Plain, *, open_words: bool = False) -> list[Fault]:
    """Return what is wrong with a whole row (all its columns said), apart from what only the database knows.

    With `open_words` words of data files (industries, kinds of equipment) may be others than ours: programs have their own.
    """
    found = [fault for column in kind.columns for fault in _cell(column, values.get(column.name), open_words)]
    wrong = {fault.column for fault in found}
    return found + [fault for fault in _ROWS.get(kind.name, _nothing)(values) if fault.column not in wrong] + [
        *_days(values, "since", "until"), *_position(kind, values)
    ]  # fmt: skip


def _cell(column: Column, value: Any, open_words: bool) -> Iterator[Fault]:
    if is_empty(value):
        if column.needed:
            yield Fault("needed", column.name)
        return
    if column.reads == "code" and not _CODE.fullmatch(value):
        yield Fault("code_form", column.name)
    if column.reads == "credit":
        yield from _credit(column.name, value)
    closed = column.reads != "word" or not open_words
    if column.choices and closed and value not in {code for code, _label in column.choices}:
        yield Fault("choice", column.name, {"found": value, "expected": "、".join(c for c, _label in column.choices)})
    if column.reads in ("number", "whole"):
        yield from _bounds(column, value)
    if column.longest and isinstance(value, str) and len(value) > column.longest:
        yield Fault("too_long", column.name, {"most": column.longest})
    if column.name == "industry_code" and not _CLASS.fullmatch(value):
        yield Fault("class_form", column.name, {"found": value})


def _credit(name: str, value: str) -> Iterator[Fault]:
    if not credit.is_formed(value):
        yield Fault("credit_form", name)
    elif not credit.is_valid(value):
        yield Fault("credit_check", name, {"expected": credit.check_digit(value)})


def _bounds(column: Column, value: float) -> Iterator[Fault]:
    least = column.least if column.least is not None else -1e12
    most = column.most if column.most is not None else 1e12
    if not least <= value <= most:
        shown = {"found": value, "least": f"{least:g}", "most": f"{most:g}"}
        yield Fault("range", column.name, shown)


def _days(values: Plain, first: str, second: str) -> Iterator[Fault]:
    early, late = values.get(first), values.get(second)
    if early and late and late < early:
        yield Fault("days_order", second, {"early": early, "late": late})


def _position(kind: Kind, values: Plain) -> Iterator[Fault]:
    if kind.located and (values.get("lon") is None) != (values.get("lat") is None):
        yield Fault("position_half", "lat" if values.get("lat") is None else "lon")


def _nothing(values: Plain) -> Iterator[Fault]:
    yield from ()


def _enterprise(values: Plain) -> Iterator[Fault]:
    if values.get("state") == "closed" and not values.get("state_since"):
        yield Fault("closed_since", "state_since")


def _equipment(values: Plain) -> Iterator[Fault]:
    off, run = values.get("off_kw"), values.get("run_kw")
    if off is not None and run is not None and off > run:
        yield Fault("off_above_run", "off_kw")


def _pair(values: Plain) -> Iterator[Fault]:
    for code in sorted(set(values.get("production") or ()) & set(values.get("treatment") or ())):
        yield Fault("same_side", "treatment", {"found": code})


def _limit(values: Plain) -> Iterator[Fault]:
    value = values.get("value")
    if value is not None and value <= 0:
        yield Fault("above_zero", "value")


def _boiler(values: Plain) -> Iterator[Fault]:
    if values.get("capacity_th") is None and values.get("capacity_mw") is None:
        yield Fault("capacity_needed", "capacity_th")
    yield from _days(values, "installed_on", "removed_on")


def _chp(values: Plain) -> Iterator[Fault]:
    unit, total = values.get("unit_mw"), values.get("total_mw")
    if unit is not None and total is not None and total < unit:
        yield Fault("total_below", "total_mw")


def _permit(values: Plain) -> Iterator[Fault]:
    yield from _days(values, "issued_on", "expires_on")


def _furnace(values: Plain) -> Iterator[Fault]:
    yield from _days(values, "since", "done_on")


def _work(values: Plain) -> Iterator[Fault]:
    known = [one.id for one in proof_items(str(values.get("programme") or ""))]
    for word in values.get("proofs") or ():
        if word not in known:
            yield Fault("choice", "proofs", {"found": word, "expected": "、".join(known) or "–"})


def _solvent(values: Plain) -> Iterator[Fault]:
    for name in ("since", "until"):
        if not values.get(name):
            yield Fault("needed", name)
    used, low = values.get("used_t"), values.get("low_t")
    if used is not None and low is not None and low > used:
        yield Fault("low_above_all", "low_t")


def _order(values: Plain) -> Iterator[Fault]:
    share = values.get("share")
    if values.get("kind") == "limit" and share is None:
        yield Fault("share_needed", "share")
    if values.get("kind") in ("stop", "close") and share is not None:
        yield Fault("share_not", "share")
    start, end = values.get("start"), values.get("end")
    if start and end and end <= start:
        yield Fault("days_order", "end", {"early": start, "late": end})


_ROWS: dict[str, Callable[[Plain], Iterator[Fault]]] = {
    "enterprise": _enterprise,
    "equipment": _equipment,
    "pair": _pair,
    "limit": _limit,
    "boiler": _boiler,
    "chp": _chp,
    "furnace": _furnace,
    "work": _work,
    "solvent": _solvent,
    "permit": _permit,
    "order": _order,
}
