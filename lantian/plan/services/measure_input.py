"""What a person may write into a measure's fields; a value that cannot be is refused with its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from lantian.city.models import Place
from lantian.kit.errors import DomainError
from lantian.plan.models import Measure, MeasureTarget
from lantian.plan.rules.partition import says_something

COMPARATORS = (">=", "<=", "=", ">", "<", "range")
_MOST = Decimal(10) ** 12
_LIST_LENGTH = 40
_LONGEST_TEXT = 2**31


def validated(changes: Mapping[str, Any], *, text_length: int, span: tuple[int, int]) -> dict[str, Any]:
    """Return the changes as they are stored. Raises DomainError with the field's name for a value that cannot be."""
    values: dict[str, Any] = {}
    for name, value in changes.items():
        check = _CHECKS.get(name)
        if check is None:
            raise DomainError(_("“%s” is no field of a measure that can be edited.") % name, field=name)
        values[name] = check(name, value)
    start, end = values.get("start", span[0]), values.get("end", span[1])
    if not 0 <= start < end <= text_length:
        raise DomainError(_("The marked words lie outside the text."), field="start")
    return values


def _text(name: str, value: Any) -> str:
    text = str(value).strip()
    if not says_something(text):
        raise DomainError(_("A measure needs a text."), field=name)
    return text


def _offset(name: str, value: Any) -> int:
    return int(value)


def _nature(name: str, value: Any) -> str:
    if value not in Measure.Nature.values:
        raise DomainError(_("“%s” is no nature of a measure.") % value, field=name)
    return str(value)


def _texts(name: str, value: Iterable[Any]) -> list[str]:
    texts = list(dict.fromkeys(text for text in (str(one).strip() for one in value) if text))
    if len(texts) > _LIST_LENGTH:
        raise DomainError(_("At most %(n)s entries.") % {"n": _LIST_LENGTH}, field=name)
    return texts


def _days(name: str, value: Iterable[Any]) -> list[str]:
    days = []
    for one in _texts(name, value):
        try:
            days.append(dt.date.fromisoformat(one).isoformat())
        except ValueError as error:
            raise DomainError(_("“%s” is no day.") % one, hint=_("Write days like 2020-09-30."), field=name) from error
    return sorted(set(days))


def _targets(name: str, value: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [_target(name, one) for one in value]


def _target(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    number, upper = _number(name, one.get("value")), one.get("upper")
    target = {**one, "value": str(number), "upper": None, "unit": str(one.get("unit") or "").strip()}
    target["object"] = str(one.get("object") or "").strip()
    target["start"], target["end"] = _span(one.get("start"), one.get("end"))
    target["change"] = one.get("change") if one.get("change") in ("increase", "decrease") else ""
    target["basis"] = str(one.get("basis") or "").strip()[:30]
    target["derived_from"] = str(one.get("derived_from") or "").strip()[:40]
    if one.get("comparator") not in COMPARATORS:
        raise DomainError(_("Choose how the number compares: %s.") % " ".join(COMPARATORS), field=name)
    if one.get("role", "target") not in MeasureTarget.Role.values:
        raise DomainError(_("A number is a target or a criterion."), field=name)
    if one["comparator"] == "range":
        top = _number(name, upper)
        if top <= number:
            raise DomainError(_("The upper value of a range must be above the lower one."), field=name)
        target["upper"] = str(top)
    if len(target["unit"]) > 30 or len(target["object"]) > 200:
        raise DomainError(_("A unit has at most 30 characters, an object 200."), field=name)
    return target


def _span(start: Any, end: Any) -> tuple[int | None, int | None]:
    """Return where the number stands in the text; nowhere when that cannot be."""
    if isinstance(start, int) and isinstance(end, int) and 0 <= start < end < _LONGEST_TEXT:
        return start, end
    return None, None


def _number(name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise DomainError(_("“%s” is no number.") % value, field=name) from error
    if not number.is_finite() or abs(number) >= _MOST:
        raise DomainError(_("“%s” is no number that can be stored.") % value, field=name)
    return round(number, 6)


def _areas(name: str, value: Any) -> list[str]:
    """Return names of areas of the city; anything else would leave a duty with nobody."""
    wanted = _texts(name, value)
    known = set(Place.objects.areas().filter(name__in=wanted).values_list("name", flat=True))
    if strangers := [one for one in wanted if one not in known]:
        raise DomainError(
            _("These are no areas of the city: %(names)s.") % {"names": "、".join(strangers)},
            hint=_("Write the areas' full Chinese names, one a line; leave it empty for all areas of the clause."),
            field=name,
        )
    return wanted


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "text": _text,
    "start": _offset,
    "end": _offset,
    "nature": _nature,
    "deadlines": _days,
    "recurrence": _texts,
    "enterprises": _texts,
    "places": _texts,
    "concerns": _areas,
    "cites": _texts,
    "targets": _targets,
}
