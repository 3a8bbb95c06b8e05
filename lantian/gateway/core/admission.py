"""Who may deliver: the devices that the gateway knows, checked by MN, password and network with every packet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lantian.gateway.core.device import ADMITTED, BLOCKED, Device, network_fits, password_fits
from lantian.gateway.core.heads import Head

if TYPE_CHECKING:
    from lantian.gateway.core.link import Link

TAKEN, STRANGER = "", "stranger"
WRONG_PASSWORD, WRONG_NETWORK, REFUSED_DEVICE = "password", "network", "blocked"
# QnRtn of HJ 212-2017 for what a device is told when its packet was not taken.
QN_RTN = {WRONG_PASSWORD: b"3", STRANGER: b"4", WRONG_NETWORK: b"2", REFUSED_DEVICE: b"2"}
# After a wrong password the next one is looked at so many seconds later: guessing is slow, and so is the harm it does.
_AFTER_WRONG = 1.0


@dataclass(slots=True)
class Known:
    """A device with what was seen of it since the gateway started (`first`, `last`: microseconds since 1970)."""

    mn: str
    device: Device | None
    password: bytes | None = None
    address: str = ""
    wrong_at: float = -10.0
    packets: int = 0
    bytes: int = 0
    errors: int = 0
    first: int = 0
    last: int = 0
    drift_ms: int | None = None
    drifts: deque[int] = field(default_factory=lambda: deque(maxlen=5))
    st: str = ""
    edition: str = "2017"
    drift_at: float = -1e9
    peer: str = ""
    refused: str = ""
    changed: bool = False
    link: Link | None = None

    @property
    def dialect(self) -> str:
        return self.device.dialect if self.device else "standard"


class Admission:
    """The register as the gateway has it in memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.known: dict[bytes, Known] = {}

    def learn(self, devices: Mapping[str, Device]) -> tuple[list[str], list[Known]]:
        """Take over the register; return the MNs that are admitted now and were not, and those that are not any more."""
        fresh: list[str] = []
        gone: list[Known] = []
        for mn, device in devices.items():
            known = self.known.setdefault(mn.encode(), Known(mn, None))
            before = known.device
            if before != device:
                known.device, known.password, known.address = device, None, ""
                if device.status == ADMITTED and (before is None or before.status != ADMITTED):
                    fresh.append(mn)
                if device.status == BLOCKED:
                    gone.append(known)
        for mn_bytes, known in self.known.items():
            if known.device is not None and known.mn not in devices:
                known.device = None
                gone.append(self.known[mn_bytes])
        return fresh, gone

    def check(self, head: Head, address: str) -> tuple[Known | None, str]:
        """Return (what is known of the device, TAKEN or why not)."""
        known = self.known.get(head.mn)
        if known is None or known.device is None or known.device.status not in (ADMITTED, BLOCKED):
            return known, STRANGER
        if known.password == head.pw and known.address == address:
            return known, TAKEN
        verdict = self._check(known, known.device, head, address)
        known.refused = verdict
        return known, verdict

    def _check(self, known: Known, device: Device, head: Head, address: str) -> str:
        if device.status == BLOCKED:
            return REFUSED_DEVICE
        if not network_fits(device.networks, address):
            return WRONG_NETWORK
        if known.password != head.pw:
            now = self._clock()
            if device.password and now - known.wrong_at < _AFTER_WRONG:
                return WRONG_PASSWORD
            if not password_fits(device.password, head.pw.decode("ascii", "replace")):
                known.wrong_at = now
                return WRONG_PASSWORD
        known.password, known.address = head.pw, address
        return TAKEN

    def stranger(self, mn: bytes) -> Known:
        """Return the entry of a device that nobody admitted, made if it is new."""
        name = mn.decode("ascii", "replace")
        return self.known.setdefault(mn, Known(name, None))

    def connected(self) -> Iterable[Known]:
        """Return the admitted devices that have a link."""
        return [one for one in self.known.values() if one.link is not None and one.device is not None]
