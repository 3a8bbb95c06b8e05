"""Exports: no cell of a CSV file is a formula, in whatever spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from lantian.kit.export import to_csv


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
