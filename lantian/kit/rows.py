"""Lists whose rows are computed and not stored: the same page, filter and export over plain objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms

from lantian.kit.forms import dress
from lantian.kit.lists import ListPage


class RowFilter:
    """A form whose answers choose among computed rows; it stands where a list page expects a filter set.

    `tests` maps a field's name to `test(row, answer)`. Answers that are in order count; the others show their error.
    """

    def __init__(self, form: forms.Form, rows: Sequence[Any], tests: dict[str, Callable[[Any, Any], bool]]) -> None:
        self.form = form
        for field in form.fields.values():
            dress(field)
        form.is_valid()
        given = {name: form.cleaned_data[name] for name in tests if form.cleaned_data.get(name)}
        self.qs = [row for row in rows if all(tests[name](row, value) for name, value in given.items())]


class ComputedListPage(ListPage):
    """A list page over computed rows: `rows()` returns those that the person may see, `choose(rows)` the RowFilter.

    `all_rows` holds them for the rest of the page.
    """

    all_rows: list[Any]

    def rows(self) -> list[Any]:
        raise NotImplementedError

    def choose(self, rows: list[Any]) -> RowFilter:
        raise NotImplementedError

    def _filterset(self) -> Any:
        self.all_rows = self.rows()
        return self.choose(self.all_rows)
