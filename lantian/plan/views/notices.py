"""Notices: those that reached a person (the office: all), each with its delivery, reading and answers."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.columns import BadgeColumn
from lantian.kit.forms import KitForm, perform, status_of, text_field
from lantian.kit.lists import ListPage
from lantian.plan.models import Notice
from lantian.plan.services import escalation as services
from lantian.plan.views.columns import NUMBER, Day, Moment


class NoticeTable(tables.Table):
    level = BadgeColumn("level", verbose_name=gettext_lazy("Level"))
    title = tables.Column(gettext_lazy("Title"), linkify=lambda record: reverse("plan:notice", args=[record.pk]))
    to = tables.Column(gettext_lazy("To"), empty_values=(), orderable=False)
    issued_at = Moment(verbose_name=gettext_lazy("Issued"))
    reply_due_on = Day(verbose_name=gettext_lazy("Answer due"))
    people = tables.Column(gettext_lazy("Sent to"), attrs=NUMBER)
    read = tables.Column(gettext_lazy("Read by"), attrs=NUMBER)
    answered = tables.Column(gettext_lazy("Answers"), attrs=NUMBER)

    def render_to(self, record: Notice) -> str:
        return services.subject_name(record)


@method_decorator(needs(), name="dispatch")
class NoticeList(ListPage):
    table_class = NoticeTable
    template_name = "plan/notices.html"
    title = gettext_lazy("Notices")
    file_name = "notices"

    def get_queryset(self) -> Any:
        rows = services.notices_visible_to(scope_of(self.request.user))
        return rows.annotate(
            people=Count("receipts", distinct=True),
            read=Count("receipts", filter=Q(receipts__notification__read_at__isnull=False), distinct=True),
            answered=Count("receipts", filter=Q(receipts__replied_at__isnull=False), distinct=True),
        ).order_by("-pk")


class AnswerForm(KitForm):
    submit_label = gettext_lazy("Send the answer")
    reply = text_field(
        label=gettext_lazy("Your answer"),
        rows=5,
        help_text=gettext_lazy("What was done, and by when the rest will be."),
    )


@needs()
def notice(request: SignedRequest, pk: int) -> HttpResponse:
    """A notice with its receipts; an addressee who opens it has read it, and may answer once."""
    scope = scope_of(request.user)
    found = get_object_or_404(services.notices_visible_to(scope), pk=pk)
    receipt = services.read_notice(request.user, found)
    may_answer = receipt is not None and receipt.replied_at is None and scope.may("notice.answer")
    form = AnswerForm(request.POST) if request.method == "POST" else AnswerForm()
    receipt_sent = None
    if request.method == "POST":
        receipt_sent = perform(form, lambda data: services.answer(request.user, found, reply=data["reply"]))
    if receipt_sent:
        messages.success(request, _("The answer was sent to those who issued the notice."))
        return redirect("plan:notice", pk=pk)
    receipts = found.receipts.select_related("notification__recipient").order_by("pk")
    context = {
        "title": found.title,
        "notice": found,
        "receipts": receipts,
        "mine": receipt,
        "form": form if may_answer or form.is_bound else None,
        "overdue": found.reply_due_on is not None and found.reply_due_on < clock.today(),
        "answered": any(one.replied_at for one in receipts),
    }
    return render(request, "plan/notice.html", context, status=status_of(form) if form.is_bound else 200)
