"""Exports: no cell of a file is a formula, in whatever spreadsheet; books of several sheets."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from lantian.kit.export import Sheet, to_book, to_csv


def cell(text: str) -> str:
    return list(csv.reader(io.StringIO(to_csv(["head"], [[text]]).decode("utf-8-sig"))))[1][0]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1+2", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)", " =1+1", "\u3000＝1", "\t=1", "\n=1", "\rx"],
)
def test_what_a_spreadsheet_would_run_gets_a_quote(text):
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["甲县", "a=b", "1-2", "（＝）", ""])
def test_other_texts_stay(text):
    assert cell(text) == text


def test_a_book_of_several_sheets():
    """Each sheet has its table and its notes; names are what a workbook takes, and no two are alike."""
    sheets = [
        Sheet("a/b: [c]*", ["day", "n"], [[dt.date(2020, 5, 1), Decimal("1.5")], ["=1+1", None]], ["rule 1", "=note"]),
        Sheet("A b   c", ["x"], []),
        Sheet("'" + "字" * 40, ["x"], [[True]]),
        Sheet("字" * 40, ["x"], []),
        Sheet("", ["x"], []),
    ]
    book = openpyxl.load_workbook(io.BytesIO(to_book(sheets)))
    assert book.sheetnames == ["a b   c", "A b   c 2", "字" * 31, "字" * 27 + " 2", "Lantian"]
    rows = list(book["a b   c"].iter_rows(values_only=True))
    assert rows[:3] == [("day", "n"), (dt.datetime(2020, 5, 1), 1.5), ("=1+1", None)]
    assert [row[0] for row in rows[4:]] == ["rule 1", "=note"]
    assert {cell.data_type for row in book["a b   c"].iter_rows() for cell in row if cell.value} == {"s", "n", "d"}
