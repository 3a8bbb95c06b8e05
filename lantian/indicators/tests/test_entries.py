"""Hand-entered values: chains of statements, what was known when, who may say what."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from lantian.city import clock
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.models import Entry
from lantian.indicators.queries import evaluate
from lantian.indicators.services import Statement, correct_value, enter_value, withdraw_value
from lantian.indicators.tests.samples import define, say
from lantian.indicators.value import ReasonCode
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.records.models import AuditEntry

pytestmark = pytest.mark.django_db
MAY = periods.parse("2020-05")


@pytest.fixture
def town(city):
    define()
    with clock.travel(dt.date(2020, 6, 20)), translation.override("en"):
        yield city


def look(city, code="dustfall", place=None, **context):
    return evaluate(code, place or city.areas[0], MAY, Context(today=dt.date(2020, 6, 20), **context))


def test_a_value_entered_is_the_value_shown(town):
    entry = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4", n=9, n_expected=10)
    value = look(town)
    assert value.number == Decimal("8.4")
    assert (value.n, value.n_expected, value.capture) == (9, 10, Decimal("0.9"))
    assert value.as_of == dt.date(2020, 5, 31)
    assert value.freshness == "fresh"
    assert [ref.id for ref in value.lineage] == [str(entry.pk)]
    assert value.rule_version == "2020.1"
    assert AuditEntry.objects.get(action="indicator.enter").changes == {"value": [None, "8.4"]}


def test_a_value_in_another_unit_is_converted_exactly(town):
    define()
    entry = say(town.people["office"], "so2_mean", town.areas[0], "2019", "0.06", unit="mg/m3")
    assert (entry.value, entry.unit) == (Decimal(60), "µg/m3")


def test_a_correction_is_a_new_row_and_the_old_one_stays(town):
    first = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    second = correct_value(town.people["county"], first, Statement(Decimal("8.9")), reason="typing error")
    assert look(town).number == Decimal("8.9")
    first.refresh_from_db()
    assert first.value == Decimal("8.4")
    assert second.corrects_id == first.pk
    entry = AuditEntry.objects.get(action="indicator.correct")
    assert (entry.changes, entry.reason) == ({"value": ["8.4", "8.9"]}, "typing error")


def test_a_withdrawn_value_is_no_value_and_may_be_entered_again(town):
    first = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    gone = withdraw_value(town.people["county"], first, reason="wrong station")
    assert look(town).reason.code == ReasonCode.NO_DATA_YET
    with pytest.raises(Conflict, match="withdrawn already"):
        withdraw_value(town.people["county"], gone, reason="again")
    again = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "7")
    assert again.corrects_id == gone.pk
    assert look(town).number == Decimal(7)


def test_as_known_on_a_day_shows_what_was_known_then(town):
    entry = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    for said in ("8.9", "9.3"):
        entry = correct_value(town.people["county"], entry, Statement(Decimal(said)), reason="revised")
    rows = list(Entry.objects.order_by("id"))
    for at, row in enumerate(rows):
        Entry.objects.filter(pk=row.pk).update(known_at=timezone.make_aware(dt.datetime(2020, 6, 1 + 5 * at)))
    seen = {
        day: look(town, known_at=timezone.make_aware(dt.datetime(2020, 6, day, 12))).number for day in (1, 5, 6, 10, 12)
    }
    assert seen == {1: Decimal("8.4"), 5: Decimal("8.4"), 6: Decimal("8.9"), 10: Decimal("8.9"), 12: Decimal("9.3")}
    before = look(town, known_at=timezone.make_aware(dt.datetime(2020, 5, 31)))
    assert before.number is None


def test_the_chain_cannot_fork(town):
    first = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    correct_value(town.people["county"], first, Statement(Decimal(9)), reason="revised")
    with pytest.raises(Conflict, match="corrected this value meanwhile"):
        correct_value(town.people["county"], first, Statement(Decimal(10)), reason="revised")
    with pytest.raises(Conflict, match="has a value"):
        say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    copy = Entry.objects.first()
    copy.pk, copy.corrects = None, None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_the_same_click_twice_writes_once(town):
    one = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4", key="k1")
    two = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4", key="k1")
    assert one.pk == two.pk
    assert Entry.objects.count() == 1
    assert AuditEntry.objects.filter(action="indicator.enter").count() == 1
    with pytest.raises(Conflict, match="for something else"):
        say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8.4", key="k1")


@pytest.mark.parametrize(
    ("who", "where", "allowed"),
    [
        ("county", 0, True),
        ("county", 1, False),
        ("county2", 1, True),
        ("office", 1, True),
        ("town", 0, False),
        ("dept", 0, False),  # answers for no target of this indicator
        ("inspector", 0, False),
        ("enterprise", 0, False),
        ("public", 0, False),
        ("nobody", 0, False),
        ("admin", 0, False),
    ],
)
def test_who_may_enter_where(town, who, where, allowed):
    if allowed:
        assert say(town.people[who], "dustfall", town.areas[where], "2020-05", "8").value == 8
    else:
        with pytest.raises(NotAllowed):
            say(town.people[who], "dustfall", town.areas[where], "2020-05", "8")
        assert not Entry.objects.exists()


def test_nobody_corrects_or_withdraws_for_another_county(town):
    entry = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    with pytest.raises(NotAllowed):
        correct_value(town.people["county2"], entry, Statement(Decimal(1)), reason="mine now")
    with pytest.raises(NotAllowed):
        withdraw_value(town.people["county2"], entry, reason="mine now")


@pytest.mark.parametrize(
    ("code", "period", "value", "more", "field"),
    [
        ("dustfall", "2020-05", "-1", {}, "value"),
        ("dustfall", "2020-05", "201", {}, "value"),
        ("dustfall", "2020-05", "8", {"unit": "%"}, "value"),
        ("dustfall", "2020-05", "8", {"unit": "furlongs"}, "value"),
        ("dustfall", "2020-05", "8", {"n": 3, "n_expected": 2}, "n"),
        ("dustfall", "2020", "8", {}, "period"),
        ("dustfall", "2020-07", "8", {}, "period"),
        ("gas_share", "2020-05", "80", {}, "n"),
        ("gas_share", "2020-05", "80", {"n": 0}, "n"),
        ("rank_gain", "2020", "8", {}, "place"),
        ("no_such", "2020-05", "8", {}, "indicator"),
        ("plan_overdue_share", "2020-05", "8", {}, "indicator"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(town, code, period, value, more, field):
    with pytest.raises(DomainError) as refused:
        say(town.people["office"], code, town.areas[0], period, value, **more)
    assert refused.value.field == field
    assert not Entry.objects.exists()


def test_a_correction_needs_a_reason(town):
    entry = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    for act in (
        lambda: correct_value(town.people["county"], entry, Statement(Decimal(1)), reason="  "),
        lambda: withdraw_value(town.people["county"], entry, reason=""),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.field == "reason"


def test_what_people_may_read_of_each_other(town):
    from lantian.city.access import scope_of

    mine = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8")
    other = say(town.people["county2"], "dustfall", town.areas[1], "2020-05", "9")
    whole = say(town.people["office"], "rank_gain", town.city, "2020", "3")
    seen = {
        who: set(Entry.objects.visible_to(scope_of(town.people[who])).values_list("pk", flat=True))
        for who in ("office", "dept", "county", "public", "nobody")
    }
    assert seen == {
        "office": {mine.pk, other.pk, whole.pk},
        "dept": {mine.pk, other.pk, whole.pk},
        "county": {mine.pk, whole.pk},
        "public": set(),
        "nobody": set(),
    }


def test_entering_needs_the_verb_even_for_a_known_click(town):
    say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4", key="k1")
    with pytest.raises(NotAllowed):
        enter_value(town.people["public"], "dustfall", town.areas[0], MAY, Statement(Decimal(1)), key="k1")
