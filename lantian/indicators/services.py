"""Verbs of hand-entered values: enter, correct, withdraw. Rows are appended; nothing is overwritten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import Scope, scope_of
from lantian.city.models import Place, User
from lantian.indicators.context import Context
from lantian.indicators.models import Entry
from lantian.indicators.period import Period
from lantian.indicators.queries import find
from lantian.indicators.registry import Indicator
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.kit.locking import check_repeat
from lantian.records.services import audit
from lantian.standards.units import IncompatibleUnitsError, UnknownUnitError, convert

ENTER = "indicator.enter"


@dataclass(frozen=True)
class Statement:
    """What somebody says: a value in `unit` (empty: the indicator's), counted over `n` of `n_expected` things."""

    value: Decimal
    unit: str = ""
    n: int | None = None
    n_expected: int | None = None
    note: str = ""
    evidence: tuple[Any, ...] = field(default=())


def may_enter(scope: Scope, code: str, place: Place, context: Context) -> bool:
    """Tell whether a person may enter values here: their own place, or an indicator that their agency answers for."""
    return scope.may_at(ENTER, place_ids=[place.pk], agency_ids=context.agencies_of(code))


def entry_kind(one: Indicator) -> str:
    """Return the kind of period that an indicator's values are entered for ("once": the state of a day)."""
    return "day" if one.frequency == "once" else one.frequency


@transaction.atomic
def enter_value(
    actor: User,
    code: str,
    place: Place,
    period: Period,
    statement: Statement,
    *,
    key: str | None = None,
    context: Context | None = None,
) -> Entry:
    """Append the first value of an indicator, place and period (or the first after a withdrawal).

    Raises NotAllowed, Conflict when a value stands already (correct it instead), DomainError for what cannot be.
    """
    context = context or Context()
    one = _check_may(actor, code, place, context)
    if done := _done(key, actor, indicator=code, place_id=place.pk, period_from=period.start, period_to=period.end):
        return done
    _check_period(one, place, period, context)
    head = _head(code, place, period)
    if head is not None and head.value is not None:
        raise Conflict(
            _("%(place)s has a value for %(period)s already.") % {"place": place, "period": period},
            hint=_("Correct that value instead."),
            field="period",
        )
    entry = _append(actor, one, place, period.start, period.end, statement, corrects=head, key=key)
    audit(actor, "indicator.enter", entry, changes={"value": (None, entry.value)}, data=_data(entry))
    return entry


@transaction.atomic
def correct_value(
    actor: User,
    entry: Entry,
    statement: Statement,
    *,
    reason: str,
    key: str | None = None,
    context: Context | None = None,
) -> Entry:
    """Append a value that replaces `entry`, which must be the last word. Raises NotAllowed, Conflict, DomainError."""
    context = context or Context()
    one = _check_may(actor, entry.indicator, entry.place, context)
    if done := _done(key, actor, corrects_id=entry.pk):
        return done
    _check_reason(reason)
    _check_last_word(entry)
    start, end = entry.period_from, entry.period_to
    new = _append(actor, one, entry.place, start, end, statement, corrects=entry, reason=reason.strip(), key=key)
    audit(actor, "indicator.correct", new, changes={"value": (entry.value, new.value)}, reason=reason, data=_data(new))
    return new


@transaction.atomic
def withdraw_value(
    actor: User, entry: Entry, *, reason: str, key: str | None = None, context: Context | None = None
) -> Entry:
    """Append a row without a value: from now on there is none. Raises NotAllowed, Conflict, DomainError."""
    context = context or Context()
    _check_may(actor, entry.indicator, entry.place, context)
    if done := _done(key, actor, corrects_id=entry.pk):
        return done
    _check_reason(reason)
    _check_last_word(entry)
    if entry.value is None:
        raise Conflict(_("This value is withdrawn already."))
    row = Entry(
        indicator=entry.indicator, place=entry.place, period_from=entry.period_from, period_to=entry.period_to,
        value=None, unit=entry.unit, reason=reason.strip(), entered_by=actor, known_at=clock.now(), corrects=entry,
        idempotency_key=key,
    )  # fmt: skip
    _save(row)
    audit(actor, "indicator.withdraw", row, changes={"value": (entry.value, None)}, reason=reason, data=_data(row))
    return row


def _check_may(actor: User, code: str, place: Place, context: Context) -> Indicator:
    scope = scope_of(actor)
    scope.require(ENTER)
    if not may_enter(scope, code, place, context):
        raise NotAllowed(
            _("You cannot enter values for %(place)s.") % {"place": place},
            hint=_("A county enters its own values, a department those of the targets that it answers for."),
            field="place",
        )
    one = find(code, context)
    if one is None:
        raise DomainError(_("No indicator has the code “%(code)s”.") % {"code": code}, field="indicator")
    if not one.by_hand:
        raise DomainError(
            _("“%(title)s” is computed from records; nobody enters it.") % {"title": one.title},
            hint=_("Change the records that it rests on: its page lists them."),
            field="indicator",
        )
    return one


def _check_period(one: Indicator, place: Place, period: Period, context: Context) -> None:
    if place.kind != Place.Kind.CITY and (one.level == "city" or place.kind not in Place.AREA_KINDS):
        raise DomainError(_("“%(title)s” is not kept for such a place.") % {"title": one.title}, field="place")
    if period.kind != entry_kind(one):
        raise DomainError(
            _("“%(title)s” is entered by %(kind)s, not by %(other)s.")
            % {"title": one.title, "kind": entry_kind(one), "other": period.kind},
            field="period",
        )
    if period.start > context.today:
        raise DomainError(_("%(period)s has not begun.") % {"period": period}, field="period")


def _append(
    actor: User,
    one: Indicator,
    place: Place,
    start: dt.date,
    end: dt.date,
    said: Statement,
    *,
    corrects: Entry | None,
    reason: str = "",
    key: str | None,
) -> Entry:
    value = _in_unit(one, said)
    _check_counts(one, place, said)
    entry = Entry(
        indicator=one.code, place=place, period_from=start, period_to=end, value=value, unit=one.unit, n=said.n,
        n_expected=said.n_expected, note=said.note, entered_by=actor, known_at=clock.now(), corrects=corrects,
        reason=reason, idempotency_key=key,
    )  # fmt: skip
    _save(entry)
    entry.evidence.set(said.evidence)
    return entry


def _save(entry: Entry) -> None:
    """Insert; two people at the same moment meet the database's constraint, and the later one is told."""
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            _("Somebody entered or corrected this value at the same moment."), hint=_("Reload the page to see it.")
        ) from error


