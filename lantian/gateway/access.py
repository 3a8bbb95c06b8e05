"""Who may see and manage devices: those who may do so with the enterprise; devices of no enterprise only who knows all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lantian.city.access import Scope
from lantian.gateway.models import DeviceRecord
from lantian.kit.errors import NotAllowed
from lantian.sources.queries import knows_all, visible_to

if TYPE_CHECKING:
    from lantian.sources.models import Enterprise


def visible(scope: Scope, verb: str = "device.view") -> QuerySet[DeviceRecord]:
    """Return the devices on which a person may use the verb."""
    rows = DeviceRecord.objects.all()
    if knows_all(scope, verb):
        return rows
    if not scope.may(verb):
        return rows.none()
    return rows.filter(~Q(plant=""), plant__in=plants(scope, verb))


def plants(scope: Scope, verb: str = "device.view") -> QuerySet[Enterprise, str]:
    """Return the codes of the enterprises on whose devices a person may use the verb."""
    return visible_to(scope, verb=verb).values_list("code", flat=True)


def may(scope: Scope, verb: str, plant: str) -> bool:
    """Tell whether a person may use the verb on devices of an enterprise ("": of none)."""
    if knows_all(scope, verb):
        return True
    return bool(plant) and scope.may(verb) and visible_to(scope, verb=verb).filter(code=plant).exists()


def require(scope: Scope, verb: str, plant: str) -> None:
    """Raise NotAllowed unless the person may use the verb on devices of an enterprise."""
    scope.require(verb)
    if not may(scope, verb, plant):
        raise NotAllowed(_("The device belongs to no enterprise of yours."))
