"""What people type into a sheet, read or refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lantian.plan.rules import sheet
from lantian.plan.rules.sheet_cells import Cell, as_text, read_choice, read_date, read_number, read_percent, read_text

TODAY = dt.date(2020, 6, 20)
DAYS = {"year": 2020, "earliest": dt.date(2019, 6, 1), "latest": TODAY}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Cell(85), 85), (Cell(85.0), 85), (Cell("85"), 85), (Cell("85%"), 85), (Cell("８５％"), 85), (Cell(" 85 % "), 85),
        (Cell(0.85, "0%"), 85), (Cell(1, "0%"), 100), (Cell(0), 0), (Cell("100"), 100), (Cell(None), None), (Cell("  "), None),
        (Cell(85, formula="=80+5"), 85),
    ],
)  # fmt: skip
def test_percent_is_read(cell, value):
    reading = read_percent(cell)
    assert reading.fault is None
    assert reading.value == value


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Cell("约85%"), "percent_text"), (Cell("已完成"), "percent_text"), (Cell(True), "percent_text"), (Cell("8 5 x"), "percent_text"),
        (Cell(101), "percent_range"), (Cell(-1), "percent_range"), (Cell(85, "0%"), "percent_range"),
        (Cell(0.85), "percent_fraction"), (Cell("85.5"), "percent_fraction"),
        (Cell("#REF!"), "cell_error"), (Cell(None, formula="=A1"), "formula_empty"), (Cell("1e2"), "percent_text"),
        (Cell(dt.datetime(2020, 6, 1)), "percent_text"),
    ],
)  # fmt: skip
def test_percent_is_refused_with_a_reason(cell, code):
    assert read_percent(cell).fault.code == code


def test_a_fraction_says_what_may_have_been_meant():
    assert read_percent(Cell(0.85)).fault.params["meant"] == "85"


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        (Cell("1,234.50"), "", "1234.50"), (Cell("12t/h"), "t/h", "12"), (Cell("12 万吨"), "万吨", "12"), (Cell(-3.5), "", "-3.5"),
        (Cell("９．８"), "", "9.8"), (Cell(0.9, "0.0%"), "%", "90"), (Cell("90%"), "%", "90"),
    ],
)  # fmt: skip
def test_numbers_are_read(cell, unit, value):
    assert read_number(cell, unit).value == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "unit", "code"),
    [(Cell("约12"), "", "number_text"), (Cell("12吨"), "万吨", "number_text"), (Cell("十二"), "", "number_text"),
     (Cell("1,23"), "", "number_text"), (Cell(1e13), "", "number_range"), (Cell("#N/A"), "", "cell_error"),
     (Cell(dt.datetime(2020, 6, 1)), "", "number_text"), (Cell("inf"), "", "number_text"), (Cell("nan"), "", "number_text")],
)  # fmt: skip
def test_numbers_are_refused(cell, unit, code):
    assert read_number(cell, unit).fault.code == code


@pytest.mark.parametrize(
    "cell",
    [
        Cell(dt.datetime(2020, 6, 5)), Cell(dt.date(2020, 6, 5)), Cell(43987), Cell("43987"), Cell("2020-06-05"), Cell("2020/6/5"),
        Cell("2020.6.5"), Cell("2020年6月5日"), Cell("20200605"), Cell(20200605), Cell("6月5日"), Cell("6/5"),
        Cell("２０２０年６月５日"), Cell("2020-06-05 08:30:00"), Cell(43987 - 1462, base_1904=True),
    ],
)  # fmt: skip
def test_every_way_to_write_a_day(cell):
    assert read_date(cell, **DAYS).value == dt.date(2020, 6, 5)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Cell("上周"), "date_text"), (Cell("2020-13-01"), "date_text"), (Cell("6月31日"), "date_text"), (Cell(5), "date_text"),
        (Cell("2020-06-21"), "date_future"), (Cell("2018-01-01"), "date_old"), (Cell(True), "date_text"),
    ],
)  # fmt: skip
def test_days_are_refused(cell, code):
    assert read_date(cell, **DAYS).fault.code == code


def test_text_loses_control_characters_and_has_a_limit():
    assert read_text(Cell("a\x00b\u202ec\n d "), "text").value == "abc\n d"
    assert read_text(Cell("x" * 5001), "text").fault.code == "text_long"
    assert read_text(Cell(12.50), "text").value == "12.5"


def test_choice_is_one_of_the_list():
    spellings = {"已完成": "done", "done": "done"}
    assert read_choice(Cell(" 已完成 "), spellings).value == "done"
    assert read_choice(Cell("Done"), spellings).value == "done"
    assert read_choice(Cell("快了"), spellings).fault.code == "state_unknown"


@pytest.mark.parametrize(
    "cell", [Cell(0.85, "0%"), Cell(85), Cell("85%"), Cell(dt.datetime(2020, 6, 5)), Cell("2020/6/5")]
)
def test_the_repair_form_shows_text_that_reads_the_same(cell):
    again = Cell(as_text(cell))
    assert read_percent(cell) == read_percent(again) or read_date(cell, **DAYS) == read_date(again, **DAYS)


# Rows


def known(pk: int = 1, **values) -> sheet.Known:
    defaults = {
        "code": f"1-1-{pk}", "holder": "甲县", "measure": "m", "version": 3, "state": "in_progress", "mine": True, "open": True,
        "unit": "t/h", "has_target": True,
    }  # fmt: skip
    return sheet.Known(pk, **{**defaults, **values})


def frame(*items: sheet.Known) -> sheet.Frame:
    states = {"done": "done", "in_progress": "in_progress", "not_started": "not_started"}
    return sheet.Frame({k.id: k for k in items or (known(),)}, states, TODAY, dt.date(2019, 6, 1), 2020)


def row(number: int = 5, assignment: int | None = 1, version: int = 3, **cells) -> sheet.Row:
    typed = {"percent": Cell(40), "text": Cell("拆除2台"), "version": Cell(version)}
    typed |= {name: value if isinstance(value, Cell) else Cell(value) for name, value in cells.items()}
    return sheet.from_cells(number, typed, assignment)


def codes(item: sheet.Row) -> list[str]:
    return [fault.code for fault in item.reasons]


def check(*rows: sheet.Row, **kwargs) -> list[sheet.Row]:
    return sheet.check_rows(rows, kwargs.pop("frame", frame()))


def test_a_good_row_is_ready():
    (good,) = check(row(problems="无", value="12t/h", effective_on="6月5日"))
    assert good.ok
    assert good.values == {
        "percent": 40, "text": "拆除2台", "problems": "无", "value": Decimal(12), "effective_on": dt.date(2020, 6, 5),
    }  # fmt: skip


def test_an_empty_row_is_skipped_without_a_reason():
    (empty,) = check(row(percent=None, text=None))
    assert (empty.skip, empty.reasons) == ("empty", [])


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (row(assignment=None), ["unknown"]),
        (row(assignment=99), ["unknown"]),
        (row(percent=None), ["percent_missing"]),
        (row(text=None), ["text_missing"]),
        (row(percent="大约一半", text=None), ["percent_text", "text_missing"]),
        (row(state="done"), ["state_mismatch"]),
        (row(version=2), ["version_changed"]),
        (row(code="9-9-9"), ["mixed"]),
        (row(holder="乙县"), ["mixed"]),
        (row(percent=Cell(None, formula="=B2")), ["formula_empty"]),
    ],
)
def test_rows_are_refused_with_every_reason(item, expected):
    (checked,) = check(item)
    assert codes(checked) == expected


def test_state_stands_for_its_percent():
    (done,) = check(row(percent=None, state="done"))
    assert done.values["percent"] == 100
    (idle,) = check(row(percent=None, state="not_started"))
    assert idle.values["percent"] == 0


def test_not_mine_not_open_and_no_target():
    assert codes(check(row(), frame=frame(known(mine=False)))[0]) == ["not_yours"]
    assert codes(check(row(), frame=frame(known(open=False, state="submitted")))[0]) == ["not_open"]
    assert codes(check(row(value=3), frame=frame(known(has_target=False)))[0]) == ["no_target"]


def test_the_same_assignment_twice_names_the_other_row():
    first, second = check(row(5), row(9))
    assert (codes(first), codes(second)) == (["duplicate"], ["duplicate"])
    assert first.reasons[0].params["rows"] == [9]
    mended = sheet.mend(second, {}, leave_out=True)
    first, second = check(first, mended)
    assert first.ok
    assert second.skip == "left_out"


def test_what_was_reported_already_is_skipped_whatever_the_version():
    said = sheet.Said(40, "拆除2台", "", None, TODAY)
    (same,) = check(row(version=1), frame=frame(known(last=said)))
    assert same.skip == "same"
    (other,) = check(row(version=1, percent=50), frame=frame(known(last=said)))
    assert codes(other) == ["version_changed"]


def test_confirmable_reasons_can_be_confirmed_and_others_cannot():
    item = row(version=2, percent="约")
    item.hidden = True
    (checked,) = check(item)
    assert set(codes(checked)) == {"percent_text", "hidden_row", "version_changed"}
    (again,) = check(sheet.mend(checked, {}, confirm=True))
    assert codes(again) == ["percent_text"]
    (mended,) = check(sheet.mend(again, {"percent": "40"}))
    assert mended.ok


def test_choosing_the_right_assignment_mends_a_damaged_key_but_asks_for_a_look_at_the_version():
    (checked,) = check(row(assignment=None))
    (mended,) = check(sheet.mend(checked, {}, assignment=1))
    assert codes(mended) == ["version_changed"]
    assert check(sheet.mend(mended, {}, confirm=True))[0].ok


def test_a_formula_without_result_stays_refused_until_it_is_replaced():
    (checked,) = check(row(problems=Cell(None, formula="=cmd|'/c calc'!A1")))
    assert codes(checked) == ["formula_empty"]
    untouched = sheet.mend(checked, {"problems": checked.raw["problems"]})
    assert codes(check(untouched)[0]) == ["formula_empty"]
    assert check(sheet.mend(checked, {"problems": ""}))[0].ok


def test_a_formula_with_a_result_counts_as_its_value_and_says_so():
    (checked,) = check(row(percent=Cell(40, formula="=20+20")))
    assert checked.ok
    assert [note.code for note in checked.notes] == ["formula"]


def test_rows_survive_json_and_checking_again():
    (checked,) = check(row(value="3", effective_on="2020-06-05"))
    again = sheet.Row.from_plain(checked.plain())
    assert again == checked
    assert check(again)[0].plain() == checked.plain()


def test_an_applied_row_is_left_alone():
    item = row()
    item.applied = 7
    assert check(item)[0].reasons == []
    assert sheet.tally([item, *check(row(6), row(7, percent=None, text=None))]) == sheet.Tally(
        ready=1, applied=1, empty=1
    )
