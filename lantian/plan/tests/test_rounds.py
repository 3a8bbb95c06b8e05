"""Dispatch rounds: opening, reminding, reporting, closing, comparing; who may what."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.plan import dispatch
from lantian.plan.models import Assignment, DispatchRound, RoundEntry
from lantian.plan.services import rounds
from lantian.plan.services.reports import report
from lantian.records.models import AuditEntry, Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Return a function that sets the city's clock to a day (09:00)."""

    def _at(day: str) -> None:
        moment = dt.datetime.fromisoformat(f"{day}T09:00:00+08:00")
        monkeypatch.setattr(clock, "now", lambda: moment)

    _at("2020-06-03")
    return _at


def open_june(city, version, **values) -> DispatchRound:
    values = {"month": dt.date(2020, 6, 1), "due_on": dt.date(2020, 6, 25), **values}
    return rounds.open_round(city.people["office"], version.document, **values)


def say(city, who: str, assignment: Assignment, percent: int = 30, **values):
    return report(city.people[who], assignment, percent=percent, text="拆除两台", **values)


def of(city, area: int) -> list[Assignment]:
    return list(Assignment.objects.filter(area=city.areas[area]).order_by("pk"))


def test_a_round_asks_what_is_in_force_and_not_signed_off(ledger, at):
    city, version = ledger
    first, second, *_others = Assignment.objects.order_by("pk")
    Assignment.objects.filter(pk=first.pk).update(state="signed_off")
    Assignment.objects.filter(pk=second.pk).update(state="cancelled")
    made = open_june(city, version)
    asked = set(made.entries.values_list("assignment", flat=True))
    assert first.pk not in asked
    assert second.pk not in asked
    assert len(asked) == Assignment.objects.count() - 2
    assert AuditEntry.objects.get(action="plan.open_round").data["asked"] == len(asked)


def test_parts_of_a_divided_assignment_are_not_asked(ledger, at):
    city, version = ledger
    whole = of(city, 0)[0]
    Assignment.objects.create(
        measure=whole.measure, holder="town", place=city.towns[0], area=whole.area, parent=whole, holder_key="place:x",
        deadline_basis="text", state_since=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    made = open_june(city, version)
    assert not made.entries.filter(assignment__parent__isnull=False).exists()


def test_month_and_due_day_come_from_the_calendar(ledger, at):
    city, version = ledger
    made = rounds.open_round(city.people["office"], version.document)
    assert (made.month, made.due_on) == (dt.date(2020, 6, 1), dt.date(2020, 6, 25))
    at("2020-06-28")
    assert rounds.due_day(dt.date(2020, 6, 1), clock.today()) == dt.date(2020, 6, 28)


def test_everybody_who_is_asked_hears_of_it_once(ledger, at):
    city, version = ledger
    open_june(city, version)
    told = Notification.objects.filter(kind="plan.round_open")
    assert sorted(told.values_list("recipient__username", flat=True)) == ["county", "county2"]
    assert "3" in told.get(recipient=city.people["county"]).subject


def test_only_one_round_is_open_and_a_month_has_one(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    with pytest.raises(Conflict):
        open_june(city, version, month=dt.date(2020, 7, 1))
    rounds.close_round(city.people["office"], made)
    with pytest.raises(Conflict):
        open_june(city, version)
    assert DispatchRound.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"due_on": dt.date(2020, 6, 2)}, "due_on"),
        ({"due_on": dt.date(2021, 6, 2)}, "due_on"),
        ({"month": dt.date(2020, 9, 1)}, "month"),
        ({"title": "x" * 121}, "title"),
    ],
)
def test_opening_refuses_what_makes_no_sense(ledger, at, values, field):
    with pytest.raises(DomainError) as caught:
        open_june(*ledger, **values)
    assert caught.value.field == field


