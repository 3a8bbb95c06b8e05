"""What the county plans cover: the page and the indicator are two views of one count."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.indicators.context import Context
from lantian.indicators.queries import current
from lantian.indicators.words import amount
from lantian.plan.county_tracing import handed_in, percent, together
from lantian.plan.models import Assignment, Document, Measure, Trace
from tests.builders import make_measure_copy, make_version

CODE = "plan_county_plan_coverage"


@pytest.fixture
def plans(ledger):
    """The first measure concerns 甲县 alone, which carries it out; 乙县's plan is still in review; the others have none."""
    city, version = ledger
    measures = list(Measure.objects.filter(clause__task__version=version))
    Measure.objects.filter(pk=measures[0].pk).update(concerns=[city.areas[0].name])
    Assignment.objects.filter(measure=measures[0]).exclude(place=city.areas[0]).delete()
    Assignment.objects.filter(measure=measures[2], place=city.areas[1]).update(state="cancelled")
    for area, state, measure in ((0, "adopted", measures[0]), (1, "in_review", measures[1])):
        text = make_version(city, kind="county_plan", state=state)
        Document.objects.filter(pk=text.document_id).update(place=city.areas[area], serves=version.document)
        own = make_measure_copy(measure, text)
        Trace.objects.create(county_measure=own, city_measure=measure, score=1, state="confirmed")
    with clock.travel(dt.date(2020, 6, 20)):
        yield city, version


def test_the_page_and_the_indicator_show_the_same(plans, login):
    city, version = plans
    rows = {row.place: row for row in handed_in(version, scope_of(city.people["office"]))}
    context = Context()
    values = {area: current(CODE, area, context) for area in city.areas}
    assert [(rows[area].covered.counted, rows[area].owed) for area in city.areas] == [(1, 3), (0, 1), (0, 2), (0, 2)]
    for area in city.areas:
        assert (values[area].number, values[area].n) == (rows[area].covered.percent, rows[area].owed)
        assert amount(values[area].number) == amount(rows[area].percent)
    whole = current(CODE, city.city, context)
    assert (whole.number, whole.n) == (together(rows.values()).percent, 8)
    page = login(city.people["office"]).get(reverse("plan:county_plans")).text
    assert f"<strong>{amount(whole.number)} %</strong>" in page
    assert amount(percent(rows[city.areas[0]].covered)) == "33.3"
    assert "33.3" in page


def test_a_plan_in_review_counts_when_it_is_in_force(plans):
    city, version = plans
    draft = Document.objects.get(kind="county_plan", place=city.areas[1]).versions.get()
    assert current(CODE, city.areas[1], Context()).number == 0
    type(draft).objects.filter(pk=draft.pk).update(
        state="adopted", adopted_at=draft.imported_at, adopted_by=city.people["office"]
    )
    assert current(CODE, city.areas[1], Context()).number == 100
    assert (
        next(r for r in handed_in(version, scope_of(city.people["office"])) if r.place == city.areas[1]).percent == 100
    )
