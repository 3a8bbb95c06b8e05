"""The publicity period: a verified result is shown to everybody, and everybody may object before it is signed off."""

from __future__ import annotations

import datetime as dt
import hmac

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.models import User
from lantian.city.queries import calendar
from lantian.kit.errors import Conflict, DomainError, Unlawful
from lantian.plan.models import Assignment, Objection, Publicity, Step
from lantian.plan.services import telling
from lantian.plan.services.moves import move
from lantian.records.services import audit

# Against floods of one sender and of many; a real village writes fewer.
OBJECTIONS_PER_SENDER_AND_DAY = 5
OBJECTIONS_PER_PERIOD_AND_DAY = 200
LONGEST = {"name": 80, "contact": 120, "text": 5000}


class TooMany(DomainError):
    """More objections than one sender, or one period, takes on a day (HTTP 429)."""

    status = 429


@transaction.atomic
def publicise(
    actor: User, assignment: Assignment, *, statement: str, seen_version: int | None = None, key: str | None = None
) -> Publicity:
    """Open the publicity period of a verified assignment today; its length comes from the city's calendar.

    Raises Unlawful while another period of it is valid, and NotAllowed, Conflict, DomainError (field "reason").
    """

    def guard(current: Assignment) -> None:
        running = Publicity.objects.filter(assignment=current, void_at__isnull=True).first()
        if running is not None:
            raise Unlawful(
                _("It is in publicity from %(start)s to %(end)s already.")
                % {"start": running.starts_on, "end": running.ends_on}
            )

    today = clock.today()
    days = {"starts_on": today, "ends_on": calendar().publicity_ends(today)}
    done = move(
        actor, assignment, "publicise", reason=statement, data=days, check=guard, seen_version=seen_version, key=key
    )
    if done.again:
        return Publicity.objects.filter(assignment=done.assignment, opened_at=done.step.at).latest("pk")
    period = Publicity.objects.create(
        assignment=done.assignment, statement=done.step.reason, opened_by=actor, opened_at=done.step.at, **days
    )
    telling.publicised(done, period)
    return period


def void_publicity(actor: User, assignment: Assignment) -> None:
    """End the valid period of an assignment that was sent back; what is open in it lapses, and says so."""
    period = Publicity.objects.filter(assignment=assignment, void_at__isnull=True).first()
    if period is None:
        return
    now = clock.now()
    period.void_at = now
    period.save(update_fields=["void_at"])
    lapsed = _("The assignment was sent back before the objection was answered.")
    period.objections.filter(resolved_at__isnull=True).update(resolved_at=now, resolved_by=actor, resolution=lapsed)


def in_publicity(day: dt.date | None = None) -> QuerySet[Publicity]:
    """Return the periods that are open on a day (today if left out), those that end first in front."""
    day = day or clock.today()
    return (
        Publicity.objects.filter(
            void_at__isnull=True, starts_on__lte=day, ends_on__gte=day, assignment__state=Assignment.State.VERIFIED
        )
        .select_related("assignment__measure", "assignment__place", "assignment__agency", "assignment__area")
        .order_by("ends_on", "pk")
    )


def sender_mark(address: str) -> str:
    """Return a mark by which one sender's objections of one day are counted, from which no address can be read."""
    text = f"{clock.today().isoformat()}|{address}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), "sha256").hexdigest()


@transaction.atomic
def object_to(period: Publicity, *, name: str, text: str, contact: str = "", sender: str = "") -> Objection:
    """Record an objection by anybody (no login). `sender` is a mark from `sender_mark`, to count by.

    The same text of the same sender is recorded once. Raises Unlawful (not in publicity), TooMany, DomainError.
    """
    period = Publicity.objects.select_for_update().get(pk=period.pk)
    if not in_publicity().filter(pk=period.pk).exists():
        raise Unlawful(_("This is not in publicity (any more)."), hint=_("Write to the leading-group office instead."))
    given = {"name": name.strip(), "contact": contact.strip(), "text": text.strip()}
    for field, longest in LONGEST.items():
        if len(given[field]) > longest:
            raise DomainError(_("The text is longer than %(n)s characters.") % {"n": longest}, field=field)
    for field in ("name", "text"):
        if len(given[field]) < 2:
            raise DomainError(_("Please fill this in."), field=field)
    if same := period.objections.filter(sender=sender, text=given["text"]).exclude(sender="").first():
        return same
    _refuse_floods(period, sender)
    made = Objection.objects.create(publicity=period, received_at=clock.now(), sender=sender, **given)
    audit("public", "plan.object", period.assignment, data={"publicity": period.pk, "objection": made.pk})
    telling.objected(made)
    return made


def _refuse_floods(period: Publicity, sender: str) -> None:
    day = timezone.make_aware(dt.datetime.combine(clock.today(), dt.time()))
    today = Objection.objects.filter(received_at__gte=day)
    if sender and today.filter(sender=sender).count() >= OBJECTIONS_PER_SENDER_AND_DAY:
        raise TooMany(_("Too many objections came from your address today."), hint=_("Come back tomorrow, or write."))
    if today.filter(publicity=period).count() >= OBJECTIONS_PER_PERIOD_AND_DAY:
        raise TooMany(_("Too many objections came in today."), hint=_("Come back tomorrow, or write to the office."))


@transaction.atomic
def resolve_objection(
    actor: User,
    objection: Objection,
    *,
    upheld: bool,
    resolution: str,
    seen_version: int | None = None,
    key: str | None = None,
) -> Step:
    """Answer an objection with words. Upheld: the assignment is returned and its publicity period ends.

    `seen_version` is the assignment's. Raises Conflict when it was answered already, NotAllowed, Unlawful, DomainError.
    """
    action = "uphold_objection" if upheld else "dismiss_objection"

    def guard(current: Assignment) -> None:
        objection.refresh_from_db()
        if objection.resolved_at is not None:
            raise Conflict(_("This objection was answered already."), hint=_("Reload the page to read the answer."))

    done = move(
        actor,
        objection.publicity.assignment,
        action,
        reason=resolution,
        data={"objection": objection.pk},
        check=guard,
        seen_version=seen_version,
        key=key,
    )
    if done.again:
        return done.step
    objection.resolved_at, objection.resolved_by = done.step.at, actor
    objection.upheld, objection.resolution = upheld, done.step.reason
    objection.save(update_fields=["resolved_at", "resolved_by", "upheld", "resolution"])
    if upheld:
        void_publicity(actor, done.assignment)
        telling.returned(done)
    return done.step
