"""Deadlines, periods and recurrences, form by form. The plan is of 2020, issued on 3 April, heating from 1 November."""

from __future__ import annotations

from datetime import date

import pytest

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.calendars import Calendar
from lantian.plan.reading.dates import DateReader, YearContext
from lantian.plan.reading.normalise import view_of


def times(text: str, *, cell: bool = False, context: YearContext | None = None, province: str = ""):
    names = Gazetteer.national()
    if not province:
        names = names.with_city(heating_season=("11-01", "03-31"))
    view = view_of(text)
    reader = DateReader(Calendar.for_document(names, province))
    return reader.read(view, 0, len(view), context or YearContext(2020, 2020, date(2020, 4, 3)), cell=cell)


def days(text: str, **options) -> list[str]:
    return [moment.day.isoformat() for moment in times(text, **options).moments]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2020年9月底前完成", ["2020-09-30"]),
        ("于2020年4月底前报送", ["2020-04-30"]),
        ("6月底前完成整治", ["2020-06-30"]),
        ("2024年2月底前", ["2024-02-29"]),
        ("2023年2月底前", ["2023-02-28"]),
        ("2020年9月30日前", ["2020-09-30"]),
        ("2020年9月30日24时前", ["2020-09-30"]),
        ("二〇二〇年九月底前", ["2020-09-30"]),
        ("年底前建成", ["2020-12-31"]),
        ("2020年年底前", ["2020-12-31"]),
        ("2020年底", ["2020-12-31"]),
        ("年内完成", ["2020-12-31"]),
        ("当年完成", ["2020-12-31"]),
        ("明年6月底前", ["2021-06-30"]),
        ("到2025年，全面建成", ["2025-12-31"]),
        ("2020年，全市货运结构优化", ["2020-12-31"]),
        ("2025年前建成", ["2024-12-31"]),
        ("2021年6月完成", ["2021-06-30"]),
        ("9月中旬前", ["2020-09-20"]),
        ("10月前", ["2020-09-30"]),
        ("2021年上半年，建成", ["2021-06-30"]),
        ("第三季度末完成", ["2020-09-30"]),
        ("前三季度完成", ["2020-09-30"]),
        ("2020年采暖季前", ["2020-10-31"]),
        ("采暖期前", ["2020-10-31"]),
        ("供暖季来临前", ["2020-10-31"]),
        ("秋冬季前", ["2020-09-30"]),
        ("汛期前", ["2020-05-31"]),
        ("国庆节前", ["2020-09-30"]),
        ("2021年春节前", ["2021-02-11"]),
        ("“十四五”末", ["2025-12-31"]),
        ("自印发之日起30日内", ["2020-05-03"]),
        ("6月、9月、12月底前", ["2020-06-30", "2020-09-30", "2020-12-31"]),
        ("2020年、2021年、2022年底前分别完成", ["2020-12-31", "2021-12-31", "2022-12-31"]),
        ("今年年底前", ["2020-12-31"]),
        ("到2020年底，", ["2020-12-31"]),
        ("十月底以前", ["2020-10-31"]),
        ("全年淘汰老旧车3117辆", ["2020-12-31"]),
        ("2020.8.31前完成", ["2020-08-31"]),
        ("2020-08-31前完成", ["2020-08-31"]),
        ("2020/8/31前完成", ["2020-08-31"]),
        ("2020.11底前完成", ["2020-11-30"]),
        ("2020—2021年采暖季结束前拆除", ["2021-03-31"]),
        ("2020-2021年供暖期前备足", ["2020-10-31"]),
        ("2021年至2023年分批更新", ["2023-12-31"]),
        ("二季度完成招标，三季度开工，年内投运", ["2020-06-30", "2020-09-30", "2020-12-31"]),
        ("2020年秋收前完成培训", ["2020-09-14"]),
        ("麦收前完成农机检修", ["2020-05-31"]),
        ("2020年管网移交前完成普查", []),
        ("本月底前上报", ["2020-04-30"]),
        ("下月中旬前上报", ["2020-05-20"]),
        ("下个月底前上报", ["2020-05-31"]),
        ("2021年9月底前开工，12月底前建成", ["2021-09-30", "2021-12-31"]),
    ],
)
def test_deadlines(text, wanted):
    assert days(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "较2017年增加1400万吨",
        "比2015年下降15%",
        "2019年逾期未完成治理的企业",
        "2019年未按要求划定的县",
        "推广2019年整村推进的经验",
        "2010年底前建成的锅炉",
        "截至2020年6月底，已完成三家",
        "以2017年为基数",
        "《关于2020年底前完成治理的通知》",
        "完成2020年清洁取暖改造确村确户工作",
        "2020年采暖期前无法完成拆迁的，应当纳入",
        "自2020年7月1日起施行",
        "三年内不得申报",
        "每月5日前报送",
        "每年3月底前总结",
        "每季度末前报送",
        "2019—2020年秋冬季清单",
        "10月1日至次年3月31日",
        "突出春耕前、清明节等时段",
        "去年年底前已完成",
        "执行2020.4版规范",
        "每月通报本月空气质量",
        "每年秋收前开展宣传",
    ],
)
def test_what_is_no_deadline(text):
    assert days(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10月1日至次年3月31日", ("2020-10-01", "2021-03-31")),
        ("2020年10月至2021年3月", ("2020-10-01", "2021-03-31")),
        ("6月1日—6月30日", ("2020-06-01", "2020-06-30")),
        ("2020—2021年秋冬季", ("2020-10-01", "2021-03-31")),
        ("11月至次年2月", ("2020-11-01", "2021-02-28")),
    ],
)
def test_periods(text, wanted):
    (period,) = times(text).periods
    assert (period.first.isoformat(), period.last.isoformat()) == wanted


