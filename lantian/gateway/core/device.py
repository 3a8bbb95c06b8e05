"""What the gateway knows of a device: whether it may deliver, how it speaks, what its points are.

The register of devices is kept by the office (Django); the gateway reads this plain form of it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

ADMITTED, BLOCKED, QUARANTINE = "admitted", "blocked", "quarantine"
STATES = (QUARANTINE, ADMITTED, BLOCKED)


@dataclass(frozen=True, slots=True)
class Point:
    """What a key of the wire is about. `quantity`: "" keeps the wire's own factor; value kept = value sent * scale."""

    code: str
    quantity: str = ""
    scale: float = 1.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as it was admitted.

    `password`: what `seal_password` made ("" : any). `networks`: where it may come from (empty: anywhere). `points`:
    {factor or factor-suffix: Point}; what is not named goes to `default` (a code), without one to `device:<MN>`.
    Intervals in seconds; 0 takes the standard's. `clock`, `backfill`: the host may set its clock, ask for what lacks.
    """

    mn: str
    status: str = ADMITTED
    st: str = ""
    password: str = ""
    networks: tuple[str, ...] = ()
    dialect: str = "standard"
    plant: str = ""
    default: str = ""
    points: Mapping[str, Point] = field(default_factory=dict)
    realtime_seconds: int = 60
    minute_seconds: int = 60
    idle_seconds: int = 0
    minutes: bool = True
    hours: bool = True
    clock: bool = False
    backfill: bool = False
    synthetic: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Device:
        points = {key: Point(**value) for key, value in read.get("points", {}).items()}
        return cls(**{**read, "networks": tuple(read.get("networks", ())), "points": points})


# -- passwords --------------------------------------------------------------------------------------------------------
# A device sends its six characters with every packet, in the clear: scrypt keeps them out of copies of the register.

_COST = 1 << 12


def seal_password(password: str) -> str:
    """Return what is kept of a password; "" for none."""
    if not password:
        return ""
    salt = secrets.token_bytes(12)
    return f"scrypt${salt.hex()}${_derive(password, salt).hex()}"


@lru_cache(maxsize=4096)
def password_fits(sealed: str, password: str) -> bool:
    """Tell whether a password is the one that was sealed; everything fits where none is asked for."""
    if not sealed:
        return True
    _, salt, kept = sealed.split("$")
    return hmac.compare_digest(_derive(password, bytes.fromhex(salt)), bytes.fromhex(kept))


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=8, p=1, dklen=24)


@lru_cache(maxsize=4096)
def network_fits(networks: tuple[str, ...], address: str) -> bool:
    """Tell whether an address is in one of the networks (all are, where none is named)."""
    if not networks:
        return True
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    asked = getattr(asked, "ipv4_mapped", None) or asked
    return any(asked in ipaddress.ip_network(one, strict=False) for one in networks)
