"""Series that people keep by hand: defined by the city pack, evaluated from entries, silent where nobody said anything."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lantian.city.models import Place
from lantian.indicators.context import Context
from lantian.indicators.models import Entry
from lantian.indicators.period import KINDS, Period
from lantian.indicators.pooling import Part, Pooled, method_for, pool
from lantian.indicators.registry import Indicator
from lantian.indicators.value import Freshness, Note, ReasonCode, Ref, Value, capture_of
from lantian.indicators.words import amount
from lantian.standards.rounding import round_half_even
from lantian.standards.units import IncompatibleUnitsError, convert

_FRESHNESS = {
    "day": "freshness.daily",
    "week": "freshness.weekly",
    "month": "freshness.monthly",
    "quarter": "freshness.quarterly",
    "season": "freshness.yearly",
    "year": "freshness.yearly",
    "once": "freshness.once",
}


def _in_language(zh: str, en: str) -> str:
    return en if en and (get_language() or "").startswith("en") else zh


bilingual = lazy(_in_language, str)


def room_name(code: str) -> str:
    """Return how people call a room that supplies values."""
    names = {
        "air": _("the air room"),
        "sources": _("the room of pollution sources"),
        "supervision": _("the supervision room"),
        "episodes": _("the room of heavy-pollution episodes"),
        "enforcement": _("the enforcement room"),
        "plan": _("the plan room"),
        "hand": _("people, by hand"),
    }
    return names.get(code, code)


def from_pack(row: Mapping[str, Any]) -> Indicator:
    """Return the indicator that a row of the pack's indicators defines (keys as lantian.city.pack.model.Indicator)."""

    def rule(place: Place, period: Period, context: Context) -> Value:
        return evaluate(one, place, period, context)

    one = Indicator(
        code=row["code"],
        title=bilingual(row["title_zh"], row["title_en"]),
        unit=row["unit"],
        direction=row["direction"],
        level=row["level"],
        evidence=gettext_lazy("values entered by hand, with proof"),
        rule_version=row["rule_version"],
        periods=KINDS,
        definition=bilingual(row.get("definition_zh", ""), row.get("definition_en", "")),
        compute=rule,
        frequency=row["frequency"],
        supplied_by=row["supplied_by"],
        by_hand=True,
        low=_decimal(row.get("low")),
        high=_decimal(row.get("high")),
        decimals=int(row.get("decimals", 1)),
        aggregate=row.get("aggregate") or method_for(row["unit"]),
    )
    return one


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def evaluate(one: Indicator, place: Place, period: Period, context: Context) -> Value:
    """Return the value of a hand-entered series, or why there is none."""
    entries = context.entries(one.code, period)
    here = [entry for entry in entries if entry.place_id == place.pk]
    if place.kind == Place.Kind.CITY:
        return _of_city(one, place, period, context, entries, here)
    if place.kind not in Place.AREA_KINDS or one.level == "city":
        return _none(one, ReasonCode.NOT_HERE, _("This indicator is not kept for such a place."))
    return _from_entry(one, here[0], period, context) if here else _absent(one, period, context)


def _of_city(
    one: Indicator, city: Place, period: Period, context: Context, entries: list[Entry], own: list[Entry]
) -> Value:
    said = _from_entry(one, own[0], period, context) if own else None
    parts = [] if one.level == "city" else _chosen(one, context, [e for e in entries if e.place_id != city.pk])
    if one.level == "city" or one.aggregate == "none" or not parts:
        if said is not None:
            return said if one.level == "city" or one.aggregate == "none" else said.noted(_own_only())
        return _absent(one, period, context, areas=len(parts))
    pooled = _pooled(one, parts, context)
    value = _from_pool(one, pooled, parts, period, context)
    said = _own_of_the_same_days(one, own, parts[0], period, context)
    if said is not None and value.number is not None and disagree(said.number, value.number, context):
        return value.noted(_disagreement(one, said))
    return value


