"""Numbers read from words, and the numbers of a measure that a holder can report."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import LoadedPack
from lantian.indicators.context import Context
from lantian.indicators.coverage import coverage
from lantian.indicators.tests.samples import definition, say
from lantian.kit.errors import DomainError
from lantian.plan import services
from lantian.plan.computed import rows_for
from lantian.plan.forms import ReportForm
from lantian.plan.models import Assignment, Measure, MeasureTarget, ProgressReport, TargetBinding
from lantian.plan.services.adoption import adopt
from lantian.plan.services.bindings import bind_version
from lantian.plan.services.documents import import_document
from lantian.plan.services.review import accept_all, edit, split
from lantian.plan.services.review_acts import target_snapshot
from lantian.plan.target_words import reportable

pytestmark = pytest.mark.django_db

PLAN = """青川市2020年蓝天计划

青政办发〔2020〕9号

一、重点任务

1. 整治锅炉。2020年9月底前，淘汰10蒸吨及以下燃煤锅炉，垃圾清扫保洁实现全覆盖，在用车全部达标，路面全部硬化。\
（市生态环境局牵头，各县人民政府、青川经济开发区负责落实）
"""
WORDS = "实现全覆盖"
SERIES = [
    definition("boilers_left", "台", direction="down", decimals=0),
    definition("cleaning_share", "%", low="0", high="100"),
    definition("cars_clean", "%", low="0", high="100"),
    definition("roads_hard", "%", low="0", high="100"),
]


def binding(key: str, quote: str, indicator: str, form: str = "word", **more):
    return {
        "id": key, "document": "plan", "task": 1, "quote": quote, "form": form, "value": None, "unit": "",
        "indicator": indicator, "comparator": ">=", "target": "100", "target_unit": "%", "nature": "binding", "areas": [],
        "note": "",
    } | more  # fmt: skip


BINDINGS = [
    binding("boilers", "淘汰10蒸吨及以下燃煤锅炉", "boilers_left", "criterion",
            value="10", unit="t/h", comparator="==", target="0", target_unit="台"),
    binding("cleaning", "垃圾清扫保洁实现全覆盖", "cleaning_share"),
    binding("cars", "在用车全部达标", "cars_clean"),
    binding("roads", "路面全部硬化", "roads_hard"),
]  # fmt: skip


@pytest.fixture
def draft(city):
    with clock.travel(dt.date(2020, 6, 20)), translation.override("en"):
        office = city.people["office"]
        yield import_document(office, PLAN.encode(), kind="city_plan", place=city.city, name="plan.txt")


@pytest.fixture
def plan(city, draft):
    """The text in force and bound; it is one measure."""
    office = city.people["office"]
    accept_all(office, draft, confidence=0)
    draft.refresh_from_db()
    adopt(office, draft)
    LoadedPack.objects.update(indicators=SERIES, bindings=BINDINGS)
    bind_version(draft)
    return Measure.objects.get()


def assignment(city, measure) -> Assignment:
    return Assignment.objects.get(measure=measure, place=city.areas[0])


def test_what_the_reader_took_from_words_is_stored_with_the_words(draft):
    target = MeasureTarget.objects.get(derived_from__gt="", object__contains="清扫保洁")
    assert (target.derived_from, target.value, target.unit, target.role) == (WORDS, 100, "%", "target")
    assert draft.text[target.start : target.end] == WORDS
    assert MeasureTarget.objects.get(role="criterion").derived_from == ""


def test_a_correction_keeps_the_words_and_an_edit_can_drop_the_number(city, draft):
    target = MeasureTarget.objects.get(derived_from=WORDS)
    measure, office = target.measure, city.people["office"]
    kept = edit(office, measure, {"targets": [target_snapshot(t) | {"value": "98"} for t in measure.targets.all()]})
    assert kept.targets.get(derived_from=WORDS).value == 98
    without = edit(office, measure, {"targets": [target_snapshot(t) for t in measure.targets.filter(derived_from="")]})
    assert not without.targets.filter(derived_from=WORDS).exists()


def test_the_review_shows_and_keeps_the_words(city, draft, login):
    target = MeasureTarget.objects.get(derived_from=WORDS)
    browser = login(city.people["office"])
    browser.cookies["lantian_language"] = "en"
    assert "read from the words “实现全覆盖”" in browser.get(reverse("plan:review", args=[draft.pk]) + "?show=all").text
    from lantian.plan.review_forms import TargetForm, TargetForms

    initial = TargetForm.initial_of(target)
    data = {f"targets-0-{name}": "" if value is None else value for name, value in initial.items()}
    forms = TargetForms({"targets-TOTAL_FORMS": "1", "targets-INITIAL_FORMS": "1", **data}, prefix="targets")
    assert forms.is_valid(), forms.errors
    assert forms[0].as_target()["derived_from"] == WORDS


def test_words_take_the_number_that_the_reader_found_in_them(plan):
    target = MeasureTarget.objects.get(derived_from=WORDS)
    assert (target.indicator, target.indicator_value) == ("cleaning_share", 100)
    assert TargetBinding.objects.get(key="cleaning").target == target


def test_a_number_from_words_need_not_be_watched(plan, city):
    LoadedPack.objects.update(bindings=BINDINGS[:1])
    report = bind_version(plan.clause.task.version)
    assert report.unbound == []
    row = next(row for row in coverage(Context()) if f"“{WORDS}”" in row.line.note)
    assert (row.line.must_be_bound, row.is_gap) == (False, False)


def test_every_number_can_be_reported_and_says_what_it_is(plan):
    found = reportable(plan.pk)
    assert [(one.role, one.unit) for one in found] == [
        ("target", "%"), ("criterion", "台"), ("word", "%"), ("word", "%"),
    ]  # fmt: skip
    assert "read from the words “实现全覆盖”" in found[0].label
    assert found[1].label.startswith("Indicator boilers_left = 0 台")
    assert [one.indicator for one in found] == ["", "", "cars_clean", "roads_hard"]


def test_the_form_puts_what_is_to_be_reached_first(plan, city):
    form = ReportForm(assignment=assignment(city, plan))
    choices = form.fields["target"].choices
    assert [str(choice[0]) for choice in choices[2:]] == ["Counted for a criterion", "Targets in words"]
    assert form.initial["target"] == choices[1][0]
    assert str(form.fields["value"].help_text) == "In the unit of the number chosen."
    MeasureTarget.objects.filter(role="criterion").delete()
    assert str(ReportForm(assignment=assignment(city, plan)).fields["value"].help_text) == "Unit: %"


@pytest.mark.parametrize(
    ("number", "value", "unit", "indicator"),
    [(0, "92", "%", ""), (1, "3", "台", ""), (2, "80", "%", "cars_clean"), (3, "70", "%", "roads_hard")],
)
def test_a_reported_value_stands_beside_the_computed_one(plan, city, login, number, value, unit, indicator):
    wanted, mine = reportable(plan.pk)[number], assignment(city, plan)
    for code, known in (("boilers_left", "5"), ("cleaning_share", "50"), ("cars_clean", "50"), ("roads_hard", "50")):
        say(city.people["office"], code, city.areas[0], "2020-05", known, **({} if known == "5" else {"n": 10}))
    given = {
        "percent": "50", "text": "已推进", "effective_on": "2020-06-10", "target": wanted.key, "value": value,
        "version": str(mine.version), "key": "k1",
    }  # fmt: skip
    browser = login(city.people["county"])
    browser.cookies["lantian_language"] = "en"
    page = browser.post(reverse("plan:act", args=[mine.pk, "report"]), given, follow=True).text
    told = ProgressReport.objects.get()
    assert (told.value, told.unit, told.target, told.indicator) == (Decimal(value), unit, wanted.target, indicator)
    (row,) = [row for row in rows_for(plan, scope_of(city.people["office"])) if row.disagreements]
    assert row.areas[0].reported.number == Decimal(value)
    assert (row.binding.target, row.binding.indicator if indicator else "") == (wanted.target, indicator)
    assert f"<strong>{value} {unit}</strong>" in page


def test_what_cannot_be_counted_so_is_refused(plan, city):
    mine, county = assignment(city, plan), city.people["county"]
    criterion = MeasureTarget.objects.get(role="criterion")
    said = {"percent": 10, "text": "已推进", "value": Decimal(1)}
    with pytest.raises(DomainError) as refused:
        services.report(county, mine, **said, target=criterion, unit="t/h")
    assert refused.value.field == "unit"
    with pytest.raises(DomainError) as refused:
        services.report(county, mine, **said, indicator="cleaning_share")
    assert refused.value.field == "indicator"


def test_a_measure_without_any_number_asks_for_none(ledger):
    measure = Measure.objects.filter(targets__isnull=True).first()
    assert "target" not in ReportForm(assignment=Assignment.objects.filter(measure=measure).first()).fields


def test_the_number_goes_with_its_words_when_a_measure_is_split(city, draft):
    office = city.people["office"]
    whole = Measure.objects.get()
    at = whole.targets.get(derived_from=WORDS).start
    left, right = split(office, whole, offset=draft.text.rindex("，", 0, at) + 1)
    assert [[t.derived_from for t in side.targets.all()] for side in (left, right)] == [[""], [WORDS]]