@pytest.mark.parametrize("who", ["dept", "county", "inspector", "town", "enterprise", "public", "admin", "nobody"])
def test_only_the_office_manages_rounds(ledger, at, who):
    city, version = ledger
    made = open_june(city, version)
    person = city.people[who]
    for act in (
        lambda: rounds.open_round(person, version.document),
        lambda: rounds.remind(person, made),
        lambda: rounds.close_round(person, made),
        lambda: rounds.amend_round(person, made, due_on=made.due_on, title="x", instructions=""),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_report_during_a_round_belongs_to_it(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    said = say(city, "county", of(city, 0)[0])
    assert said.round == made
    view = dispatch.view(made, None)
    assert (view.total.handed_in, view.total.missing) == (1, view.total.asked - 1)


def test_what_waits_for_its_checkers_is_not_asked_for_a_report(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    Assignment.objects.filter(pk=of(city, 0)[0].pk).update(state="submitted")
    assert dispatch.view(made, None).total.handed_in == 1
    assert set(dispatch.entries_of(made, None).values_list("entry_state", flat=True)) == {"excused", "missing"}


def test_reminders_go_to_those_who_have_not_reported_once_a_day(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    for assignment in of(city, 0):
        say(city, "county", assignment)
    done = rounds.remind(city.people["office"], made)
    assert (done.messages, done.entries) == (1, 3)
    assert len(done.nobody) == 2  # the third county and the zone have no people
    again = rounds.remind(city.people["office"], made)
    assert (again.messages, again.again_today) == (0, 3)
    at("2020-06-04")
    assert rounds.remind(None, made).messages == 1
    reminders = Notification.objects.filter(kind="plan.round_remind")
    assert reminders.count() == 2
    assert set(reminders.values_list("recipient__username", flat=True)) == {"county2"}
    assert set(RoundEntry.objects.filter(assignment__area=city.areas[1]).values_list("reminders", flat=True)) == {2}


def test_reminding_one_area_leaves_the_others_alone(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    assert rounds.remind(city.people["office"], made, area_id=city.areas[0].pk).entries == 3


def test_closing_keeps_what_was_so(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    mine = of(city, 0)
    said = say(city, "county", mine[0], percent=40)
    at("2020-06-26")
    late = say(city, "county", mine[1], percent=10)
    rounds.close_round(city.people["office"], made, seen_version=1)
    say(city, "county", mine[0], percent=90)
    made.refresh_from_db()
    entry = made.entries.get(assignment=mine[0])
    assert (entry.closing_percent, entry.closing_report, entry.closing_status) == (40, said, "in_progress")
    assert made.entries.get(assignment=mine[1]).closing_report == late
    total = dispatch.view(made, None).total
    assert (total.handed_in, total.late, total.missing) == (2, 1, total.asked - 2)
    assert AuditEntry.objects.get(action="plan.close_round").data["late"] == 1


def test_closing_twice_or_from_an_old_page_is_refused(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    rounds.amend_round(city.people["office"], made, due_on=dt.date(2020, 6, 26), title="调度", instructions="")
    with pytest.raises(Conflict):
        rounds.close_round(city.people["office"], made, seen_version=1)
    rounds.close_round(city.people["office"], made, seen_version=2)
    for act in (
        lambda: rounds.close_round(city.people["office"], made),
        lambda: rounds.remind(city.people["office"], made),
    ):
        with pytest.raises(Unlawful):
            act()


def test_a_withdrawn_report_no_longer_counts(ledger, at):
    from lantian.plan.services.reports import withdraw_report

    city, version = ledger
    made = open_june(city, version)
    said = say(city, "county", of(city, 0)[0])
    withdraw_report(city.people["county"], said, reason="填错了")
    assert dispatch.view(made, None).total.handed_in == 0


def test_comparison_with_the_last_round(ledger, at):
    city, version = ledger
    office = city.people["office"]
    june = open_june(city, version)
    mine = of(city, 0)
    for assignment, percent in zip(mine, (10, 50, 50), strict=True):
        say(city, "county", assignment, percent=percent)
    rounds.close_round(office, june)
    at("2020-10-05")
    october = rounds.open_round(office, version.document)
    say(city, "county", mine[0], percent=60)
    say(city, "county", mine[1], percent=20)
    comparison = dispatch.comparison(dispatch.view(october, None), None)
    moves = {move.assignment: move for move in comparison.moves}
    assert comparison.before == june
    assert [moves[a.pk].movement for a in mine] == ["forward", "back", "stuck"]
    assert moves[mine[2].pk].missing
    assert all(move.newly_overdue for move in moves.values())
    sums = comparison.by("area")[city.areas[1].pk]
    assert (sums.missing, sums.missing_twice) == (3, 3)


def test_people_see_only_their_part_of_a_round(ledger, at):
    city, version = ledger
    made = open_june(city, version)
    county = dispatch.view(made, scope_of(city.people["county"]))
    assert county.areas == [city.areas[0]]
    assert county.total.asked == 3
    dept = dispatch.view(made, scope_of(city.people["dept"]))
    assert {fact.task for fact in dept.facts} == {version.tasks.get(number="1").pk}
    (row,) = dispatch.visible_rounds(scope_of(city.people["county"]))
    assert (row.asked, row.handed_in) == (3, 0)


def test_a_round_costs_a_constant_number_of_queries(ledger, at, django_assert_max_num_queries):
    city, version = ledger
    made = open_june(city, version)
    with django_assert_max_num_queries(8):
        view = dispatch.view(made, scope_of(city.people["office"]))
        assert (view.by_area.total.asked, len(view.areas), len(view.agencies)) == (12, 4, 1)


PAGES = ("plan:round", "plan:round_entries", "plan:round_comparison", "plan:round_upload")


def test_pages_open_for_those_who_have_a_part_and_hide_from_others(ledger, at, login):
    city, version = ledger
    made = open_june(city, version)
    codes = {"office": 200, "county": 200, "dept": 200, "inspector": 200, "dept2": 200, "town": 403, "nobody": 403}
    for who, code in codes.items():
        client = login(city.people[who])
        for name in PAGES:
            assert client.get(reverse(name, args=[made.pk])).status_code == code, (who, name)
    outsider = city.people["dept2"]
    outsider.memberships.update(agency=city.agencies["气象局"])
    client = login(outsider)
    assert client.get(reverse("plan:round", args=[made.pk])).status_code == 404


def test_the_office_opens_reminds_and_closes_on_pages(ledger, at, login):
    city, version = ledger
    client = login(city.people["office"])
    assert client.get(reverse("plan:rounds")).status_code == 200
    page = client.get(reverse("plan:open_round"))
    assert 'value="2020-06-25"' in page.text
    form = {
        "document": version.document.pk,
        "month": "2020-06",
        "due_on": "2020-06-25",
        "title": "",
        "instructions": "逐项说明",
    }
    refused = client.post(reverse("plan:open_round"), {**form, "month": "June"})
    assert refused.status_code == 422
    assert "June" in refused.text
    answer = client.post(reverse("plan:open_round"), form)
    made = DispatchRound.objects.get()
    assert answer.headers["Location"] == reverse("plan:round", args=[made.pk])
    again = client.post(reverse("plan:open_round"), form)
    assert again.status_code == 409
    assert client.post(reverse("plan:remind_round", args=[made.pk])).status_code == 302
    assert client.get(reverse("plan:close_round", args=[made.pk])).status_code == 405
    client.post(reverse("plan:close_round", args=[made.pk]), {"version": "1"})
    made.refresh_from_db()
    assert made.state == "closed"
    assert client.post(reverse("plan:close_round", args=[made.pk]), {"version": "2"}).status_code == 409


def test_entries_are_filtered_in_the_address_and_exported(ledger, at, login):
    city, version = ledger
    made = open_june(city, version)
    say(city, "county", of(city, 0)[0])
    client = login(city.people["office"])
    address = reverse("plan:round_entries", args=[made.pk])
    assert client.get(address, {"state": "missing", "area": city.areas[0].code}).context["table"].rows.__len__() == 2
    assert len(client.get(address, {"state": "handed_in"}).context["table"].rows) == 1
    exported = client.get(address, {"state": "handed_in", "export": "csv"})
    assert exported.content.decode("utf-8-sig").count("\r\n") == 2


def test_a_round_that_closes_while_a_report_is_written_does_not_get_it(ledger, at, monkeypatch):
    """The office closes between the look for the open round and the report: the report stands without a round."""
    from lantian.plan.services import reports

    city, version = ledger
    made = open_june(city, version)
    look = reports.open_round_for

    def closed_meanwhile(assignment):
        found = look(assignment)
        rounds.close_round(city.people["office"], made)
        return found

    monkeypatch.setattr(reports, "open_round_for", closed_meanwhile)
    assert say(city, "county", of(city, 0)[0]).round is None