def _in_unit(one: Indicator, said: Statement) -> Decimal:
    try:
        value = convert(said.value, said.unit or one.unit, one.unit)
    except (UnknownUnitError, IncompatibleUnitsError) as error:
        text = _("“%(unit)s” cannot be read as %(own)s.") % {"unit": said.unit, "own": one.unit}
        raise DomainError(text, field="value") from error
    bounds = {"low": one.low, "high": one.high, "unit": one.unit, "value": value}
    if (one.low is not None and value < one.low) or (one.high is not None and value > one.high):
        raise DomainError(
            _("%(value)s %(unit)s cannot be: values lie between %(low)s and %(high)s.") % bounds, field="value"
        )
    if abs(value) >= Decimal(10) ** 12:
        raise DomainError(_("%(value)s is too large.") % {"value": value}, field="value")
    return round(value, 6)


def _check_counts(one: Indicator, place: Place, said: Statement) -> None:
    if said.n is not None and said.n_expected is not None and said.n > said.n_expected:
        raise DomainError(
            _("n is %(n)s, more than the %(expected)s that there are.") % {"n": said.n, "expected": said.n_expected},
            field="n",
        )
    if one.aggregate == "weighted" and place.kind != Place.Kind.CITY and one.level != "city" and not said.n:
        raise DomainError(
            _("Give n, the number of things that this share was counted over."),
            hint=_("The city's share weights each area by its n."),
            field="n",
        )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")


def _check_last_word(entry: Entry) -> None:
    later = Entry.objects.filter(corrects=entry).select_related("entered_by").first()
    if later is not None:
        raise Conflict(
            _("%(who)s has corrected this value meanwhile.") % {"who": later.entered_by},
            hint=_("Look at the newest value first."),
        )


def _head(code: str, place: Place, period: Period) -> Entry | None:
    return (
        Entry.objects.as_known_at()
        .filter(indicator=code, place=place, period_from=period.start, period_to=period.end)
        .first()
    )


def _done(key: str | None, actor: User, **about: Any) -> Entry | None:
    """Return what the same click wrote before. A key of somebody else, or of another form, is refused."""
    found = Entry.objects.filter(idempotency_key=key).first() if key else None
    if found is not None:
        check_repeat(found, entered_by_id=actor.pk, **about)
    return found


def _data(entry: Entry) -> dict[str, Any]:
    return {
        "indicator": entry.indicator,
        "place": entry.place.code,
        "from": entry.period_from,
        "to": entry.period_to,
        "unit": entry.unit,
        "n": entry.n,
        "n_expected": entry.n_expected,
        "evidence": list(entry.evidence.values_list("pk", flat=True)),
    }
