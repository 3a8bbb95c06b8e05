"""Admit, change, block a device, give it a new password: each one transaction, one audit entry, then told to the gateways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.gateway import access
from lantian.gateway.core.device import Device, seal_password
from lantian.gateway.models import DeviceRecord, DeviceState
from lantian.gateway.services.checking import SETTINGS, check_mn, check_password, check_settings
from lantian.gateway.services.telling import publish
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.locking import check_repeat, check_version, update_versioned
from lantian.records.services import audit

VERB = "device.manage"


@transaction.atomic
def admit(
    actor: User, mn: str, *, reason: str, password: str = "", key: str | None = None, **settings: Any
) -> DeviceRecord:
    """Admit a device; what it sent while it waited is delivered. Settings as `checking.SETTINGS`.

    Raises NotAllowed, DomainError with the field, Conflict for a device that is there. The same key again returns it.
    """
    scope = scope_of(actor)
    scope.require(VERB)
    if key and (made := DeviceRecord.objects.filter(key=key).first()):
        check_repeat(made, mn=mn)
        return made
    values = check_settings(settings)
    access.require(scope, VERB, values.get("plant", ""))
    known = DeviceRecord.objects.filter(mn=check_mn(mn)).first()
    if known is not None:
        raise Conflict(_("The device %s is entered already.") % known, hint=_("Change it on its own page."))
    row = DeviceRecord.objects.create(
        mn=mn, status=DeviceState.ADMITTED, password=seal_password(check_password(password)), key=key or "", **values
    )
    audit(
        actor,
        "gateway.admit",
        row,
        changes=_plain({name: ("", getattr(row, name)) for name in values}),
        reason=_reason(reason),
    )
    publish([row])
    return row


@transaction.atomic
def change(
    actor: User,
    device: DeviceRecord,
    *,
    reason: str,
    seen_version: int | None = None,
    key: str | None = None,
    **settings: Any,
) -> DeviceRecord:
    """Change settings of a device. Raises NotAllowed, DomainError, Conflict."""
    scope = scope_of(actor)
    access.require(scope, VERB, device.plant)
    row = DeviceRecord.objects.select_for_update().get(pk=device.pk)
    check_version(row, seen_version)
    values = check_settings(settings)
    access.require(scope, VERB, values.get("plant", row.plant))
    changes = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
    if changes:
        update_versioned(row, **{name: new for name, (_old, new) in changes.items()})
        audit(actor, "gateway.change", row, changes=_plain(changes), reason=_reason(reason))
        publish([row])
    return row


@transaction.atomic
def block(
    actor: User,
    device: DeviceRecord,
    *,
    blocked: bool,
    reason: str,
    seen_version: int | None = None,
    key: str | None = None,
) -> DeviceRecord:
    """Block a device (it is not answered any more and its link is closed) or admit it again."""
    access.require(scope_of(actor), VERB, device.plant)
    row = DeviceRecord.objects.select_for_update().get(pk=device.pk)
    check_version(row, seen_version)
    state = DeviceState.BLOCKED if blocked else DeviceState.ADMITTED
    if row.status != state:
        before = row.status
        update_versioned(row, status=state.value)
        audit(
            actor,
            "gateway.block" if blocked else "gateway.unblock",
            row,
            changes={"status": (before, state.value)},
            reason=_reason(reason),
        )
        publish([row])
    return row


@transaction.atomic
def rotate_password(
    actor: User,
    device: DeviceRecord,
    *,
    password: str,
    reason: str,
    seen_version: int | None = None,
    key: str | None = None,
) -> DeviceRecord:
    """Say which password a device sends from now on ("" : none is asked for). The password itself is kept nowhere."""
    access.require(scope_of(actor), VERB, device.plant)
    row = DeviceRecord.objects.select_for_update().get(pk=device.pk)
    check_version(row, seen_version)
    update_versioned(row, password=seal_password(check_password(password)))
    audit(actor, "gateway.password", row, reason=_reason(reason))
    publish([row])
    return row


@transaction.atomic
def register_all(actor: User, devices: Iterable[Device], *, reason: str) -> int:
    """Enter or change many devices at once (a workbook, a synthetic city); passwords are sealed already.

    Returns how many are new or changed. Raises NotAllowed, DomainError.
    """
    scope = scope_of(actor)
    scope.require(VERB)
    known = {one.mn: one for one in DeviceRecord.objects.select_for_update()}
    touched: list[DeviceRecord] = []
    for device in devices:
        values = {**_settings(device), "password": device.password, "status": device.status}
        for plant in {device.plant, known[device.mn].plant if device.mn in known else device.plant}:
            access.require(scope, VERB, plant)
        row = known.get(device.mn)
        if row is None:
            touched.append(DeviceRecord.objects.create(mn=check_mn(device.mn), **values))
        elif row.plain() != device:
            touched.append(update_versioned(row, **values))
    if touched:
        audit(
            actor,
            "gateway.register",
            touched[0],
            reason=_reason(reason),
            data={"devices": [one.mn for one in touched][:200], "number": len(touched)},
        )
        publish(touched)
    return len(touched)


def _settings(device: Device) -> dict[str, Any]:
    said = device.to_json()
    said["default_code"] = said.pop("default")
    said["networks"] = list(said["networks"])
    return check_settings({name: said[name] for name in SETTINGS if name in said})


def _plain(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[str, str]]:
    return {name: (str(old), str(new)) for name, (old, new) in changes.items()}


def _reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    return reason
