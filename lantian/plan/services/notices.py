"""Notices on their way: who sees them, who read them, who answered."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.access import Scope, scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.plan.models import Notice, NoticeReceipt
from lantian.records.services import Wording, audit, mark_read, notify

MAX_REPLY = 5000


def notices_visible_to(scope: Scope) -> QuerySet[Notice]:
    """Return the notices that a person may open: all for those who see everything, else those that reached them."""
    rows = Notice.objects.select_related("place", "agency", "issued_by", "proposal").defer("place__boundary")
    if scope.user_id is None:
        return rows.none()
    if scope.sees_everything and scope.may("escalation.view"):
        return rows
    # Asked apart, not by a join: whoever counts the receipts of these notices counts all of them.
    mine = Q(Exists(NoticeReceipt.objects.filter(notice=OuterRef("pk"), notification__recipient=scope.user_id)))
    if scope.may("escalation.view"):
        mine |= Q(place__in=scope.place_ids) | Q(agency__in=scope.agency_ids)
    return rows.filter(mine)


def read_notice(reader: User, notice: Notice) -> NoticeReceipt | None:
    """Record that an addressee opened the notice; return their receipt, or None for a person who is none."""
    receipt = notice.receipts.select_related("notification").filter(notification__recipient=reader).first()
    if receipt is not None and receipt.notification.read_at is None:
        mark_read(reader, pks=[receipt.notification_id])
        receipt.notification.refresh_from_db()
    return receipt


@transaction.atomic
def answer(actor: User, notice: Notice, *, reply: str) -> NoticeReceipt:
    """Answer a notice, once for each addressee; the person who issued it is told.

    The same text again changes nothing. Raises NotAllowed (no addressee), Conflict (answered), DomainError (reply).
    """
    scope_of(actor).require("notice.answer")
    receipt = (
        NoticeReceipt.objects.select_for_update(of=("self",))
        .filter(notice=notice, notification__recipient=actor)
        .first()
    )
    if receipt is None:
        raise NotAllowed(_("This notice was not addressed to you."), hint=_("Those whom it reached can answer it."))
    text = reply.strip()
    if receipt.replied_at is not None:
        if receipt.reply == text:
            return receipt
        raise Conflict(
            _("You answered this notice on %(day)s.") % {"day": timezone.localdate(receipt.replied_at).isoformat()},
            hint=_("Report what is new on the assignment itself."),
        )
    if not 2 <= len(text) <= MAX_REPLY:
        raise DomainError(_("Write an answer of 2 to %(n)s characters.") % {"n": MAX_REPLY}, field="reply")
    receipt.reply, receipt.replied_at = text, clock.now()
    receipt.save(update_fields=["reply", "replied_at"])
    audit(actor, "plan.answer_notice", notice, data={"receipt": receipt.pk, "reply": text})
    _tell_issuer(actor, notice)
    return receipt


def _tell_issuer(actor: User, notice: Notice) -> None:
    notify(
        [notice.issued_by], kind="plan.notice_answered",
        subject=Wording(gettext_lazy("%(who)s answered: %(title)s"), who=actor, title=notice.title),
        link=reverse("plan:notice", args=[notice.pk]), target=notice,
    )  # fmt: skip