def _own_of_the_same_days(
    one: Indicator, own: list[Entry], part: Entry, period: Period, context: Context
) -> Value | None:
    """Return the city's own entry that speaks of the days that the areas' entries speak of."""
    days = (part.period_from, part.period_to)
    same = [e for e in own if one.frequency == "once" or (e.period_from, e.period_to) == days]
    return _from_entry(one, same[0], period, context) if same else None


def _chosen(one: Indicator, context: Context, entries: list[Entry]) -> list[Entry]:
    """Pick one entry per expected area: the same period for all, the newest that enough areas have filled in.

    A state that is told once ("once") is the newest of each area, whatever its day.
    """
    expected = {area.pk for area in context.expected_areas(one.code)}
    by_period: dict[tuple[Any, ...], dict[int, Entry]] = {}
    for entry in entries:  # newest period first
        if entry.place_id in expected:
            key = () if one.frequency == "once" else (entry.period_to, entry.period_from)
            by_period.setdefault(key, {}).setdefault(entry.place_id, entry)
    if not by_period:
        return []
    enough = context.threshold("indicator.min_capture") / 100 * len(expected)
    full = [group for group in by_period.values() if len(group) >= enough]
    chosen = full[0] if full else max(by_period.values(), key=len)
    return list(chosen.values())


def _pooled(one: Indicator, parts: list[Entry], context: Context) -> Pooled:
    return pool(
        one.aggregate,
        [Part(str(e.place_id), number_of(e, one.unit), e.n) for e in parts],
        expected=len(context.expected_areas(one.code)),
        min_capture=context.threshold("indicator.min_capture") / 100,
    )


def _from_pool(one: Indicator, pooled: Pooled, parts: list[Entry], period: Period, context: Context) -> Value:
    lineage = [_ref(entry) for entry in parts]
    if pooled.number is None:
        names = {str(area.pk): str(area) for area in context.areas}
        who = ", ".join(names.get(place, place) for place in pooled.without_weight)
        text = _("Shares are weighted by n, and these areas gave no n: %(areas)s.") % {"areas": who}
        return Value.none(
            ReasonCode.NO_WEIGHTS,
            text,
            one.unit,
            rule_version=one.rule_version,
            n=pooled.n,
            n_expected=pooled.expected,
            lineage=lineage,
        )
    notes = [_period_note(parts[0], period)] if _narrower(parts[0], period) else []
    if pooled.partial:
        text = _("Only %(n)s of %(expected)s areas have a value: too few to judge the city.")
        notes.append(Note("partial", text % {"n": pooled.n, "expected": pooled.expected}))
    days = [min(context.today, entry.period_to) for entry in parts]
    return Value.of(
        pooled.number,
        one.unit,
        n=pooled.n,
        n_expected=pooled.expected,
        as_of=max(days),
        # The oldest part decides: one fresh county does not make the city fresh.
        freshness=freshness_of(one, min(days), period, context),
        lineage=lineage,
        rule_version=one.rule_version,
        partial=pooled.partial,
        notes=notes,
    )


def _from_entry(one: Indicator, entry: Entry, period: Period, context: Context) -> Value:
    return Value(
        number_of(entry, one.unit),
        one.unit,
        n=entry.n,
        n_expected=entry.n_expected,
        capture=capture_of(entry.n, entry.n_expected),
        as_of=min(context.today, entry.period_to),
        freshness=freshness_of(one, entry.period_to, period, context),
        lineage=(_ref(entry),),
        rule_version=one.rule_version,
        notes=(_period_note(entry, period),) if _narrower(entry, period) else (),
    )


def number_of(entry: Entry, unit_code: str) -> Decimal:
    """Return the entry's number in the indicator's unit (ValueError when the two cannot be compared)."""
    if entry.value is None:
        raise ValueError("a withdrawn entry has no number")
    try:
        return convert(entry.value, entry.unit, unit_code)
    except IncompatibleUnitsError as error:
        raise ValueError(f"entry {entry.pk} of {entry.indicator}: {error}") from error


