"""What a device's settings must fulfil, in words for the person who enters them."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from lantian.gateway.core.device import Point
from lantian.gateway.wire.dialect import dialect
from lantian.kit.errors import DomainError
from lantian.standards.units import UnknownUnitError, unit

_MN = re.compile(r"[0-9A-Za-z_.:-]{1,32}")
_KEY = re.compile(r"[^\s;,=&]{1,60}")
_PASSWORD = re.compile(r"[\x21-\x2b\x2d-\x3a\x3c\x3e-\x7e]{1,9}")
SETTINGS = (
    "name", "st", "networks", "dialect", "plant", "default_code", "points", "realtime_seconds", "minute_seconds",
    "idle_seconds", "minutes", "hours", "clock", "backfill", "synthetic",
)  # fmt: skip


def check_mn(mn: str) -> str:
    """Return a device's number. Raises DomainError."""
    if not _MN.fullmatch(mn):
        raise DomainError(_("An MN has 1 to 32 letters, digits or _ . : -"), field="mn")
    return mn


def check_password(password: str) -> str:
    """Return a password that the wire can carry. Raises DomainError."""
    if password and not _PASSWORD.fullmatch(password):
        raise DomainError(_("A password has at most 9 characters, none of them a blank or , ; ="), field="password")
    return password


def check_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings that are right, by name. Raises DomainError naming the field; ValueError for an unknown name."""
    if unknown := values.keys() - set(SETTINGS):
        raise ValueError(f"no such settings: {', '.join(sorted(unknown))}")
    found = dict(values)
    if "networks" in found:
        found["networks"] = _networks(found["networks"])
    if "dialect" in found:
        _dialect(found["dialect"])
    if "points" in found:
        found["points"] = _points(found["points"])
    for name, least, most in (
        ("realtime_seconds", 1, 86400), ("minute_seconds", 1, 86400), ("idle_seconds", 0, 604800),
    ):  # fmt: skip
        if name in found and not least <= int(found[name]) <= most:
            raise DomainError(_("From %(least)s to %(most)s.") % {"least": least, "most": most}, field=name)
    return found


def _networks(given: Any) -> list[str]:
    for one in given:
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise DomainError(
                _("“%s” is no network; write 10.1.0.0/16 or one address.") % one, field="networks"
            ) from None
    return list(given)


def _dialect(name: str) -> None:
    try:
        found = dialect(name)
    except (LookupError, ValueError) as error:
        raise DomainError(_("There is no dialect “%s”.") % name, field="dialect") from error
    if not found.devices:
        raise DomainError(_("The dialect “%s” is for files, not for devices.") % name, field="dialect")


def _points(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in given.items():
        point = value if isinstance(value, Point) else Point(**value)
        if not _KEY.fullmatch(key):
            raise DomainError(_("“%s” is no factor of a packet.") % key, field="points")
        if not math.isfinite(point.scale) or point.scale == 0:
            raise DomainError(_("Point %s: the scale is a number other than 0.") % key, field="points")
        try:
            code = unit(point.unit).code if point.unit else ""
        except UnknownUnitError:
            raise DomainError(
                _("Point %(key)s: the unit “%(unit)s” is not known.") % {"key": key, "unit": point.unit}, field="points"
            ) from None
        found[key] = {"code": point.code, "quantity": point.quantity, "scale": point.scale, "unit": code}
    return found
