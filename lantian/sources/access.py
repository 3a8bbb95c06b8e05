"""Who may change what in the register: the office and departments everything, counties and towns what lies in their area."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lantian.city.access import Scope
from lantian.city.models import Role
from lantian.city.verbs import verb_in_words
from lantian.kit.errors import NotAllowed
from lantian.sources.queries import knows_all, own


def may(scope: Scope, verb: str, enterprise: Any) -> bool:
    """Tell whether a person may use the verb on an enterprise (as it is in memory)."""
    if knows_all(scope, verb):
        return True
    held = {enterprise.area_id, enterprise.town_id} - {None}
    for role in (Role.COUNTY.value, Role.TOWN.value):
        if verb in scope.verbs_by_role.get(role, ()) and held & scope.places_by_role.get(role, frozenset()):
            return True
    return verb in scope.verbs_by_role.get(Role.ENTERPRISE.value, ()) and enterprise.pk in own(scope)


def require(scope: Scope, verb: str, enterprise: Any) -> None:
    """Raise NotAllowed unless the person may use the verb on this enterprise."""
    scope.require(verb)
    if not may(scope, verb, enterprise):
        raise NotAllowed(
            _("Your role does not allow this here: %(verb)s.") % {"verb": verb_in_words(verb)},
            hint=_("The enterprise does not lie in your area."),
        )
