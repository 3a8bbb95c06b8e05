"""Whatever comes in: no crash, sound offsets, and never slower than the text is long."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lantian.plan.reading import SourceError, SourceText, read_plan, read_source
from lantian.plan.tests.reading import shapes
from lantian.plan.tests.reading.conftest import PLAN

TEXT = PLAN.read_text("utf-8")
MARKS = [*"（）()〔〕《》“”<>、，。；：|\n\t\x00\ufeff区縣a", "\r\n", "**", "#"]
WORDS = """
一、 （一） 1. 2、 ① 第三条 附件 牵头 配合 负责落实 等部门 责任单位： 完成时限： 各县（市、区） 相关县 除 外 以下各项 不再列出
2020年 9月底前 13月32日前 0月底 二〇二〇年 年底前 采暖季前 每月5日前 80% 百分之 三分之零 10万吨 $2.5\\text{
市公安局： 市公安局负责治理； 端午节前 夏收前、 其中 大于等于 1 每平方米5克 —— | ICP备 关于印发
"""
PIECES = st.sampled_from(MARKS + WORDS.split())


def check(text: str) -> None:
    plan = read_plan(SourceText(text, "any.txt"))
    plan.to_json()
    for task in plan.tasks:
        assert 0 <= task.start <= task.end <= len(text)
        for group in task.groups:
            assert 0 <= group.start <= group.end <= len(text)
            assert 0 <= group.clause_start <= group.clause_end <= len(text)
            for measure in group.measures:
                assert 0 <= measure.start < measure.end <= len(text)
                assert 0 <= measure.confidence <= 1
                for field in measure.fields:
                    assert 0 <= field.start <= field.end <= len(text)
    for warning in plan.warnings:
        assert 0 <= warning.start <= warning.end <= len(text)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(TEXT)), st.integers(0, 600), st.lists(PIECES, max_size=8))
@example(0, len(TEXT), [])
@example(1200, 3, ["（", "（"])
def test_cut_and_spoilt_plans(position, length, pieces):
    """A stretch of the real plan is cut out and rubbish put in its place."""
    around = (
        TEXT[max(0, position - 900) : position] + "".join(pieces) + TEXT[position + length : position + length + 900]
    )
    check(around)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=60))
def test_rubbish(pieces):
    check("".join(pieces))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text(text):
    check(text)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html", "a.docx", "a.pdf", "a"]))
def test_any_bytes(data, name):
    """Read, or refused with a reason that names the file; nothing else."""
    with contextlib.suppress(SourceError):
        check(read_source(data, name).text)


@pytest.mark.parametrize("text", [*shapes.TEXTS.values()], ids=[*shapes.TEXTS])
def test_every_beginning_of_a_plan(text):
    for end in range(0, len(text), 37):
        check(text[:end])


# Each of these would take minutes if any part of the grammar went over the text again for every mark in it.
HOSTILE = {
    "openings": "（" * 60000,
    "closings": "）" * 60000,
    "nested": "（市、" * 30000 + "牵头",
    "one endless clause": "（市生态环境局牵头，" + "市公安局、" * 20000 + "）",
    "deep": "（" * 20000 + "市生态环境局牵头" + "）" * 20000,
    "labels": "责任单位：" * 20000,
    "titles": "《" * 50000,
    "years": "2020年" * 20000,
    "numbers": "1、" * 40000,
    "general clauses": "以下各项" * 15000 + "不再列出",
    "one character": "的" * 150000,
    "formulas": "$" * 50000,
    "pipes": "|" * 80000,
    "blank lines": "\n" * 200000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_no_longer(name):
    start = time.perf_counter()
    check(HOSTILE[name])
    assert time.perf_counter() - start < 10


def test_a_plan_of_two_megabytes():
    text = TEXT * 65
    assert len(text.encode()) > 2_000_000 - 100_000
    start = time.perf_counter()
    plan = read_plan(SourceText(text, "long.txt"))
    assert time.perf_counter() - start < 30
    assert len(plan.tasks) == 21 * 65


def test_twenty_pages_take_a_fraction_of_a_second():
    start = time.perf_counter()
    read_plan(read_source(PLAN))
    assert time.perf_counter() - start < 1.5
