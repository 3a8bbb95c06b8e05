"""The ranking page: order, ties, changes, who is not ranked and why, periods, laws, files; numbers by hand."""

from __future__ import annotations

import datetime as dt
import io
import re

import openpyxl
import pytest

from lantian.air.reading.importing import look, store_in, write
from lantian.air.tests import files
from lantian.air.views import ranking as view
from lantian.city import clock
from tests.builders import make_city

pytestmark = pytest.mark.django_db
# PM2.5, PM10, SO2, NO2, O3, CO: the quiet index is 35/35 + 50/70 + 20/60 + 30/40 + 60/160 + 0.8/4 = 3.372…
QUIET, WORSE, BETTER = files.QUIET, ("70", "50", "20", "30", "60", "0.8"), ("21", "50", "20", "30", "60", "0.8")
SCOPES = """
[[scope]]
id = "near"
zh = "邻近城市"
en = "near cities"
places = ["甲市", "乙市", "丙市", "丁市", "戊市"]
source = "invented"
confidence = "R-L"
"""


@pytest.fixture
def town(tmp_path, settings, monkeypatch):
    settings.LANTIAN_DATA = tmp_path
    (tmp_path / "scopes.toml").write_text(SCOPES, encoding="utf-8")
    monkeypatch.setattr(view, "pack_root", lambda: tmp_path)
    with clock.travel(dt.datetime(2020, 6, 20, 12, 30)):
        yield make_city()


@pytest.fixture
def data(town, settings):
    """May of two years: 甲 and 乙 equal, 丙 worse than before, 丁 without ozone, 戊 absent."""
    may = (dt.date(2019, 5, 1), dt.date(2020, 5, 1))
    lines = [row for day in may for name in ("甲市", "乙市") for row in files.days_of(day, 31, name)]
    lines += files.days_of(may[0], 31, "丙市", BETTER) + files.days_of(may[1], 31, "丙市", WORSE)
    lines += files.days_of(may[1], 31, "丁市", (*QUIET[:4], "", "0.8"))
    write(
        look(files.write(settings.LANTIAN_DATA / "a.csv", lines), "cnemc-city-hourly"), store_in(settings.LANTIAN_DATA)
    )
    return town


def page(client, town, query="", who="office"):
    client.force_login(town.people[who], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(f"/air/ranking/{query}")


def rows(answer):
    """The table's rows as texts."""
    body = re.search(r"<tbody>(.*?)</tbody>", answer.text, re.DOTALL).group(1)
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
        cells = [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)]
        found.append([" ".join(cell.split()) for cell in cells])
    return found


def test_ranks_ties_indices_and_changes_by_hand(client, data):
    answer = page(client, data, "?period=2020-05")
    assert answer.status_code == 200
    first, second, third = rows(answer)
    assert (first[0], second[0], third[0]) == ("1 =并列", "1 =并列", "3")
    assert {first[1], second[1]} == {"甲市", "乙市"}
    assert first[2] == second[2] == "3.37"
    assert third[1:3] == ["丙市", "4.37"], "PM2.5 of 70 adds one to the index"
    assert third[3] == "2.97 （第 1 名, ↓ 2）".replace("（", "(").replace("）", ")")
    assert third[4].startswith("▲ +47.1"), "(4.3726 - 2.9726) / 2.9726"
    assert first[4].startswith("0.0")


def test_by_improvement_the_order_follows_the_change(client, data):
    found = rows(page(client, data, "?period=2020-05&by=change"))
    assert [row[1] for row in found][-1] == "丙市"
    assert [row[0] for row in found] == ["1 =并列", "1 =并列", "3"]


def test_who_is_not_ranked_and_why(client, data):
    text = page(client, data, "?period=2020-05").text
    assert "丁市 <span" in text
    assert "缺少 O₃ 的评价值" in text
    assert "戊市" in text
    assert "库中没有该地数据" in text


def test_the_last_whole_month_where_nothing_is_said(client, data):
    assert '<strong class="h3 mb-0">2020-05</strong>' in page(client, data).text


def test_a_month_without_data_offers_the_newest(client, data):
    text = page(client, data, "?period=2020-04").text
    assert "没有可以排名的地点" in text
    assert "最近有数据的月份是 2020-05" in text


def test_a_period_that_runs_is_cut_at_yesterday(client, data):
    text = page(client, data, "?year=2020&part=Q2").text
    assert "2020-06-19" in text
    assert "2020-04-01 至 2020-06-19" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?period=2020-13", "不存在"),
        ("?period=may", "不是"),
        ("?period=2020-07", "尚未开始"),
        ("?period=2020-05&dust=none", "none"),
        ("?period=2020-05&scope=moon", "moon"),
        ("?first=2020-05-03&last=2020-05-01", "早于"),
    ],
)
def test_wrong_addresses_are_answered_in_words(client, data, query, said):
    answer = page(client, data, query)
    assert answer.status_code == 400
    alert = " ".join(re.findall(r'role="alert">(.*?)</div>', answer.text, re.DOTALL))
    assert said in alert, alert


def test_a_period_over_a_change_of_the_law_wants_a_choice(client, data):
    with clock.travel(dt.date(2026, 6, 1)):
        answer = page(client, data, "?first=2026-02-01&last=2026-03-31")
    assert answer.status_code == 400
    assert "标准有变更" in answer.text
    assert "regime=2026-transition" in answer.text
    assert "2026-02-01 … 2026-02-28" in answer.text


def test_another_law_for_comparison(client, data):
    text = page(client, data, "?period=2020-05&regime=2026-final").text
    assert "HJ 633-2026" in text
    assert ">3.37<" not in text, "stricter limits make a higher index"


def test_the_chart_stacks_to_the_index(client, data):
    answer = page(client, data, "?period=2020-05&chart=shares&format=csv")
    table = [line.split(",") for line in answer.content.decode("utf-8-sig").splitlines()]
    values = [float(cell) for at, cell in enumerate(table[1]) if at % 2 == 1]
    assert sum(values) == pytest.approx(3.37, abs=0.02), "six single indices, each rounded"
    assert len(table) == 4


def test_the_files_hold_the_table_and_the_reasons(client, data):
    text = page(client, data, "?period=2020-05&export=csv").content.decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("名次,地区,综合指数,")
    assert lines[3].startswith("3,丙市,4.37,")
    assert lines[-2].endswith("库中没有该地数据") or lines[-1].endswith("库中没有该地数据")
    book = openpyxl.load_workbook(io.BytesIO(page(client, data, "?period=2020-05&export=xlsx").content)).active
    assert book["C4"].value == 4.37
    notes = [row[0].value for row in book.iter_rows(min_row=7) if row[0].value]
    assert any("HJ 633-2012" in str(note) for note in notes)


def test_without_a_list_or_data_it_says_so(client, town, settings, monkeypatch):
    assert "还没有空气质量数据" in page(client, town).text
    monkeypatch.setattr(view, "pack_root", lambda: None)
    assert "scopes.toml" in page(client, town).text


def test_who_may_not_look_is_refused(client, town):
    assert page(client, town, who="nobody").status_code == 403
