"""The inbox: what was sent to this person, when it reached them and when they opened it."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from lantian.city.access import SignedRequest, needs
from lantian.kit.columns import MomentColumn
from lantian.kit.lists import ListPage
from lantian.records.models import Notification
from lantian.records.services import mark_delivered, mark_read


class InboxTable(tables.Table):
    subject = tables.Column(gettext_lazy("Message"))
    body = tables.Column(gettext_lazy("Text"), orderable=False, attrs={"td": {"class": "lt-pre"}})
    created_at = MomentColumn(verbose_name=gettext_lazy("Sent"))
    delivered_at = MomentColumn(verbose_name=gettext_lazy("Delivered"))
    read_at = MomentColumn(verbose_name=gettext_lazy("Read"))

    class Meta:
        row_attrs = {"class": lambda record: "" if record.read_at else "lt-unread"}

    def render_subject(self, record: Notification) -> Any:
        """Unread ones are bold; one with a link opens it, and opening is recorded."""
        text = record.subject if record.read_at else format_html("<strong>{}</strong>", record.subject)
        address = reverse("records:notification_open", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, text)

    def value_subject(self, record: Notification) -> str:
        return record.subject


class InboxFilter(django_filters.FilterSet):
    unread = django_filters.ChoiceFilter(
        label=gettext_lazy("Show"),
        empty_label=gettext_lazy("all messages"),
        choices=[("1", gettext_lazy("only those unread")), ("0", gettext_lazy("only those read"))],
        method="by_reading",
    )
    q = django_filters.CharFilter(label=gettext_lazy("Text"), method="by_text")

    def by_reading(self, rows: QuerySet[Notification], name: str, value: str) -> QuerySet[Notification]:
        return rows.filter(read_at__isnull=value == "1")

    def by_text(self, rows: QuerySet[Notification], name: str, value: str) -> QuerySet[Notification]:
        return rows.filter(Q(subject__icontains=value) | Q(body__icontains=value))


@method_decorator(needs(), name="dispatch")
class InboxPage(ListPage):
    table_class = InboxTable
    filterset_class = InboxFilter
    template_name = "records/inbox.html"
    title = gettext_lazy("Messages")
    default_columns = ("subject", "body", "created_at", "read_at")
    file_name = "messages"

    def get_queryset(self) -> QuerySet[Notification]:
        return Notification.objects.filter(recipient=self.request.user.pk).order_by("-id")

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        """What stands on this page counts as delivered from now on."""
        mark_delivered(row.record for row in kwargs["table"].paginated_rows)
        return kwargs


@require_GET
@needs()
def open_notification(request: SignedRequest, pk: int) -> HttpResponse:
    """Record the reading and go to where the message leads; without a link, back to the inbox."""
    notification = get_object_or_404(Notification, pk=pk, recipient=request.user.pk)
    mark_read(request.user, pks=[pk])
    return redirect(notification.link or "records:inbox")


@require_POST
@needs()
def read_notifications(request: SignedRequest) -> HttpResponse:
    """Mark all messages as read."""
    count = mark_read(request.user)
    messages.success(request, _("Marked as read: %(count)s.") % {"count": count})
    return redirect("records:inbox")
