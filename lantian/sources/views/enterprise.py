"""One enterprise, one file: everything that is known of it on one page, and its whole history."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.columns import BadgeColumn, MomentColumn
from lantian.kit.lists import ListPage
from lantian.records.queries import evidence_visible_to, for_strip
from lantian.sources import access, parts, queries
from lantian.sources.forms import PaperForm
from lantian.sources.kinds import kind_named
from lantian.sources.kinds.plain import plain_of
from lantian.sources.models import Change, Enterprise, Merge
from lantian.sources.tabs import tabs
from lantian.sources.views.shown import (
    changes_shown,
    fields_of,
    flow_of,
    lang,
    remarks_of,
    sections_of,
    shown_value,
)

_HEAD = (
    "credit_code", "industry", "industry_code", "area", "town", "address", "products", "shift", "state_since", "legal_person",
    "contact", "phone", "aliases", "source", "note",
)  # fmt: skip
_NEWEST = 12
# Kinds of the narrow column; all others stand below the flow.
_RIGHT = ("permit", "order", "meter", "gate", "camera", "micro_station")


def visible_enterprise(request: HttpRequest, code: str) -> Enterprise:
    """Return the enterprise, or answer 404 where this person may not see it."""
    rows = queries.visible_to(scope_of(request.user)).select_related("area", "town", "merged_into")
    found: Enterprise = get_object_or_404(rows, code=code)
    return found


@require_safe
@needs("source.view")
def page(request: SignedRequest, code: str) -> HttpResponse:
    """The file of one enterprise. A code that was merged into another leads there."""
    now = queries.code_now(code)
    if now != code and queries.visible_to(scope_of(request.user)).filter(code=now).exists():
        return redirect("sources:enterprise", code=now)
    one = visible_enterprise(request, code)
    scope = scope_of(request.user)
    sections = sections_of(one)
    kind = kind_named("enterprise")
    plain = plain_of(kind, one)
    head = [(str(kind.by_name[name].label), _head_value(one, name, plain)) for name in _HEAD]
    evidence = evidence_visible_to(scope).filter(pk__in=one.papers.values("evidence_id"))
    language = lang()
    context = {
        "title": str(one), "one": one, "tabs": tabs(request), "head": [(label, text) for label, text in head if text],
        "flow": flow_of(sections),
        "left": [section for name, section in sections.items() if name not in _RIGHT and section.rows],
        "right": [sections[name] for name in _RIGHT if sections[name].rows],
        "kinds": list(sections.values()),
        "remarks": [(fault.text(language), fault.mend(language)) for fault in remarks_of(one)],
        "history": changes_shown(one.changes.select_related("by", "batch")[:_NEWEST]),
        "changes": one.changes.count(), "evidence": list(for_strip(evidence)),
        "merges": Merge.objects.filter(kept=one).select_related("gone", "by"),
        "parts": [(name, mark_safe(html)) for name, html in parts.render(request, one.code)],  # noqa: S308 - rooms escape
        "may_edit": access.may(scope, "source.edit", one),
        "paper_form": _paper_form(sections) if scope.may("evidence.add") else None,
    }  # fmt: skip
    return render(request, "sources/enterprise.html", context)


def _head_value(one: Enterprise, name: str, plain: dict[str, Any]) -> str:
    if name in ("area", "town"):
        return str(getattr(one, name) or "")
    return shown_value(name, kind_named("enterprise"), plain)


def _paper_form(sections: dict[str, Any]) -> PaperForm:
    return PaperForm(codes=paper_codes(sections))


def paper_codes(sections: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows that evidence may prove."""
    wanted = ("permit", "boiler", "outlet", "equipment", "line", "order", "meter", "chp")
    return [(row.row.code, f"{sections[n].kind.label} {row.row}") for n in wanted for row in sections[n].rows]


class HistoryTable(tables.Table):
    at = MomentColumn()
    act = BadgeColumn("register_act")
    kind = tables.Column()
    code = tables.Column()
    name = tables.Column()
    changes = tables.Column(orderable=False)
    reason = tables.Column(orderable=False)
    by_name = tables.Column()
    batch = tables.Column(gettext_lazy("import into the register"), orderable=False)
    row_version = tables.Column(gettext_lazy("Version"))

    class Meta:
        model = Change
        fields: tuple[str, ...] = ()

    def render_kind(self, value: str) -> str:
        return str(kind_named(value).label)

    def render_changes(self, record: Change) -> Any:
        rows = fields_of(record)
        items = format_html_join("", "<li>{}: <del>{}</del> → <ins>{}</ins></li>", rows)
        return format_html('<ul class="lt-changes">{}</ul>', items) if rows else "–"

    def value_changes(self, record: Change) -> str:
        return "; ".join(f"{label}: {old} → {new}" for label, old, new in fields_of(record))


@method_decorator(needs("source.view"), name="dispatch")
class HistoryPage(ListPage):
    """Every change of an enterprise and of its rows, newest first."""

    table_class = HistoryTable
    template_name = "sources/history.html"
    file_name = "history"
    default_columns = ("at", "act", "kind", "code", "changes", "reason", "by_name")

    def get_queryset(self) -> QuerySet[Change]:
        self.one = visible_enterprise(self.request, self.kwargs["code"])
        self.title = _("History of %(enterprise)s") % {"enterprise": self.one}
        return Change.objects.filter(enterprise=self.one).select_related("by", "batch")

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        return {**kwargs, "title": self.title, "one": self.one}
