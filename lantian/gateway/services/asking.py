"""A person asks a device for something; the gateway that has its link sends it."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.gateway import access
from lantian.gateway.core.codec import request
from lantian.gateway.core.control import Control
from lantian.gateway.models import DeviceRecord
from lantian.kit.errors import DomainError
from lantian.records.services import audit

# What stands in the address of a trial packet: only its form is looked at.
_TRIAL = "20260101000000000"


def ask(
    actor: User, device: DeviceRecord, cn: str, parameters: Mapping[str, str], *, reason: str, key: str | None = None
) -> str:
    """Queue a request to a device; return its id (the same key again: the same request).

    Raises NotAllowed, DomainError for a request that the wire does not have or a parameter that does not fit.
    """
    access.require(scope_of(actor), "device.manage", device.plant)
    if not reason.strip():
        raise DomainError(_("Say why."), field="reason")
    given = {name: text for name, text in parameters.items() if text}
    trial = {**({"SystemTime": _TRIAL[:14]} if cn == "1012" else {}), **given}
    try:
        request(
            cn, trial, qn=_TRIAL, st=device.st or "31", pw="123456", mn=device.mn, edition="2017", dialect="standard"
        )
    except ValueError as error:
        raise DomainError(_("This request cannot be sent: %s") % error, field="parameters") from error
    with transaction.atomic(), Control(settings.LANTIAN_DATA, durable=True) as control:
        shown = {name: "…" if name in ("PW", "NewPW") else text for name, text in given.items()}
        audit(actor, "gateway.ask", device, reason=reason, data={"cn": cn, "parameters": shown})
        return control.order(device.mn, cn, given, actor=actor.username, purpose=reason[:200], key=key or "")
