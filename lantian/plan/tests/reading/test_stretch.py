"""A stretch that is cut by hand gives the measures that the reader gives where it finds a clause."""

from __future__ import annotations

import pytest

from lantian.plan.reading import read_plan
from lantian.plan.reading.sources.base import SourceText
from lantian.plan.reading.stretch import read_heading, read_stretch

PLAN = """青川市2020年大气污染防治行动计划
一、重点任务
1. 整治锅炉。2021年3月底前，完成普查；6月底前，淘汰燃煤锅炉20台，淘汰率达到90%以上。甲县每月巡查。（市能源局牵头，各县人民政府负责落实）
2. 控制扬尘。年底前，道路机扫率不低于80%。（市住建局牵头）
"""


def said(measures) -> list[tuple[object, ...]]:
    return [(m.text, m.start, m.end, m.deadlines, m.recurrence, m.targets, m.nature, m.areas.names) for m in measures]


def test_the_same_measures_as_where_a_clause_is_found():
    for task in read_plan(SourceText(PLAN)).tasks:
        (group,) = task.groups
        found = read_stretch(PLAN, group.start, group.clause_start, since=task.start)
        assert said(found) == said(group.measures)


def test_years_come_from_the_dates_before():
    start = PLAN.index("6月底前")
    end = PLAN.index("甲县")
    task = PLAN.index("1. 整治")
    assert read_stretch(PLAN, start, end, since=task)[0].deadlines == ("2021-06-30",)
    assert read_stretch(PLAN, start, end)[0].deadlines == ("2020-06-30",)


def test_words_that_say_who_are_left_out():
    start, end = PLAN.index("完成普查"), PLAN.index("甲县")
    hole = PLAN.index("6月底前"), PLAN.index("淘汰率")
    texts = [m.text for m in read_stretch(PLAN, start, end, without=[hole])]
    assert texts == ["完成普查", "淘汰率达到90%以上"]


@pytest.mark.parametrize("span", [(0, 0), (5, 2), (10**6, 10**7)])
def test_nothing_gives_nothing(span):
    assert read_stretch(PLAN, *span) == ()


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("（三）整治散煤。", ("三", "整治散煤")),
        ("五、强化\n督查", ("五", "强化督查")),
        ("22.新的任务", ("22", "新的任务")),
        ("整治散煤", ("", "整治散煤")),
        ("2.5吨以下锅炉", ("", "2.5吨以下锅炉")),
        ("", ("", "")),
    ],
)
def test_number_and_title_of_a_heading(words, heading):
    assert read_heading(words) == heading
