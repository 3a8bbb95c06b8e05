"""The small parts: numerals, one spelling for each thing, healed lines, headings, units of splitting."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.plan.reading import latex, normalise
from lantian.plan.reading.brackets import Shelter, find_brackets
from lantian.plan.reading.clean import clean_document
from lantian.plan.reading.localities import province_of
from lantian.plan.reading.normalise import view_of
from lantian.plan.reading.numerals import from_chinese, to_chinese, to_number
from lantian.plan.reading.outline import read_outline
from lantian.plan.reading.sources.base import SourceText


def cleaned(text: str, **options) -> list[str]:
    document = clean_document(SourceText(text, **options))
    return [document.text[begin:end] for begin, end in document.paragraphs()]


def headings(text: str) -> list[tuple[str, str]]:
    source = SourceText(text)
    return [(node.label, node.title.text) for node in read_outline(clean_document(source)).walk() if node.rank >= 0]


@pytest.mark.parametrize("module", [latex, normalise])
def test_documented_examples_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("九", 9),
        ("十", 10),
        ("十五", 15),
        ("二十一", 21),
        ("一百零五", 105),
        ("二〇二〇", 2020),
        ("三千二百", 3200),
        ("两万", 20000),
    ],
)
def test_numerals(text, value):
    assert from_chinese(text) == value


@given(st.integers(0, 9999))
def test_numerals_come_back(value):
    assert from_chinese(to_chinese(value)) == value


@pytest.mark.parametrize(("text", "value"), [("1,400", 1400), ("2.5", 2.5), ("十二", 12), ("甲", None), ("", None)])
def test_numbers(text, value):
    assert to_number(text) == value


@given(st.text())
def test_a_view_is_as_long_as_its_text(text):
    assert len(view_of(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("(市,区)", "（市，区）"),
        ("【甲】〔乙〕[丙]<丁>｛戊｝", "（甲）（乙）（丙）（丁）（戊）"),
        ("１２％，ＶＯＣｓ", "12%，VOCs"),
        ("1,400万吨;12:00", "1,400万吨；12:00"),
        ("環境保護局牽頭", "环境保护局牵头"),
        ("完成治理.各县", "完成治理。各县"),
        ("2.5微克", "2.5微克"),
        ("浓度<35微克，各县<市、区>2020年", "浓度<35微克，各县（市、区）2020年"),
        ("2019—2020", "2019—2020"),
        ("2019－2020～2021", "2019—2020—2021"),
    ],
)
def test_views(text, view):
    assert view_of(text) == view


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("按照《煤炭\n\n洗选企业规定》完成。\n\n2. 下一项", ["按照《煤炭洗选企业规定》完成。", "2.下一项"]),
        ("一、总体要求\n\n以改善为核心。", ["一、总体要求", "以改善为核心。"]),
        ("完成治理。\n\n（市公安局牵头）", ["完成治理。", "（市公安局牵头）"]),
        ("（市公安局牵头，市\n\n商务局配合）", ["（市公安局牵头，市商务局配合）"]),
        ("完成 2020 年 治 理\n\n— 3 —\n\n工作。", ["完成2020年治理工作。"]),
        ("**治理**。控制在 $2.5\\text{mg}/\\text{m}^3$ 以内", ["治理。控制在2.5mg/m3以内"]),
        ("Air Pollution 防治 plan", ["Air Pollution防治plan"]),
        ("责任单位：市公安局\n配合单位：市商务局", ["责任单位：市公安局", "配合单位：市商务局"]),
        ("甲方案\n2020年4月3日\n一、目标", ["甲方案", "2020年4月3日", "一、目标"]),
    ],
)
def test_healed_paragraphs(text, wanted):
    assert cleaned(text) == wanted


def test_lines_cut_at_a_width_are_joined():
    lines = [
        "　　为持续改善全市环境空气质量加快推进产业结构",
        "调整和能源结构优化确保完成省里下达的目标任务并",
        "按照时限推进各项治理措施落地见效。",
    ]
    text = "\n".join(lines * 6)
    assert cleaned(text) == ["".join(lines).strip("　")] * 6


def test_running_heads_of_pages_vanish():
    page = "云阳市人民政府公报\n内容持续推进治理工作第{}页的文字一直延续到下一页\n{}\n"
    text = "".join(page.format(n, n) for n in "一二三四五")
    assert "公报" not in "".join(cleaned(text, paged=True))


def test_headings_run_into_one_paragraph():
    text = "二、重点任务\n（一）工业。1.治理钢铁。完成改造。（市工信局牵头）2.治理焦化。完成改造。（二）扬尘。3.清扫道路。每日清扫。"
    assert headings(text) == [
        ("二", "重点任务"),
        ("一", "工业"),
        ("1", "治理钢铁"),
        ("2", "治理焦化"),
        ("二", "扬尘"),
        ("3", "清扫道路"),
    ]


@pytest.mark.parametrize(
    "text", ["2.5微克每立方米", "2020年完成治理", "35蒸吨以下锅炉", "10家企业", "一是加强监管；二是严格执法"]
)
def test_what_is_no_heading(text):
    assert headings(text) == []


def test_numbers_before_dates():
    text = "3.2020年底前完成改造。（市公安局牵头）\n4.10月底前完成检测。（市公安局牵头）"
    assert [label for label, _ in headings(text)] == ["3", "4"]


def test_a_list_in_a_sentence_is_no_heading():
    assert headings("1.治理。包括：1.甲；2.乙；3.丙。") == [("1", "治理")]


def test_the_copies_list_ends_the_plan():
    text = "一、任务\n1.治理。完成改造。\n抄送：市委办公室。\n云阳市人民政府办公室\n2020年4月3日印发"
    source = SourceText(text)
    document = clean_document(source)
    assert document.text[: read_outline(document).end].endswith("完成改造。\n")


def test_brackets():
    found = find_brackets("（一（二）三\n四）（五")
    assert [(b.begin, b.end, b.closed) for b in found] == [(0, 6, False), (2, 5, True), (9, 11, False)]
    shelter = Shelter("甲（乙，丙）“丁，戊”《己，庚》辛，壬")
    assert [position for position in range(21) if position in shelter] == [*range(1, 6), *range(6, 11), *range(11, 16)]


@pytest.mark.parametrize(
    ("text", "province"),
    [("晋政办发（2020）17号，山西省人民政府", "山西"), ("潮州市打赢蓝天保卫战", "广东"), ("没有地名", None)],
)
def test_provinces(text, province):
    assert province_of(text) == province
