"""Rows written in one pass: the same cells as the library's own rows, escaped, with links and attributes."""

import django_tables2 as tables
import pytest
from django.utils.html import conditional_escape

from lantian.kit.choices import Choice, badge_html, register_family
from lantian.kit.columns import BadgeColumn
from lantian.kit.table_rows import table_rows
from lantian.kit.templatetags.kit import badge

register_family("rowtest", {"late": Choice("<late>", "red")})


class Sample(tables.Table):
    name = tables.Column("Name <1>", linkify=lambda record: f"/of/{record['id']}/")
    light = BadgeColumn("rowtest", accessor="light")
    amount = tables.Column(attrs={"td": {"class": "lt-number"}}, default="none")
    twice = tables.Column(empty_values=())

    class Meta:
        row_attrs = {"class": lambda record: "lt-unread" if record["id"] == 1 else ""}

    def render_twice(self, record, value, **rest):
        return f"{record['amount']}×2 {sorted(rest)}"


ROWS = [
    {"id": 1, "name": "<script>alert(1)</script>", "light": "late", "amount": 3},
    {"id": 2, "name": "b & c", "light": "odd<", "amount": None},
]


def test_cells_are_the_library_s_own():
    html = table_rows(Sample(ROWS))
    for row in Sample(ROWS).rows:
        for _column, cell in row.items():
            assert conditional_escape(cell) in html


def test_nothing_that_a_person_wrote_is_run():
    html = table_rows(Sample(ROWS))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "odd&lt;" in html
    assert 'data-label="Name &lt;1&gt;"' in html


def test_attributes_of_cells_and_rows_are_kept():
    html = table_rows(Sample(ROWS))
    assert 'class="lt-number">3</td>' in html
    assert html.count('<tr class="lt-unread">') == 1
    assert '<a href="/of/2/">' in html
    assert ">none</td>" in html


def test_no_rows_no_text():
    assert table_rows(Sample([])) == ""


@pytest.mark.parametrize("value", ["late", "odd<"])
def test_a_badge_is_the_same_wherever_it_stands(value):
    assert badge("rowtest", value) == badge_html("rowtest", value)
    assert "<late>" not in badge_html("rowtest", "late")
