"""List pages: filters in the address, own columns, order, pages, and an export of exactly what is seen."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View

from lantian.kit.export import XLSX_MIME, attachment, to_csv, to_xlsx
from lantian.kit.forms import dress
from lantian.kit.numbers import whole

PER_PAGE = (25, 50, 100)


class ListPage(View):
    """Subclass it with `table_class`, `filterset_class`, `title`, and `get_queryset()`.

    Address parameters: those of the filter set, `sort`, `page`, `per_page`, `columns` (comma-separated, in order),
    `export` = xlsx | csv. `default_columns` names what is shown first (all columns if empty).
    """

    table_class: type[tables.Table]
    filterset_class: type[django_filters.FilterSet] | None = None
    template_name = "kit/list.html"
    title: str | Promise = ""
    default_columns: tuple[str, ...] = ()
    file_name = "lantian"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the person may see."""
        raise NotImplementedError

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        """Return more template context."""
        return kwargs

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filterset = self._filterset()
        table = self._table(filterset.qs if filterset else self.get_queryset())
        export = request.GET.get("export")
        if export in {"xlsx", "csv"}:
            return self._export(table, export)
        per_page = self._per_page()
        self._paginate(table, per_page)
        context = {
            "title": self.title,
            "table": table,
            "filter": filterset,
            "columns": self._column_choices(table),
            "per_page": per_page,
            "per_page_choices": PER_PAGE,
        }
        return render(request, self.template_name, self.get_context(**context))

    def _filterset(self) -> django_filters.FilterSet | None:
        if self.filterset_class is None:
            return None
        filterset = self.filterset_class(self.request.GET, queryset=self.get_queryset(), request=self.request)
        for field in filterset.form.fields.values():
            dress(field)
        return filterset

    def _wanted(self) -> tuple[str, ...]:
        known = self.table_class.base_columns
        asked = [c for c in self.request.GET.get("columns", "").split(",") if c in known]
        return tuple(dict.fromkeys(asked)) or self.default_columns or tuple(known)

    def _table(self, rows: QuerySet[Any]) -> tables.Table:
        wanted = self._wanted()
        hidden = [c for c in self.table_class.base_columns if c not in wanted]
        table = self.table_class(rows, sequence=(*wanted, "..."), exclude=hidden)
        # Not given to the constructor: that would page the rows a first time, by whatever the address says.
        table.request = self.request
        sort = self.request.GET.get("sort")
        if sort:
            table.order_by = [s for s in sort.split(",") if s.lstrip("-") in table.columns.names()]
        return table

    def _paginate(self, table: tables.Table, per_page: int) -> None:
        """Show the page that the address asks for; the first or the last one where there is no such page."""
        try:
            table.paginate(page=self.request.GET.get("page", 1), per_page=per_page)
        except PageNotAnInteger:
            table.page = table.paginator.page(1)
        except EmptyPage:
            table.page = table.paginator.page(table.paginator.num_pages)

    def _column_choices(self, table: tables.Table) -> list[dict[str, Any]]:
        wanted = self._wanted()
        order = {name: at for at, name in enumerate(wanted)}
        names = sorted(self.table_class.base_columns, key=lambda name: order.get(name, len(order)))
        base = self.table_class.base_columns
        return [{"name": n, "label": base[n].verbose_name or n, "shown": n in order} for n in names]

    def _per_page(self) -> int:
        asked = whole(self.request.GET.get("per_page"))
        return asked if asked in PER_PAGE else PER_PAGE[1]

    def _export(self, table: tables.Table, kind: str) -> HttpResponse:
        rows = table.as_values()
        header = next(rows)
        stamp = timezone.localtime().strftime("%Y%m%d-%H%M")
        name = f"{self.file_name}-{stamp}.{kind}"
        if kind == "csv":
            return attachment(to_csv(header, rows), name, "text/csv; charset=utf-8")
        notes = [_("Filters: %s") % (self.request.GET.urlencode() or "–"), _("Made: %s") % stamp]
        return attachment(to_xlsx(header, rows, notes=notes), name, XLSX_MIME)
