"""Computed beside reported: agreement, what a person sees of it, and the pages that show it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import LoadedPack
from lantian.indicators.context import Context
from lantian.indicators.coverage import coverage
from lantian.indicators.memory import forget
from lantian.indicators.queries import current
from lantian.indicators.tests.samples import definition, say
from lantian.indicators.value import Verdict
from lantian.plan.computed import comparisons, disagreement_pairs, disagreements, goal_rows, rows_for
from lantian.plan.models import Assignment, Measure, MeasureTarget, ProgressReport, TargetShare, TargetSplit
from lantian.plan.services.bindings import bind_version
from lantian.plan.tests.test_bindings import ROWS
from tests.querycounts import count

SERIES = [
    definition("gas_share", "%", low="0", high="100"),
    definition("boilers_left", "台", direction="down", decimals=0),
    definition("so2_mean", "µg/m3", direction="down", frequency="year", supplied_by="air"),
]
GOAL = {
    "id": "so2", "document": "plan", "task": None, "quote": "重点任务", "form": "word", "value": None, "unit": "",
    "indicator": "so2_mean", "comparator": "<=", "target": "20", "target_unit": "µg/m3", "nature": "striving",
    "areas": [], "note": "",
}  # fmt: skip


@pytest.fixture
def plan(ledger):
    city, version = ledger
    LoadedPack.objects.update(indicators=SERIES, bindings=[*ROWS[:2], GOAL])
    bind_version(version)
    with clock.travel(dt.date(2020, 6, 20)), translation.override("en"):
        yield city, version


def target(code: str = "gas_share") -> MeasureTarget:
    return MeasureTarget.objects.get(indicator=code)


def report(city, area: int, value: str, *, who: str = "office", day: int = 10, of: MeasureTarget | None = None, **more):
    wanted = of or target()
    return ProgressReport.objects.create(
        assignment=Assignment.objects.get(measure=wanted.measure, area=city.areas[area]), percent=50, text="x",
        value=Decimal(value), unit=more.pop("unit", wanted.unit), target=wanted, effective_on=dt.date(2020, 6, day),
        reported_by=city.people[who], reported_at=timezone.make_aware(dt.datetime(2020, 6, day)), **more,
    )  # fmt: skip


def enter(city, area: int, value: str, code: str = "gas_share", **more):
    return say(city.people["office"], code, city.areas[area], "2020-05", value, **{"n": 10, **more})


def rows(city, who: str = "office", **more):
    return rows_for(target().measure, scope_of(city.people[who]), **more)


def test_a_row_holds_target_computed_and_reported(plan):
    city, _version = plan
    enter(city, 0, "80")
    told = report(city, 0, "95")
    (row,) = rows(city)
    assert (row.indicator.code, row.comparator, row.wanted) == ("gas_share", ">=", 90)
    cell = row.areas[0]
    assert (cell.computed.number, cell.verdict, cell.gap) == (80, Verdict.NOT_MET, 10)
    assert (cell.reported.report_id, cell.reported.number, cell.difference) == (told.pk, 95, 15)
    assert (cell.agreement, cell.counted) == ("disagree", True)
    assert (row.disagreements, row.met, row.judged) == (1, 0, 1)
    assert row.areas[1].agreement == "nothing"


@pytest.mark.parametrize(
    ("said", "agreement"), [("80", "agree"), ("83.9", "agree"), ("76.1", "agree"), ("85", "disagree")]
)
def test_agreement_has_a_tolerance(plan, said, agreement):
    city, _version = plan
    enter(city, 0, "80")
    report(city, 0, said)
    assert rows(city)[0].areas[0].agreement == agreement


def test_the_newest_report_that_was_not_withdrawn_counts(plan):
    city, _version = plan
    enter(city, 0, "80")
    report(city, 0, "50", day=1)
    report(city, 0, "80", day=5)
    report(city, 0, "10", day=9, withdrawn_at=timezone.now(), withdrawn_reason="wrong")
    assert rows(city)[0].areas[0].reported.number == 80


def test_a_number_in_another_kind_of_unit_is_not_compared(plan):
    city, _version = plan
    enter(city, 0, "2", "boilers_left")
    report(city, 0, "2", of=target("boilers_left"), unit="t/h")
    (row,) = rows_for(target("boilers_left").measure, scope_of(city.people["office"]))
    assert row.areas[0].reported is None
    report(city, 0, "5", of=target("boilers_left"), unit="台", day=11)
    (row,) = rows_for(target("boilers_left").measure, scope_of(city.people["office"]))
    assert row.areas[0].agreement == "disagree"


def test_a_county_sees_its_own_row(plan):
    city, _version = plan
    enter(city, 0, "80")
    enter(city, 1, "50")
    report(city, 1, "95")
    (row,) = rows(city, "county")
    assert [cell.place for cell in row.areas] == [city.areas[0]]
    assert [cell.place for cell in rows(city, "dept")[0].areas] == city.areas
    assert len(rows(city, area=city.areas[1])[0].areas) == 1


def test_disagreements_are_counted_for_what_a_person_sees(plan):
    city, _version = plan
    for area in (0, 1):
        enter(city, area, "80")
        report(city, area, "95")
    enter(city, 2, "80")
    report(city, 2, "80")
    counts = {
        who: disagreements(scope_of(city.people[who])) for who in ("office", "county", "county2", "dept", "public")
    }
    assert counts == {"office": 2, "county": 1, "county2": 1, "dept": 2, "public": 0}
    value = current("plan_disagreements", city.city, Context())
    assert (value.number, value.n) == (2, 3)


def test_the_largest_difference_comes_first(plan):
    city, _version = plan
    for area, said in enumerate(("85", "99", "90")):
        enter(city, area, "80")
        report(city, area, said)
    pairs = disagreement_pairs(scope_of(city.people["office"]), Context())
    assert [pair.cell.reported.number for pair in pairs] == [99, 90, 85]


def test_a_share_of_a_split_target_is_what_an_area_owes(plan):
    city, _version = plan
    wanted = target()
    split = TargetSplit.objects.create(target=wanted, method="same")
    mine = Assignment.objects.get(measure=wanted.measure, area=city.areas[0])
    TargetShare.objects.create(split=split, assignment=mine, value=70)
    enter(city, 0, "80")
    enter(city, 1, "80")
    (row,) = rows(city)
    assert [(cell.wanted, cell.verdict) for cell in row.areas[:2]] == [(70, Verdict.MET), (90, Verdict.NOT_MET)]


def test_a_number_without_binding_says_so(plan):
    city, version = plan
    LoadedPack.objects.update(bindings=ROWS[1:2])
    bind_version(version)
    wanted = MeasureTarget.objects.get(object="燃气锅炉低氮改造率")
    (row,) = rows_for(wanted.measure, scope_of(city.people["office"]))
    assert (row.target, row.indicator, row.cells) == (wanted, None, ())
    gaps = [one for one in coverage(Context()) if one.is_gap]
    assert [one.line.measure for one in gaps] == [wanted.measure.code]


def test_the_aims_outside_the_tasks(plan):
    city, _version = plan
    (row,) = goal_rows(scope_of(city.people["office"]), Context())
    assert row.binding.measure is None
    assert [cell.place for cell in row.areas] == city.areas
    assert "air room" in str(row.city.computed.reason)


def test_coverage_counts_the_areas(plan):
    city, _version = plan
    for area, value in enumerate(("95", "80", "92")):
        enter(city, area, value)
    row = next(one for one in coverage(Context()) if one.line.indicator == "gas_share")
    assert (row.met, row.judged, row.owing, row.verdict) == (2, 3, 4, Verdict.NOT_MET)
    assert row.aim == "≥ 90 %"
    assert row.line.agency_ids == {city.agencies["生态环境局"].pk}


def test_a_department_enters_what_it_answers_for(plan):
    city, _version = plan
    from lantian.kit.errors import NotAllowed

    entry = say(city.people["dept"], "gas_share", city.areas[2], "2020-05", "80", n=3)
    assert entry.value == 80
    with pytest.raises(NotAllowed):  # only cooperates
        say(city.people["dept2"], "gas_share", city.areas[1], "2020-05", "80", n=3)
    with pytest.raises(NotAllowed):  # a target of nobody's clause
        say(city.people["dept"], "so2_mean", city.areas[1], "2020", "80")


def test_one_measures_rows_cost_a_constant_number_of_queries(plan, django_assert_max_num_queries):
    city, _version = plan
    scope = scope_of(city.people["office"])
    for area in range(4):
        enter(city, area, "80")
        report(city, area, "95")
    with django_assert_max_num_queries(20):
        rows_for(target().measure, scope)


def test_counting_disagreements_costs_a_constant_number_of_queries(plan, django_assert_max_num_queries):
    city, _version = plan
    scope = scope_of(city.people["office"])
    for area in range(4):
        enter(city, area, "80")
        for day in range(1, 15):
            report(city, area, "95", day=day)
    with django_assert_max_num_queries(16):
        assert disagreements(scope) == 4
    assert len(comparisons(Context())) == 4


PAGES = ["plan:disagreements", "plan:targets"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("office", 200), ("dept", 200), ("county", 200), ("inspector", 200), ("town", 403), ("enterprise", 403),
        ("public", 403), ("admin", 403), ("nobody", 403), (None, 302),
    ],
)  # fmt: skip
def test_who_may_open_the_pages(plan, client, login, page, who, status):
    city, _version = plan
    if who:
        login(city.people[who])
    assert client.get(reverse(page)).status_code == status


def test_the_list_shows_and_exports_what_differs(plan, login):
    city, _version = plan
    enter(city, 0, "80")
    report(city, 0, "95")
    browser = login(city.people["office"])
    browser.cookies["lantian_language"] = "en"
    page = browser.get(reverse("plan:disagreements")).text
    assert "Indicator gas_share" in page
    assert "+15" in page
    sheet = browser.get(reverse("plan:disagreements") + "?export=csv").content.decode("utf-8-sig")
    assert "95" in sheet
    assert browser.get(reverse("plan:disagreements") + "?area=990002").text.count("+15") == 0


def test_the_measures_page_shows_both(plan, login):
    city, _version = plan
    enter(city, 0, "80")
    report(city, 0, "95")
    browser = login(city.people["office"])
    browser.cookies["lantian_language"] = "en"
    page = browser.get(reverse("plan:measure", args=[target().measure_id])).text
    assert "1 report differs" in page
    assert 'data-value="disagree"' in page
    other = Measure.objects.exclude(targets__isnull=False).first()
    assert "This measure has no numeric target." in browser.get(reverse("plan:measure", args=[other.pk])).text


def test_what_differs_is_kept_until_something_changes(plan, monkeypatch, django_assert_max_num_queries):
    city, _version = plan
    scope, other = (scope_of(city.people[who]) for who in ("office", "county2"))
    enter(city, 0, "80")
    report(city, 0, "95")
    version = [10_001]
    monkeypatch.setattr("lantian.indicators.context.version_of_everything", lambda: version[0])
    forget()
    assert disagreements(scope) == 1
    enter(city, 1, "80")
    report(city, 1, "95")
    with django_assert_max_num_queries(2):
        assert disagreements(scope) == 1
        assert disagreements(other) == 0
    version[0] += 1
    assert disagreements(scope) == 2
    forget()


@pytest.mark.parametrize(
    ("who", "n"), [("office", 2), ("county", 1), ("inspector", 2), ("town", None), ("public", None)]
)
def test_home_counts_what_differs_and_links_to_the_list(plan, login, who, n):
    city, _version = plan
    for area in (0, 1):
        enter(city, area, "80")
        report(city, area, "95")
    browser = login(city.people[who])
    browser.cookies["lantian_language"] = "en"
    page = browser.get("/")
    found = page.context["agreement"]
    assert (found.compared, found.differing) == (n, n) if n is not None else found is None
    assert (f'href="{reverse("plan:disagreements")}"' in page.text) == (n is not None)
    if n is not None:
        rows = browser.get(reverse("plan:disagreements") + "?export=csv").content.decode("utf-8-sig")
        assert rows.count("Indicator gas_share") == n
        assert "reported value" in page.text


def test_home_takes_as_many_queries_for_many_differences_as_for_one(plan, login):
    city, _version = plan
    browser = login(city.people["office"])
    enter(city, 0, "80")
    report(city, 0, "95")
    first = count(browser, "/")
    for area in (1, 2, 3):
        enter(city, area, "80")
        for day in range(1, 15):
            report(city, area, "95", day=day)
    assert count(browser, "/") == first


def test_home_tells_nothing_compared_from_nothing_differing(plan, login):
    city, _version = plan
    browser = login(city.people["office"])
    browser.cookies["lantian_language"] = "en"
    report(city, 0, "80")
    assert "No reported value could be compared with a computed one yet" in browser.get("/").text
    enter(city, 0, "80")
    page = browser.get("/")
    assert (page.context["agreement"].compared, page.context["agreement"].differing) == (1, 0)
    assert "(n = 1)" in page.text
