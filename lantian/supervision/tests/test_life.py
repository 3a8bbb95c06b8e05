"""Findings become alarms, alarms live: told, escalated, answered, withdrawn; leads collect them."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from lantian.city import clock
from lantian.city.models import Membership
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.records.models import AuditEntry, Notification
from lantian.sources.models import Enterprise
from lantian.supervision.models import Alarm, AlarmStep, Judged, Lead
from lantian.supervision.rules.life import CITY, COUNTY, PLANT, Known, due_level, likelihood, match
from lantian.supervision.services import acting, leads, numbers
from lantian.supervision.services.judging import QUICK, SLOW, due, judge_all
from lantian.supervision.services.telling import escalate
from lantian.supervision.services.trial import trial
from lantian.supervision.tests.life import NIGHT, NOW, frame, off_at_night, register, store
from lantian.supervision.tests.plants import monitor, power, stack
from tests.builders import make_city, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path
    return tmp_path


@pytest.fixture
def city(data):
    made = make_city()
    register()
    Enterprise.objects.update(area=made.areas[0])
    make_user("plantman", "enterprise", enterprise="砖厂")
    return made


def person(name):
    return Membership.objects.get(user__username=name).user


@pytest.fixture
def alarm(city, data):
    store(data, frame(off_at_night()))
    with clock.travel(NOW):
        judge_all(force=True)
        yield Alarm.objects.get(rule="treatment-off")


def test_an_alarm_is_raised_told_and_put_to_a_lead(alarm):
    assert (alarm.subject, alarm.state, alarm.severity, alarm.ongoing) == ("E1.R1", "new", "high", False)
    assert (alarm.n, alarm.expected, alarm.rule_version) == (24, 24, "sup-1")
    assert [step.act for step in alarm.steps.all()] == ["raised", "told", "joined"]
    assert alarm.steps.get(act="told").data == {"level": 1, "people": 1}
    assert list(Notification.objects.values_list("recipient__username", flat=True)) == ["plantman"]
    assert "产污开、治污停" in Notification.objects.get().subject
    assert alarm.lead.kind == "power"
    assert alarm.lead.likelihood == pytest.approx(0.95 * (0.7 + 0.3 * 0.75), abs=0.02)


def test_judging_again_changes_nothing(alarm):
    done = judge_all(force=True)
    assert (done.raised, done.changed, done.cleared, done.plants) == (0, 0, 0, 1)
    assert Alarm.objects.count() == 1
    assert Notification.objects.count() == 1


def test_late_data_withdraw_an_alarm_visibly_and_others_bring_it_back(alarm, data):
    store(data, frame(power()), "corrected", NOW + dt.timedelta(minutes=5))
    with clock.travel(NOW + dt.timedelta(minutes=10)):
        assert judge_all(force=True).cleared == 1
        alarm.refresh_from_db()
        assert alarm.state == "cleared"
        assert alarm.steps.last().act == "cleared"
        lead = Lead.objects.get()
        assert lead.likelihood == 0
        assert lead.basis == []
    store(data, frame(off_at_night()), "as first said", NOW + dt.timedelta(minutes=15))
    with clock.travel(NOW + dt.timedelta(minutes=20)):
        judge_all(force=True)
        alarm.refresh_from_db()
        assert alarm.state == "new"


def test_late_data_shorten_an_alarm_and_what_it_said_is_kept(alarm, data):
    shorter = slice(NIGHT.start, NIGHT.stop - 8)
    store(data, frame(off_at_night(T1=shorter)), "corrected", NOW + dt.timedelta(minutes=5))
    with clock.travel(NOW + dt.timedelta(minutes=10)):
        judge_all(force=True)
    alarm.refresh_from_db()
    assert alarm.numbers["hours"] == 4
    said = alarm.steps.filter(act__in=("raised", "rejudged")).values_list("data__numbers__hours", flat=True)
    assert list(said) == [6.0, 4.0]


def test_an_open_alarm_goes_on_and_ends(city, data):
    values = off_at_night(T1=slice(9 * 96 + 40, 10 * 96))
    part = {code: one[: 9 * 96 + 60] for code, one in values.items()}
    store(data, frame(part), "first")
    with clock.travel(NOW - dt.timedelta(hours=9)):
        judge_all(QUICK, force=True)
        assert Alarm.objects.get().ongoing
    values["E1.T1"][9 * 96 + 70 :] = 40.0
    store(data, frame(values), "second", NOW)
    with clock.travel(NOW):
        judge_all(QUICK, force=True)
    alarm = Alarm.objects.get()
    assert not alarm.ongoing
    assert alarm.numbers["hours"] == 7.5
    assert alarm.steps.filter(act="ended").exists()


def test_escalation_to_the_county_then_to_the_city(alarm):
    assert escalate() == 0
    with clock.travel(NOW + dt.timedelta(minutes=61)):
        assert escalate() == 1
        assert escalate() == 0
    with clock.travel(NOW + dt.timedelta(minutes=241)):
        assert escalate() == 1
    alarm.refresh_from_db()
    assert alarm.level == 3
    told = Notification.objects.order_by("id").values_list("recipient__username", flat=True)
    assert list(told) == ["plantman", "county", "office", "office2"]


def test_what_was_taken_note_of_does_not_go_up(alarm):
    acting.act(person("plantman"), alarm, "acknowledged")
    with clock.travel(NOW + dt.timedelta(days=3)):
        assert escalate() == 0


def test_nobody_to_tell_is_said(city, data):
    Membership.objects.filter(user__username="plantman").delete()
    store(data, frame(off_at_night()))
    with clock.travel(NOW):
        judge_all(force=True)
    assert AlarmStep.objects.get(act="told").data == {"level": 1, "people": 0}


def test_the_plant_explains_the_county_decides(alarm):
    plantman, countyman = person("plantman"), person("county")
    assert set(acting.moves(plantman, alarm)) == {"acknowledged", "answered"}
    with pytest.raises(NotAllowed):
        acting.act(plantman, alarm, "dismissed", note="nothing")
    with pytest.raises(DomainError):
        acting.act(plantman, alarm, "answered", note=" ")
    acting.act(plantman, alarm, "answered", note="风机检修", key="k1")
    acting.act(plantman, alarm, "answered", note="风机检修", key="k1")
    assert alarm.steps.filter(act="answered").count() == 1
    with pytest.raises(Conflict):
        acting.act(countyman, alarm, "dismissed", note="已核实", seen_version=1)
    alarm.refresh_from_db()
    acting.act(countyman, alarm, "dismissed", note="已核实", seen_version=alarm.version)
    assert Lead.objects.get().likelihood == 0
    assert AuditEntry.objects.filter(action="supervision.alarm").count() == 2


def test_others_may_not(alarm):
    with pytest.raises(NotAllowed):
        acting.act(person("county2"), alarm, "acknowledged")
    assert acting.moves(person("county2"), alarm) == []


def test_a_dismissed_alarm_is_not_raised_again(alarm):
    acting.act(person("county"), alarm, "dismissed", note="检修")
    judge_all(force=True)
    assert Alarm.objects.get().state == "dismissed"


def test_a_shield_keeps_alarms_quiet(city, data):
    store(data, frame(off_at_night()))
    with clock.travel(NOW - dt.timedelta(days=9)):
        one = Enterprise.objects.get()
        with pytest.raises(DomainError):
            acting.shield(person("office"), one, until=NOW + dt.timedelta(days=200), reason="大修")
        with pytest.raises(NotAllowed):
            acting.shield(person("county"), one, until=NOW, reason="大修")
        acting.shield(person("office"), one, until=NOW, reason="大修", rule="treatment-off")
    with clock.travel(NOW):
        judge_all(force=True)
        alarm = Alarm.objects.get()
        assert alarm.state == "shielded"
        assert alarm.lead is None
        assert escalate() == 0
    assert not Notification.objects.exists()


def test_rules_that_are_off_say_nothing(city, data):
    store(data, frame(off_at_night()))
    with pytest.raises(DomainError):
        numbers.switch(person("office"), "treatment-off", on=False, reason="")
    with pytest.raises(NotAllowed):
        numbers.switch(person("county"), "treatment-off", on=False, reason="x")
    numbers.switch(person("office"), "treatment-off", on=False, reason="试运行")
    with clock.travel(NOW):
        judge_all(force=True)
    assert not Alarm.objects.filter(rule="treatment-off").exists()


def test_numbers_of_one_enterprise(city, data):
    store(data, frame(off_at_night()))
    office, one = person("office"), Enterprise.objects.get()
    with pytest.raises(DomainError):
        numbers.set_numbers(office, "treatment-off", {"minutes": 99999}, reason="x", enterprise=one)
    made = numbers.set_numbers(office, "treatment-off", {"minutes": 600}, reason="工艺需要", enterprise=one)
    with clock.travel(NOW):
        judge_all(force=True)
        assert not Alarm.objects.filter(rule="treatment-off").exists()
        numbers.end_numbers(office, made, reason="期满")
        Judged.objects.all().delete()  # the night lies further back than is judged again
        judge_all(force=True)
    assert Alarm.objects.get(rule="treatment-off").rule_version == "sup-1"


def test_a_trial_keeps_nothing_and_takes_other_numbers(city, data):
    store(data, frame(off_at_night()))
    with clock.travel(NOW):
        done = trial(person("office"), "treatment-off", NOW - dt.timedelta(days=10), NOW)
        assert [one.numbers["hours"] for one in done.findings] == [6.0]
        longer = trial(person("office"), "treatment-off", NOW - dt.timedelta(days=10), NOW, numbers={"minutes": 600})
        assert longer.findings == ()
        with pytest.raises(NotAllowed):
            trial(person("county"), "treatment-off", NOW - dt.timedelta(days=10), NOW)
    assert not Alarm.objects.exists()


def test_leads_are_worked_on_by_those_who_supervise(alarm):
    lead, countyman = alarm.lead, person("county")
    assert leads.moves(person("plantman"), lead) == []
    with pytest.raises(NotAllowed):
        leads.act(person("county2"), lead, "taken")
    leads.act(countyman, lead, "taken")
    lead.refresh_from_db()
    assert (lead.state, lead.taken_by) == ("taken", countyman)
    with pytest.raises(DomainError):
        leads.act(countyman, lead, "confirmed")
    leads.act(countyman, lead, "confirmed", note="现场风机停运，窑炉生产")
    lead.refresh_from_db()
    assert lead.state == "confirmed"
    assert [one.act for one in lead.steps.all()] == ["opened", "taken", "confirmed"]


def test_pace(alarm):
    assert not due(SLOW, NOW + dt.timedelta(minutes=30))
    assert due(SLOW, NOW + dt.timedelta(minutes=61))
    assert due(QUICK, NOW)
    assert Judged.objects.get().failures == []


@pytest.mark.parametrize(
    ("severity", "minutes", "level"),
    [
        ("high", 0, PLANT),
        ("high", 60, COUNTY),
        ("high", 240, CITY),
        ("medium", 239, PLANT),
        ("low", 99999, COUNTY),
        ("info", 99999, PLANT),
    ],
)
def test_due_level(severity, minutes, level):
    assert due_level(severity, dt.timedelta(minutes=minutes)) == level


def test_each_rule_is_one_witness():
    once, _ = likelihood([("treatment-off", 1.0)])
    thrice, basis = likelihood([("treatment-off", 1.0), ("treatment-off", 0.2), ("treatment-off", 0.5)])
    assert once == thrice == pytest.approx(0.95)
    assert basis == [{"rule": "treatment-off", "alarms": 3, "weight": 0.95}]
    assert likelihood([("treatment-off", 1.0), ("low-load", 1.0)])[0] > once
    assert likelihood([])[0] == 0


def test_two_factors_of_one_stack_are_two_alarms(city, data):
    def change(values):
        for factor in ("a21026", "a34013"):
            values[factor][3 * 1440 : 3 * 1440 + 360] *= 4

    store(data, pl.concat([frame(power()), monitor(stack(change=change))]))
    with clock.travel(NOW):
        judge_all(force=True)
        judge_all(force=True)
    found = Alarm.objects.filter(rule="over-limit").order_by("part")
    assert [one.part for one in found] == ["a21026", "a34013"]
    assert len({one.start for one in found}) == 1


def spans(*pairs, ongoing=False):
    return [Known("r", "s", "", NOW + dt.timedelta(hours=a), NOW + dt.timedelta(hours=b), ongoing) for a, b in pairs]


@pytest.mark.parametrize(
    ("alarms", "found", "same"),
    [
        ([(0, 2), (3, 5)], [(0, 2), (3, 5)], [0, 1]),
        ([(3, 5), (0, 2)], [(0, 2), (3, 5)], [1, 0]),
        ([(0, 5)], [(0, 2), (3, 5)], [0, None]),
        ([(0, 2), (3, 5)], [(0, 5)], [0]),
        ([(3, 5), (0, 4)], [(1, 5)], [1]),
        ([(0, 2)], [(3, 5)], [None]),
        ([], [(3, 5)], [None]),
    ],
)
def test_which_alarm_a_finding_is(alarms, found, same):
    assert match(spans(*alarms), spans(*found)) == same


def test_what_follows_an_alarm_that_went_on_is_the_same_alarm():
    assert match(spans((0, 2), ongoing=True), spans((3, 5))) == [0]
    assert match(spans((0, 2), ongoing=True), spans((9, 12))) == [None]


def test_several_short_alarms_of_one_night_are_judged_again_without_harm(city, data):
    values = off_at_night(T1=slice(900, 906))
    for first in (910, 922, 934):
        values["E1.T1"][first : first + 4] = 0.2
    store(data, frame(values))
    with clock.travel(NOW):
        for pace in (QUICK, SLOW, QUICK, SLOW):
            judge_all(pace, force=True)
    assert Alarm.objects.filter(rule="treatment-off").count() == 4