@pytest.mark.parametrize(
    ("text", "code", "note"),
    [
        ("每月5日前报送", "monthly", "by day 5"),
        ("逐月督促", "monthly", ""),
        ("每日会商", "daily", ""),
        ("每天巡查", "daily", ""),
        ("每周通报", "weekly", ""),
        ("每季度清洗一次", "quarterly", ""),
        ("每半年开展", "half-yearly", ""),
        ("每年评估", "yearly", ""),
        ("全年覆盖率", "yearly", ""),
        ("经常性组织", "continuous", ""),
        ("常态化开展", "continuous", ""),
    ],
)
def test_recurrences(text, code, note):
    (found,) = times(text).recurrences
    assert (found.code, found.note) == (code, note)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2020年10月", ["2020-10-31"]),
        ("10月底", ["2020-10-31"]),
        ("2020.10", ["2020-10-31"]),
        ("2020-10-15", ["2020-10-15"]),
        ("12月31日", ["2020-12-31"]),
        ("2020年", ["2020-12-31"]),
        ("第二季度", ["2020-06-30"]),
        ("6月底、12月底", ["2020-06-30", "2020-12-31"]),
        ("长期坚持", []),
    ],
)
def test_a_table_cell_is_read_leniently(text, wanted):
    assert days(text, cell=True) == wanted


@pytest.mark.parametrize(
    ("text", "code"), [("长期坚持", "continuous"), ("持续推进", "continuous"), ("全年", "yearly"), ("每月", "monthly")]
)
def test_standing_duties_in_a_cell(text, code):
    assert [found.code for found in times(text, cell=True).recurrences] == [code]


def test_the_year_comes_from_the_deadline_before_else_from_the_plan():
    context = YearContext(2019, 2021, date(2019, 5, 1))
    assert days("6月底前", context=context.fresh()) == ["2019-06-30"]
    assert days("2021年3月底前；6月底前", context=context.fresh()) == ["2021-03-31", "2021-06-30"]


def test_spring_in_a_plan_of_autumn_is_next_years():
    autumn = YearContext(2020, 2020, date(2020, 10, 15))
    assert days("12月底前", context=autumn) == ["2020-12-31"]
    assert days("3月底前", context=autumn) == ["2021-03-31"]


def test_a_day_before_the_document_is_doubtful():
    (moment,) = times("3月底前").moments
    assert moment.day == date(2020, 3, 31)
    assert moment.confidence < 0.5
    assert "before the document" in moment.note


@pytest.mark.parametrize(
    ("text", "province", "wanted"),
    [
        ("采暖季前", "山西省人民政府，山西省", "2020-10-31"),
        ("采暖季前", "河北省生态环境厅", "2020-11-14"),
        ("采暖季前", "无", "2020-11-14"),
    ],
)
def test_without_a_pack_the_heating_season_is_the_provinces(text, province, wanted):
    (moment,) = times(text, province=province).moments
    assert moment.day.isoformat() == wanted
    assert moment.confidence < 0.7
    assert "assumed" in moment.note


def test_a_deadline_at_the_front_governs_the_sentence():
    first, second = times("2020年9月底前，完成甲；乙于年底前完成").moments
    assert first.fronted
    assert not second.fronted


def test_a_customary_day_is_doubtful_and_says_why():
    (moment,) = times("2020年夏收前完成培训").moments
    assert moment.confidence <= 0.4
    assert "customary" in moment.note


@pytest.mark.parametrize("text", ["2020年管网移交前完成普查", "防火期前完成清理", "完成检修，入夏前，全面验收"])
def test_a_time_that_nobody_knows_is_kept_as_unknown(text):
    found = times(text)
    assert found.moments == []
    ((begin, end),) = found.unknown
    assert view_of(text)[begin:end].endswith("前")


@pytest.mark.parametrize("text", ["2020年9月底前完成", "汛期前完成", "目前完成三处", "提前，完成", "排名前移"])
def test_nothing_is_unknown_about(text):
    assert times(text).unknown == []
