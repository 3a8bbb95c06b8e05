"""The audit page: every entry with what changed, and the button that verifies the chain."""

from __future__ import annotations

import json
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lantian.city.access import SignedRequest, needs
from lantian.kit.columns import MomentColumn
from lantian.kit.errors import DomainError
from lantian.kit.forms import DateInput
from lantian.kit.lists import ListPage
from lantian.records.models import AuditEntry
from lantian.records.verify import verify_chain
from lantian.records.words import action_words, actions, changes_of, kind_words


class AuditTable(tables.Table):
    seq = tables.Column("#", linkify=lambda record: reverse("records:audit_entry", args=[record.pk]))
    at = MomentColumn(verbose_name=gettext_lazy("Time"))
    actor_name = tables.Column(gettext_lazy("Done by"))
    action = tables.Column(gettext_lazy("Action"))
    target_type = tables.Column(gettext_lazy("Kind of record"))
    target_name = tables.Column(gettext_lazy("Record"))
    changes = tables.Column(gettext_lazy("Changes"), orderable=False)
    reason = tables.Column(gettext_lazy("Reason"), orderable=False)
    machine_at = MomentColumn(verbose_name=gettext_lazy("Machine's time"))
    hash = tables.Column(gettext_lazy("Hash"), orderable=False, attrs={"td": {"class": "lt-hash"}})

    def render_action(self, value: str) -> str:
        return action_words(value)

    def render_actor_name(self, value: str) -> str:
        return _("system") if value == "system" else value

    def render_target_type(self, value: str) -> str:
        return kind_words(value)

    def render_changes(self, record: AuditEntry) -> Any:
        rows = [(change.name, change.old, change.new) for change in changes_of(record)]
        if not rows:
            return "–"
        return format_html(
            '<ul class="lt-changes">{}</ul>',
            format_html_join("", "<li>{}: <del>{}</del> → <ins>{}</ins></li>", rows),
        )

    def value_changes(self, record: AuditEntry) -> str:
        return "; ".join(f"{change.name}: {change.old} → {change.new}" for change in changes_of(record))


def _action_choices() -> list[tuple[str, str]]:
    """Every action by its words; by the index, and only once for the whole drop-down."""
    codes = set(AuditEntry.objects.order_by().values_list("action", flat=True).distinct()) | set(actions())
    return sorted(((code, action_words(code)) for code in codes), key=lambda choice: choice[1])


def _day(**kwargs: Any) -> django_filters.DateFilter:
    return django_filters.DateFilter(widget=DateInput(), **kwargs)


class AuditFilter(django_filters.FilterSet):
    action = django_filters.ChoiceFilter(label=gettext_lazy("Action"), choices=_action_choices)
    actor = django_filters.CharFilter(label=gettext_lazy("Done by"), field_name="actor_name", method="by_actor")
    target = django_filters.CharFilter(label=gettext_lazy("Record"), method="by_target")
    since = _day(label=gettext_lazy("From"), field_name="at", lookup_expr="date__gte")
    until = _day(label=gettext_lazy("Until"), field_name="at", lookup_expr="date__lte")
    q = django_filters.CharFilter(label=gettext_lazy("Text"), method="by_text")

    def by_actor(self, rows: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        return rows.filter(Q(actor_name__icontains=value) | Q(actor__username__iexact=value))

    def by_target(self, rows: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """A name, or "room.model:id" for the history of one record."""
        kind, colon, pk = value.rpartition(":")
        exact = Q(target_type=kind, target_id=pk) if colon and "." in kind else Q(pk__in=())
        return rows.filter(Q(target_name__icontains=value) | exact)

    def by_text(self, rows: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """Search in reason, record, and the values old and new (SQLite keeps Chinese in them as escapes)."""
        rows = rows.annotate(
            changes_text=Cast("changes", output_field=CharField()), data_text=Cast("data", output_field=CharField())
        )
        found = Q(reason__icontains=value) | Q(target_name__icontains=value)
        for form in {value, json.dumps(value)[1:-1]}:
            found |= Q(changes_text__icontains=form) | Q(data_text__icontains=form)
        return rows.filter(found)


@method_decorator(needs("audit.view"), name="dispatch")
class AuditPage(ListPage):
    table_class = AuditTable
    filterset_class = AuditFilter
    template_name = "records/audit.html"
    title = gettext_lazy("Audit chain")
    default_columns = ("seq", "at", "actor_name", "action", "target_name", "changes", "reason")
    file_name = "audit"

    def get_queryset(self) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.order_by("-seq")


@require_safe
@needs("audit.view")
def entry_page(request: SignedRequest, pk: int) -> HttpResponse:
    """One entry with all that it holds."""
    entry = get_object_or_404(AuditEntry, pk=pk)
    context = {
        "title": f"#{entry.seq} {action_words(entry.action)}",
        "entry": entry,
        "kind": kind_words(entry.target_type),
        "changes": changes_of(entry),
        "data": json.dumps(entry.data, ensure_ascii=False, indent=2) if entry.data else "",
    }
    return render(request, "records/audit_entry.html", context)


@require_POST
@needs("audit.view")
def verify(request: SignedRequest) -> HttpResponse:
    """Walk the chain now and show what was found."""
    anchor = request.POST.get("anchor", "").strip()
    context: dict[str, Any] = {"title": _("Verification of the audit chain"), "anchor": anchor}
    status = 200
    try:
        context["result"] = verify_chain(anchor or None)
    except DomainError as problem:
        context["problem"] = problem
        status = problem.status
    return render(request, "records/audit_verified.html", context, status=status)
