"""What the host asks of devices: sent, sent again, followed to its end.

A request goes out with a number (QN) of its own. 9011 says whether the device takes it, data may follow, 9012 says what
became of it. One request at a time for each device: their loggers are simple. Requests of a device that is not connected
wait in the control tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lantian.gateway.core import control
from lantian.gateway.core.codec import Judged, request
from lantian.gateway.core.control import Command
from lantian.gateway.core.inbox import now_us

if TYPE_CHECKING:
    from lantian.gateway.core.link import Link
    from lantian.gateway.core.server import Server

_REQUEST_ANSWER, _RESULT, _NOTICE_ANSWER, _DATA_ANSWER = "9011", "9012", "9013", "9014"
# Requests that devices answer by sending on for a long time: over once they are taken.
_STANDING = frozenset({"2011", "2021"})
SYSTEM_TIME = "SystemTime"


@dataclass(slots=True)
class Asked:
    """A request on its way."""

    command: Command
    qn: str
    packet: bytes
    sent: float
    tries: int = 1
    taken: bool = False
    parts: int = 0
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """News of a request, for the control tables."""

    id: str
    state: str
    qn: str = ""
    tries: int = 0
    result: Mapping[str, Any] | None = None


class Requests:
    """The requests of one gateway. All in the event loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.waiting: dict[str, Asked] = {}
        self.outcomes: list[Outcome] = []
        self._last_qn = ""

    def idle(self, mns: list[str]) -> list[str]:
        """Return the devices that can be asked something now."""
        return [mn for mn in mns if mn not in self.waiting]

    def ask(self, link: Link, command: Command, password: str, st: str, edition: str, dialect: str) -> None:
        """Send a request on a device's link."""
        moment = datetime.now(UTC) + self._server.offset
        parameters = dict(command.parameters)
        if command.cn == "1012" and not parameters.get(SYSTEM_TIME):
            parameters[SYSTEM_TIME] = f"{moment:%Y%m%d%H%M%S}"
        qn = self._number(moment)
        try:
            packet = request(
                command.cn, parameters, qn=qn, st=st, pw=password, mn=command.mn, edition=edition, dialect=dialect
            )
        except ValueError as error:
            self.outcomes.append(Outcome(command.id, control.FAILED, result={"error": str(error)}))
            return
        self.waiting[command.mn] = Asked(command, qn, packet, self._server.loop.time())
        self.outcomes.append(Outcome(command.id, control.SENT, qn, 1))
        link.send(packet)

    def _number(self, moment: datetime) -> str:
        """Return a number that no request before had."""
        while True:
            qn = f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"
            if qn > self._last_qn:
                self._last_qn = qn
                return qn
            moment += timedelta(milliseconds=1)

    # -- what devices say -------------------------------------------------------------------------------------------

    def heard(self, link: Link, judged: Judged) -> None:
        """Look whether a packet is about the request that its device has."""
        packet = judged.packet
        asked = self.waiting.get(packet.mn or link.mn) if packet is not None else None
        if packet is None or asked is None:
            return
        number = packet.cp.get("QN") or packet.qn
        if packet.cn == _REQUEST_ANSWER and number == asked.qn:
            self._taken(asked, packet.cp.get("QnRtn", ""))
        elif packet.cn == _RESULT and number == asked.qn:
            self._result(asked, packet.cp.get("ExeRtn", ""))
        elif packet.cn == asked.command.cn:
            asked.parts += 1
            asked.sent = self._server.loop.time()
            if number == asked.qn or packet.cn not in _STANDING:
                asked.data.update({key: text for key, text in packet.cp.items() if key != "QN"})
        elif packet.cn == _NOTICE_ANSWER and number == asked.qn:
            self._over(asked, control.DONE, {})

    def _taken(self, asked: Asked, code: str) -> None:
        if code != "1":
            self._over(asked, control.REFUSED, {"QnRtn": code})
            return
        asked.taken = True
        asked.sent = self._server.loop.time()
        if asked.command.cn in _STANDING:
            self._over(asked, control.DONE, {"QnRtn": code})
            return
        self.outcomes.append(Outcome(asked.command.id, control.ACCEPTED, asked.qn, asked.tries, {"QnRtn": code}))

    def _result(self, asked: Asked, code: str) -> None:
        # 100: there is no such data; the device did what was asked.
        state = control.DONE if code in ("1", "100") else control.FAILED
        self._over(asked, state, {"ExeRtn": code})

    def _over(self, asked: Asked, state: str, said: Mapping[str, Any]) -> None:
        result = {
            **said,
            **({"packets": asked.parts} if asked.parts else {}),
            **({"data": asked.data} if asked.data else {}),
        }
        self.outcomes.append(Outcome(asked.command.id, state, asked.qn, asked.tries, result or {"over": state}))
        del self.waiting[asked.command.mn]

    # -- time -------------------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Send again what was not answered; give up what has been sent often enough."""
        limits = self._server.limits.requests
        for asked in list(self.waiting.values()):
            patience = limits.execution_seconds if asked.taken else limits.timeout_seconds
            if now - asked.sent < patience:
                continue
            known = self._server.admission.known.get(asked.command.mn.encode())
            if asked.taken or asked.tries > limits.resends or known is None or known.link is None:
                self._over(asked, control.TIMEOUT, {"waited": "execution" if asked.taken else "answer"})
                continue
            asked.tries += 1
            asked.sent = now
            known.link.send(asked.packet)

    def lost(self, mn: str) -> None:
        """A device's link ended: its request waits for the next one."""
        asked = self.waiting.pop(mn, None)
        if asked is not None:
            self.outcomes.append(Outcome(asked.command.id, control.QUEUED, asked.qn, asked.tries))

    def set_clock(self, mn: str, drift_ms: int, order: Callable[..., str]) -> None:
        """Queue the setting of a device's clock that is too far off."""
        hour = now_us() // int(self._server.limits.requests.drift_every_seconds * 1e6)
        order(mn, "1012", {}, actor="gateway", purpose=f"drift {drift_ms} ms", hours=1.0, key=f"clock-{mn}-{hour}")