def freshness_of(one: Indicator, as_of: Any, period: Period, context: Context) -> Freshness:
    """Tell whether the newest input is as young as its frequency asks for, on the evaluation's day."""
    age = (min(period.end, context.today) - as_of).days
    limit = context.threshold(_FRESHNESS.get(one.frequency, "freshness.monthly"))
    return Freshness.FRESH if age <= limit else Freshness.STALE


def disagree(said: Decimal | None, computed: Decimal | None, context: Context) -> bool:
    """Tell whether two numbers differ by more than the tolerated share of the larger (False when one is missing)."""
    if said is None or computed is None:
        return False
    tolerated = context.threshold("report.disagreement_share") / 100 * max(abs(said), abs(computed))
    return abs(said - computed) > tolerated


def beside(one: Indicator, computed: Value, place: Place, period: Period, context: Context) -> Value:
    """Set what people said beside what a rule computed: a difference is a finding; without data it stands in."""
    if computed.number is None:
        value = evaluate(one, place, period, context)
        reason = _("Entered by hand; it is not computed: %(reason)s") % {"reason": computed.reason}
        return value.noted(Note("stated", reason)) if value.number is not None else computed
    said = _said(one, place, period, context)
    if said is None:
        return computed
    number = number_of(said, one.unit)
    words = {"value": amount(number, 1), "unit": one.unit}
    if disagree(number, computed.number, context):
        text = _("Entered by hand: %(value)s %(unit)s; it differs from what is computed.") % words
        return computed.noted(Note("disagreement", text))
    return computed.noted(Note("stated", _("Entered by hand: %(value)s %(unit)s.") % words))


def _said(one: Indicator, place: Place, period: Period, context: Context) -> Entry | None:
    """What people say of the same period, or of the one that is still running; the newest."""
    for entry in context.entries(one.code, period):
        if entry.place_id == place.pk and (entry.period_from == period.start or entry.period_to >= context.today):
            return entry
    return None


def _absent(one: Indicator, period: Period, context: Context, *, areas: int = 0) -> Value:
    if areas:
        text = _("The city's own value has not been entered (%(n)s areas have theirs).") % {"n": areas}
        return _none(one, ReasonCode.NO_ENTRY, text)
    if one.code in _ever_entered(context):
        return _none(one, ReasonCode.NO_ENTRY, _("No entry for this period."))
    if one.supplied_by == "hand":
        return _none(one, ReasonCode.NO_DATA_YET, _("No data yet: nobody has entered a value."))
    room = room_name(one.supplied_by)
    return _none(one, ReasonCode.NO_DATA_YET, _("No data yet: %(room)s will supply it.") % {"room": room})


def _ever_entered(context: Context) -> set[str]:
    def read() -> set[str]:
        standing = Entry.objects.as_known_at(context.known_at).standing()
        return set(standing.order_by().values_list("indicator", flat=True).distinct())

    return context.memo("ever entered", read)


def _none(one: Indicator, code: ReasonCode, text: str) -> Value:
    return Value.none(code, text, one.unit, rule_version=one.rule_version)


def _narrower(entry: Entry, period: Period) -> bool:
    return (entry.period_from, entry.period_to) != (period.start, period.end)


def _period_note(entry: Entry, period: Period) -> Note:
    text = _("value of %(start)s to %(end)s") % {"start": entry.period_from, "end": entry.period_to}
    return Note("period", text)


def _own_only() -> Note:
    return Note("own", _("The city's own entry: no area has entered a value."))


def _disagreement(one: Indicator, said: Value) -> Note:
    number = round_half_even(said.number or Decimal(0), one.decimals)
    return Note(
        "disagreement",
        _("The city's own entry says %(number)s %(unit)s: it differs from what the areas' entries give.")
        % {"number": number, "unit": one.unit},
    )


def _ref(entry: Entry) -> Ref:
    return Ref("entry", str(entry.pk), f"#{entry.pk}", "indicators:entry")


__all__ = ["beside", "bilingual", "disagree", "evaluate", "freshness_of", "from_pack", "number_of", "room_name"]
