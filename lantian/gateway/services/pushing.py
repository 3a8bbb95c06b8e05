"""Readings that a program pushes by HTTP: on disk in an inbox of their own when the answer goes out, once for each key.

No audit entry for each message (meters send every minute): the archive of raw packets is their trail.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.gateway import access
from lantian.gateway.core.groups import PUSH
from lantian.gateway.core.inbox import Inbox, KeyReused, Work, folder_of
from lantian.gateway.core.pushed import BadMessage, check
from lantian.gateway.models import DeviceRecord, DeviceState
from lantian.kit.errors import Conflict, DomainError, Unlawful

VERB = "telemetry.push"


def push(actor: User, message: Mapping[str, Any], *, key: str | None = None) -> int:
    """Keep the readings of a device; return how many. The same key with the same content again keeps nothing more.

    Raises NotAllowed, DomainError (what is wrong with which reading), Unlawful (blocked), Conflict (the key had other
    content), Http404 for a device that this person does not know.
    """
    scope = scope_of(actor)
    scope.require(VERB)
    raw = json.dumps(message, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    try:
        checked = check(raw)
    except BadMessage as error:
        raise DomainError(_("The message is not taken: %s") % error, field="readings") from error
    device = access.visible(scope, VERB).filter(mn=checked["device"]).first()
    if device is None:
        raise Http404
    _refuse_blocked(device)
    inbox = Inbox(folder_of(settings.LANTIAN_DATA, "push"))
    try:
        own = f"{actor.pk}:{key}" if key else uuid.uuid4().hex
        inbox.commit_once(own, hashlib.sha256(raw).hexdigest(), Work([raw], kind=PUSH))
    except KeyReused as error:
        raise Conflict(str(error)) from error
    finally:
        inbox.close()
    return len(checked["readings"])


def _refuse_blocked(device: DeviceRecord) -> None:
    if device.status == DeviceState.BLOCKED:
        raise Unlawful(_("The device %s is blocked.") % device, hint=_("The office can admit it again."))
