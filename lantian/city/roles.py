"""Roles as people hold them: given from a day, ended on a day, never deleted.

Four eyes: whoever is system administrator holds no role of the business, and nobody changes their own roles. One
person could otherwise make themselves office, department and county at once and sign off alone.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import Agency, Membership, Place, Role, User
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.kit.trail import audit

DAY = dt.timedelta(days=1)
# Which kind of holder a role needs: the field of Membership, and the kinds of place where it is a place.
NEEDS: dict[str, str] = {
    Role.DEPARTMENT: "agency",
    Role.COUNTY: "place",
    Role.TOWN: "place",
    Role.ENTERPRISE: "enterprise",
}
PLACE_KINDS: dict[str, tuple[str, ...]] = {
    Role.COUNTY: Place.AREA_KINDS,
    Role.TOWN: (Place.Kind.TOWN, Place.Kind.VILLAGE),
    Role.ENTERPRISE: (*Place.AREA_KINDS, Place.Kind.TOWN),
}


def in_force(memberships: QuerySet[Membership], day: dt.date | None = None) -> QuerySet[Membership]:
    """Return those memberships that hold on a day (today)."""
    day = day or clock.today()
    return memberships.filter(Q(until__isnull=True) | Q(until__gte=day), since__lte=day)


@transaction.atomic
def grant_role(
    actor: User | None,
    user: User,
    *,
    role: str,
    agency: Agency | None = None,
    place: Place | None = None,
    enterprise: str = "",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Membership:
    """Give a person a role for its holder, from `since` (today) until `until` (without end).

    Raises DomainError when the holder does not fit the role, Conflict when they hold it already, Unlawful when an
    administrator would get a role of the business or the other way round, NotAllowed for oneself.
    """
    _require(actor, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    since = since or clock.today()
    if until is not None and until < since:
        raise DomainError(_("The role would end before it begins."), hint=_("Correct the days."), field="until")
    holder = _holder(role, agency, place, enterprise.strip())
    overlapping = user.memberships.filter(Q(until__isnull=True) | Q(until__gte=since))
    if until is not None:
        overlapping = overlapping.filter(since__lte=until)
    _refuse_double_power(role, overlapping)
    if overlapping.filter(role=role, **holder).exists():
        raise Conflict(
            _("The person holds this role already in these days."), hint=_("End it first, or change the days.")
        )
    membership = Membership.objects.create(user=user, role=role, since=since, until=until, **holder)
    audit(
        actor,
        "city.role_grant",
        user,
        data={"membership": membership.pk, "role": role, "holder": _holder_text(membership)}
        | {"since": since, "until": until},
    )
    return membership


def _require(actor: User | None, user: User) -> None:
    if actor is None:
        return
    scope_of(actor).require("user.manage")
    if actor.pk == user.pk:
        raise NotAllowed(_("Nobody changes their own roles."), hint=_("Ask another administrator."))


def _holder(role: str, agency: Agency | None, place: Place | None, enterprise: str) -> dict[str, Any]:
    """Return the fields of the holder; refuse what does not fit the role."""
    if role not in Role.values:
        raise DomainError(_("Unknown role “%(role)s”.") % {"role": role}, field="role")
    given = {"agency": agency, "place": place, "enterprise": enterprise}
    needed = NEEDS.get(role)
    if needed and not given[needed]:
        raise DomainError(_("This role needs to know for whom it is held."), hint=_HINTS()[needed], field=needed)
    allowed = {needed, "place"} if role == Role.ENTERPRISE else {needed}
    for name, value in given.items():
        if value and name not in allowed:
            raise DomainError(_("This role has no such holder."), hint=_("Leave the field empty."), field=name)
    if place is not None and place.kind not in PLACE_KINDS[role]:
        raise DomainError(_("This kind of place does not fit the role."), hint=_HINTS()["place"], field="place")
    if agency is not None and not agency.is_active:
        raise DomainError(_("This agency is no longer in use."), hint=_HINTS()["agency"], field="agency")
    if place is not None and not place.is_active:
        raise DomainError(_("This place is no longer in use."), hint=_HINTS()["place"], field="place")
    return given


def _HINTS() -> dict[str, str]:  # noqa: N802 - read like a constant; a function because of the language
    return {
        "agency": _("Choose an agency."),
        "place": _("Choose a county or zone for a county's role, a town or village for a town's."),
        "enterprise": _("Write the enterprise's name as the plan has it."),
    }


def _refuse_double_power(role: str, overlapping: QuerySet[Membership]) -> None:
    powers = set(overlapping.values_list("role", flat=True)) | {role}
    if Role.ADMIN in powers and powers - {Role.ADMIN, Role.PUBLIC}:
        raise Unlawful(
            _("A system administrator holds no role in the business at the same time."),
            hint=_("End the other role first, or use two people."),
        )


def _holder_text(membership: Membership) -> str:
    return membership.enterprise or str(membership.agency or membership.place or "")


@transaction.atomic
def end_role(actor: User | None, membership: Membership, *, reason: str, last_day: dt.date | None = None) -> Membership:
    """End a role; `last_day` (today) is the last day on which it holds. A reason is needed.

    Raises Unlawful when it has ended already or is the last administrator's, DomainError for a day before it began, or
    after the day on which it ends anyway: to hold it longer is to be given it again, with all that is asked then.
    """
    _require(actor, membership.user)
    if membership.role == Role.ADMIN:
        lock_administrators()
    membership = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if not reason.strip():
        raise DomainError(_("Say why."), hint=_("The reason is kept in the audit chain."), field="reason")
    today = clock.today()
    last_day = last_day or max(today, membership.since)
    if membership.until is not None and membership.until < today:
        raise Unlawful(_("This role has ended already."))
    if last_day < membership.since:
        raise DomainError(
            _("The role began on %(day)s.") % {"day": membership.since}, hint=_("Choose a later day."), field="last_day"
        )
    if membership.until is not None and last_day > membership.until:
        raise DomainError(
            _("The role ends on %(day)s already.") % {"day": membership.until},
            hint=_("Choose an earlier day; to prolong a role, give it again."),
            field="last_day",
        )
    if membership.role == Role.ADMIN:
        _refuse_the_last_administrator(membership)
    old, membership.until = membership.until, last_day
    membership.save(update_fields=["until"])
    audit(
        actor,
        "city.role_end",
        membership.user,
        changes={"until": (old, last_day)},
        reason=reason.strip(),
        data={"membership": membership.pk, "role": membership.role, "holder": _holder_text(membership)},
    )
    return membership


def lock_administrators() -> None:
    """Lock the role of every administrator until the transaction ends; whoever may take one away begins with it.

    Two administrators who end each other at the same moment then come one after the other, and the second is refused.
    """
    list(Membership.objects.filter(role=Role.ADMIN).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def other_administrators(user: User) -> bool:
    """Tell whether an active person besides this one is administrator today."""
    held = in_force(Membership.objects.filter(role=Role.ADMIN, user__is_active=True))
    return held.exclude(user=user).exists()


def _refuse_the_last_administrator(membership: Membership) -> None:
    if not other_administrators(membership.user):
        raise Unlawful(_("This is the last active administrator."), hint=_("Give the role to somebody else first."))
