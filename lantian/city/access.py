"""Who may do what where. A person's memberships become a Scope; querysets and services ask the Scope.

The verbs of each role are data (`data/permissions.toml`). What a verb may be used *on* is decided by place, agency or
enterprise: a county acts on its own places, a department on its own measures, the office everywhere.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.models import Membership, Place, Role, User
from lantian.city.verbs import verb_in_words
from lantian.kit.errors import NotAllowed


@functools.cache
def permissions() -> dict[str, frozenset[str]]:
    """Return role -> verbs, from the data file."""
    path = Path(__file__).parent / "data" / "permissions.toml"
    roles = tomllib.loads(path.read_text(encoding="utf-8"))["roles"]
    return {role: frozenset(entry["verbs"]) for role, entry in roles.items()}


@functools.cache
def _everywhere() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "permissions.toml"
    roles = tomllib.loads(path.read_text(encoding="utf-8"))["roles"]
    return frozenset(role for role, entry in roles.items() if entry.get("everywhere"))


@dataclass(frozen=True)
class Scope:
    """What one person may do. `place_ids` holds the person's places and all that lies inside them, whatever the role;
    `places_by_role` tells in which role: who is a county here and a town there is no county there."""

    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    verbs_by_role: dict[str, frozenset[str]] = field(default_factory=dict, hash=False)
    sees_everything: bool = False
    place_ids: frozenset[int] = frozenset()
    places_by_role: dict[str, frozenset[int]] = field(default_factory=dict, hash=False)
    agency_ids: frozenset[int] = frozenset()
    enterprises: frozenset[str] = frozenset()

    def may(self, verb: str) -> bool:
        """Tell whether any of the person's roles carries the verb."""
        return verb in self.verbs

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    def may_at(
        self, verb: str, *, place_ids: Iterable[int] = (), agency_ids: Iterable[int] = (), enterprise: str = ""
    ) -> bool:
        """Tell whether the person may use the verb on something held by one of these places, agencies or enterprise."""
        for role, verbs in self.verbs_by_role.items():
            if verb not in verbs:
                continue
            if role in _everywhere():
                return True
            if role in (Role.COUNTY, Role.TOWN):
                if not self.places_by_role.get(role, self.place_ids).isdisjoint(place_ids):
                    return True
                continue
            if role == Role.DEPARTMENT and not self.agency_ids.isdisjoint(agency_ids):
                return True
            if role == Role.ENTERPRISE and enterprise and enterprise in self.enterprises:
                return True
        return False

    def require(self, verb: str, **where: Any) -> None:
        """Raise NotAllowed unless the person may use the verb (somewhere, or at the given holder)."""
        allowed = self.may_at(verb, **where) if where else self.may(verb)
        if not allowed:
            raise NotAllowed(
                _("Your role does not allow this here: %(verb)s.") % {"verb": verb_in_words(verb)},
                hint=_("Ask the leading-group office to do it, or the administrator for the role."),
            )


NOBODY = Scope()


def scope_of(user: Any) -> Scope:
    """Return the Scope of a user (computed once per user object)."""
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return NOBODY
    cached = getattr(user, "_scope", None)
    if cached is None:
        cached = user._scope = _compute(user)
    return cached


def _compute(user: User) -> Scope:
    today = clock.today()
    held = list(Membership.objects.filter(Q(until__isnull=True) | Q(until__gte=today), user=user, since__lte=today))
    by_role = {m.role: permissions().get(m.role, frozenset()) for m in held}
    places = {
        role: _with_descendants({m.place_id for m in held if m.place_id and m.role == role})
        for role in (Role.COUNTY.value, Role.TOWN.value)
        if role in by_role
    }
    return Scope(
        user_id=user.pk,
        roles=frozenset(by_role),
        verbs=frozenset().union(*by_role.values()),
        verbs_by_role=by_role,
        sees_everything=any(role in _everywhere() and "assignment.view" in by_role[role] for role in by_role),
        place_ids=frozenset().union(*places.values()),
        places_by_role=places,
        agency_ids=frozenset(m.agency_id for m in held if m.agency_id and m.role == Role.DEPARTMENT),
        enterprises=frozenset(m.enterprise for m in held if m.enterprise),
    )


def _with_descendants(roots: set[int]) -> frozenset[int]:
    found, layer = set(roots), roots
    while layer:
        layer = set(Place.objects.filter(parent_id__in=layer).values_list("pk", flat=True)) - found
        found |= layer
    return frozenset(found)


class SignedRequest(HttpRequest):
    """The request of somebody who is logged in: what a view behind `needs` and an API operation behind a Guard get.

    Only a type, never made: both doors turn everybody else away before the view runs, so its `user` is a person.
    """

    user: User


View = Callable[..., HttpResponseBase]


def needs(verb: str | None = None) -> Callable[[View], View]:
    """Decorate a view: it needs a login and, if given, the verb. Use `method_decorator` on class-based views' dispatch."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if verb is not None:
                scope_of(request.user).require(verb)
            return view(request, *args, **kwargs)

        guarded.needs = verb or "login"  # type: ignore[attr-defined]
        return guarded

    return decorate


def active_people(
    *, place_id: int | None = None, agency_id: int | None = None, enterprise: str = "", role: str | None = None
) -> list[User]:
    """Return the active users who hold a role now, for a place, an agency, an enterprise, or anywhere.

    They are those whom a message reaches.
    """
    today = clock.today()
    held = Membership.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), since__lte=today, user__is_active=True
    )
    if role:
        held = held.filter(role=role)
    if place_id:
        held = held.filter(place_id=place_id)
    if agency_id:
        held = held.filter(agency_id=agency_id)
    if enterprise:
        held = held.filter(enterprise=enterprise)
    return list(User.objects.filter(pk__in=held.values("user_id")).order_by("pk"))
