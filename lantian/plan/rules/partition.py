"""How a measure's fields are shared out when it is divided, and put together when two are joined. Pure.

Measures are plain dicts here (snapshots): text, start, end, nature, lists of texts, `fields` with spans, targets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]
# list on the measure -> the name that the reader's fields carry
FIELD_NAMES = {
    "deadlines": "deadline",
    "recurrence": "recurrence",
    "enterprises": "enterprise",
    "places": "place",
    "cites": "cites",
}
LISTS = tuple(FIELD_NAMES)
_NATURE_RANK = {"binding": 2, "striving": 1, "task": 0}
_WORD = re.compile(r"[\w\u4e00-\u9fff]")
_EDGE = " \t\r\n\u3000，,；;、。"


def says_something(*texts: str) -> bool:
    """Tell whether every text holds at least one letter, digit or character."""
    return all(_WORD.search(text) for text in texts)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without blanks and stray commas at its edges, kept inside the text.

    >>> trimmed("甲，完成治理。 乙", 1, 8)
    (2, 7)
    """
    start, end = max(0, min(start, end)), min(len(text), max(start, end))
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in " \t\r\n\u3000，,、":
        end -= 1
    return start, end


def joined(one: Json, other: Json) -> Json:
    """Return the fields of two measures put together (without text): the span over both, every value once."""
    result: Json = {
        "start": min(one["start"], other["start"]),
        "end": max(one["end"], other["end"]),
        "nature": max((one["nature"], other["nature"]), key=lambda n: _NATURE_RANK.get(n, 0)),
        "confidence": min(one["confidence"], other["confidence"]),
        "periods": [*one["periods"], *other["periods"]],
        "fields": [*one["fields"], *other["fields"]],
        "targets": [*one["targets"], *other["targets"]],
    }
    for name in LISTS:
        result[name] = list(dict.fromkeys([*one[name], *other[name]]))
    result["deadlines"].sort()
    # Empty means all areas of the clause, so a joined measure concerns all as soon as one of the two does.
    both = one.get("concerns") and other.get("concerns")
    result["concerns"] = list(dict.fromkeys([*one["concerns"], *other["concerns"]])) if both else []
    return result


def divided(measure: Json, offset: int) -> tuple[Json, Json]:
    """Return the fields of the two parts (without text). What has no span of its own goes to both.

    A part without a deadline takes the other's: a date at the head of a sentence governs what follows.
    """
    left: Json = {"start": measure["start"], "end": offset}
    right: Json = {"start": offset, "end": measure["end"]}
    for side, part in enumerate((left, right)):
        part["nature"], part["confidence"] = measure["nature"], measure["confidence"]
        part["concerns"] = list(measure.get("concerns", []))
        for name in ("fields", "periods", "targets"):
            part[name] = [one for one in measure[name] if _side(one, offset) in (side, None)]
        for name in LISTS:
            part[name] = [v for v in measure[name] if side in _sides(measure["fields"], FIELD_NAMES[name], v, offset)]
    if not right["deadlines"]:
        right["deadlines"] = list(left["deadlines"])
    return left, right


def _side(one: Mapping[str, Any], offset: int) -> int | None:
    start = one.get("start")
    return None if start is None else int(start >= offset)


def _sides(fields: Iterable[Mapping[str, Any]], name: str, value: str, offset: int) -> set[int]:
    found = {_side(f, offset) for f in fields if f["name"] == name and same_value(value, f["value"])}
    sides = {side for side in found if side is not None}
    return sides or {0, 1}


def fields_still_true(fields: Iterable[Json], values: Mapping[str, Any]) -> list[Json]:
    """Return the reader's fields without those whose value was taken out by hand."""
    by_name = {reader_name: list(values[name]) for name, reader_name in FIELD_NAMES.items() if name in values}
    return [f for f in fields if f["name"] not in by_name or any(same_value(v, f["value"]) for v in by_name[f["name"]])]


def same_value(value: str, read: str) -> bool:
    """Tell whether a measure's value is the one that the reader's field gives.

    A cited document is read by its bare title and kept as 《title》（number）.
    """
    return value == read or value.startswith(f"《{read}》")


def break_points(text: str, start: int, end: int) -> list[int]:
    """Return offsets within a span at which a sentence or a part of one ends, where a measure may be divided.

    >>> break_points("甲完成治理；乙完成改造。", 0, 12)
    [6]
    """
    marks = [m.end() for m in re.finditer(r"[。；;！!？?]|，(?=并|同时|到|于|20\d\d)", text[start:end])]
    points = [start + at for at in marks if says_something(text[start : start + at], text[start + at : end])]
    if points:
        return points
    commas = [start + m.end() for m in re.finditer("[，,]", text[start:end])]
    return [at for at in commas if says_something(text[start:at], text[at:end])]
