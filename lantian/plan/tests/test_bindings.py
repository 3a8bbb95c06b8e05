"""Bindings: which number a quote means, laid over an adopted text, anew whenever a pack is loaded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lantian.city.models import LoadedPack
from lantian.indicators.tests.samples import definition
from lantian.plan.models import MeasureTarget, TargetBinding
from lantian.plan.rules.bindings import Binding, Number, Sentence, find_quote, match, same_quantity, task_number
from lantian.plan.services.bindings import bind_version
from lantian.records.models import AuditEntry

TEXT = "1. 甲任务。比例达到80%以上，产量增加1400万吨。2. 乙任务。比例达到80%以上（10蒸吨及以下）。"


def number(key: int, role: str, value: str, unit: str, part: str, after: int = 0) -> Number:
    start = TEXT.index(part, after)
    return Number(key, role, Decimal(value), unit, start, start + len(part))


SECOND = TEXT.index("2.")
SENTENCES = [
    Sentence(
        1, "1", 0, SECOND, (number(11, "target", "80", "%", "80%"), number(12, "target", "1400", "万吨", "1400万吨"))
    ),
    Sentence(
        2,
        "2",
        SECOND,
        len(TEXT),
        (number(21, "target", "80", "%", "80%", SECOND), number(22, "criterion", "10", "t/h", "10蒸吨")),
    ),
]


def bound(*bindings: Binding) -> list[tuple[int | None, int | None, str]]:
    return [(one.measure, one.number, one.fault) for one in match(TEXT, bindings, SENTENCES)]


def test_the_task_tells_two_equal_quotes_apart():
    one = Binding("a", 1, "比例达到80%以上", "value", Decimal(80), "%")
    two = Binding("b", 2, "比例达到80%以上", "value", Decimal(80), "%")
    none = Binding("c", None, "比例达到80%以上", "value", Decimal(80), "%")
    assert bound(one, two, none) == [(1, 11, ""), (2, 21, ""), (None, None, "quote_ambiguous")]


def test_the_value_is_compared_with_its_unit():
    assert bound(Binding("a", 1, "产量增加1400万吨", "value", Decimal(14_000_000), "t")) == [(1, 12, "")]
    assert bound(Binding("a", 1, "产量增加1400万吨", "value", Decimal(1400), "t")) == [(1, None, "number_missing")]


def test_a_criterion_is_preferred_where_one_is_meant():
    assert bound(Binding("a", 2, "10蒸吨及以下", "criterion", Decimal(10), "t/h")) == [(2, 22, "")]


def test_words_need_no_number_and_claim_only_one_of_their_own():
    assert bound(Binding("a", 2, "乙任务", "word", aim=Decimal(80), aim_unit="%")) == [(2, None, "")]
    assert bound(Binding("a", 2, "比例达到80%以上", "word", aim=Decimal(80), aim_unit="%")) == [(2, 21, "")]


def test_a_number_is_given_once():
    twice = [Binding(key, 1, "比例达到80%", "value", Decimal(80), "%") for key in ("a", "b")]
    assert bound(*twice) == [(1, 11, ""), (1, None, "number_missing")]


def test_a_quote_that_does_not_stand_there_is_a_fault():
    assert bound(Binding("a", 1, "比例达到90%以上", "value", Decimal(90), "%")) == [(None, None, "quote_missing")]
    assert bound(Binding("a", 3, "比例达到80%以上", "value", Decimal(80), "%")) == [(None, None, "quote_ambiguous")]


def test_a_renumbered_text_keeps_its_bindings():
    assert bound(Binding("a", 7, "产量增加1400万吨", "value", Decimal(1400), "万吨")) == [(1, 12, "")]


@given(st.text(alphabet=" \n\t　，。（）()", max_size=3), st.integers(0, 8))
def test_marks_and_breaks_do_not_hide_a_quote(noise, at):
    quote = "产量增加1400万吨"
    assert len(find_quote(TEXT, quote[:at] + noise + quote[at:])) == 1


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (r"分别控制在 $2.5\text{mg}/\text{m}^3$ 以内", "控制在2.5mg/m3以内"),
        ("ＳＣＲ脱硝系统", "SCR脱硝系统"),
        ("达到 90%\n\n以上", "达到90%以上"),
    ],
)
def test_recognition_marks_and_width_do_not_hide_a_quote(text, quote):
    assert len(find_quote(text, quote)) == 1


@pytest.mark.parametrize(
    ("value", "unit", "other", "other_unit", "same"),
    [
        ("30", "万kW", "300", "MW", True),
        ("80", "%", "80", "pp", False),
        ("5", "条", "5", "条", True),
        ("5", "条", "5", "个", False),
        ("5", "", "5", "", True),
    ],
)
def test_what_is_the_same_quantity(value, unit, other, other_unit, same):
    assert same_quantity(Decimal(value), unit, Decimal(other), other_unit) is same


@pytest.mark.parametrize(
    ("printed", "number_"),
    [
        ("7", 7),
        ("（七）", 7),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十一", 21),
        ("6.3", 6),
        ("附", None),
        ("", None),
    ],
)
def test_the_number_of_a_task_as_printed(printed, number_):
    assert task_number(printed) == number_


ROWS = [
    {
        "id": "low-nox", "document": "plan", "task": 1, "quote": "燃气锅炉低氮改造率达到90%以上", "form": "value", "value": "90",
        "unit": "%", "indicator": "gas_share", "comparator": ">=", "target": "90", "target_unit": "%",
        "nature": "binding", "areas": [], "note": "",
    },
    {
        "id": "boilers", "document": "plan", "task": 1, "quote": "淘汰每小时10蒸吨及以下燃煤锅炉", "form": "criterion",
        "value": "10", "unit": "t/h", "indicator": "boilers_left", "comparator": "==", "target": "0",
        "target_unit": "台", "nature": "binding", "areas": [], "note": "",
    },
    {
        "id": "elsewhere", "document": "another", "task": 9, "quote": "别的计划里的话", "form": "word", "value": None,
        "unit": "", "indicator": "gas_share", "comparator": ">=", "target": "1", "target_unit": "%",
        "nature": "binding", "areas": [], "note": "",
    },
]  # fmt: skip
SERIES = [definition("gas_share", "%"), definition("boilers_left", "台", direction="down")]


@pytest.fixture
def plan(ledger):
    city, version = ledger
    LoadedPack.objects.update(indicators=SERIES, bindings=ROWS)
    return city, version


def test_binding_writes_each_numbers_indicator(plan):
    _city, version = plan
    report = bind_version(version)
    assert (report.bound, report.faults, report.unbound, report.changed) == (2, [], [], True)
    told = {t.indicator: (t.indicator_comparator, t.indicator_value) for t in MeasureTarget.objects.all()}
    assert told == {"gas_share": (">=", 90), "boilers_left": ("==", 0)}
    assert set(TargetBinding.objects.values_list("key", flat=True)) == {"low-nox", "boilers"}
    assert AuditEntry.objects.get(action="plan.bind").data["bound"] == 2


def test_binding_again_changes_nothing(plan):
    _city, version = plan
    bind_version(version)
    assert not bind_version(version).changed
    assert AuditEntry.objects.filter(action="plan.bind").count() == 1


def test_what_no_binding_speaks_of_is_listed(plan):
    _city, version = plan
    LoadedPack.objects.update(bindings=ROWS[1:])
    report = bind_version(version)
    assert [t.object for t in report.unbound] == ["燃气锅炉低氮改造率"]
    LoadedPack.objects.update(bindings=ROWS[:1])
    assert [t.role for t in bind_version(version).unbound] == ["criterion"]


def test_a_pack_that_misquotes_is_told(plan):
    _city, version = plan
    LoadedPack.objects.update(bindings=[ROWS[0], ROWS[1] | {"quote": "淘汰所有锅炉"}])
    report = bind_version(version)
    assert [(row.key, row.fault) for row in report.faults] == [("boilers", "quote_missing")]


def test_loading_a_pack_binds_the_plans_in_force(plan):
    _city, version = plan
    LoadedPack.objects.create(
        slug="qingchuan", name="青川市", pack_version="2", sha256="1" * 64, loaded_at=timezone.now(), indicators=SERIES,
        bindings=ROWS,
    )  # fmt: skip
    assert version.bindings.count() == 2


def test_a_target_is_kept_in_the_unit_of_its_indicator(plan):
    _city, version = plan
    LoadedPack.objects.update(
        indicators=[definition("gas_share", "‰"), SERIES[1]],
    )
    bind_version(version)
    assert MeasureTarget.objects.get(indicator="gas_share").indicator_value == 900


def test_a_text_in_review_has_no_bindings_until_it_is_adopted(city):
    from tests.builders import make_plan

    version = make_plan(city, state="in_review")
    LoadedPack.objects.update(indicators=SERIES, bindings=ROWS)
    LoadedPack.objects.create(
        slug="qingchuan", name="青川市", pack_version="2", sha256="1" * 64, loaded_at=timezone.now(), bindings=ROWS
    )
    assert not version.bindings.exists()
