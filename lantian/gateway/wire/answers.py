"""Both forms of answers: 2005 names the answered QN inside CP, later editions repeat it in the header."""

from __future__ import annotations

from dataclasses import dataclass

from lantian.gateway.wire import commands
from lantian.gateway.wire.dialect import STANDARD, Dialect
from lantian.gateway.wire.encode import encode
from lantian.gateway.wire.encode import packet as made
from lantian.gateway.wire.packet import Entry, Packet

REPLIES = frozenset({"9011", "9012", "9013", "9014"})


@dataclass(frozen=True)
class Answer:
    """What a device answered. `cn`: 9011 … 9014; `qn`: of the packet that is answered; `code`: QnRtn or ExeRtn.

    `to_cn`, `pnum`, `pno`: which packet, where 2005 says it.
    """

    cn: str
    qn: str | None
    code: str | None = None
    to_cn: str | None = None
    pnum: str | None = None
    pno: str | None = None

    def words(self, lang: str = "zh") -> str:
        """Return the words of the code (`100` without a result: unknown code)."""
        field = {"9011": "QnRtn", "9012": "ExeRtn"}.get(self.cn)
        known = commands.answer_words(field).get(self.code or "") if field else None
        return known["zh" if lang.startswith("zh") else "en"] if known else self.code or ""


def reply_cn(packet: Packet) -> str | None:
    """Return the CN of the answer that a device's packet gets when it asks for one; None for answers.

    Commands that nobody knows are taken for data (9014), those that may be vendors' logins as data/commands.toml says.
    """
    if packet.cn in REPLIES:
        return None
    command = commands.commands().get(packet.cn)
    return (command.reply if command else "") or "9014"


def answer_packet(packet: Packet) -> Packet | None:
    """Return the host's answer to a device's packet; None when it asks for none (bit A) or is an answer itself."""
    cn = reply_cn(packet) if packet.wants_answer else None
    if cn is None:
        return None
    return _answer_2005(packet, cn) if packet.edition == "2005" else _answer(packet, cn)


def answer_to(packet: Packet, dialect: Dialect = STANDARD) -> bytes | None:
    """Return the bytes of `answer_packet`, as the device's dialect wants to receive them."""
    answer = answer_packet(packet)
    return None if answer is None else encode(answer, dialect)


def _answer(packet: Packet, cn: str, *entries: Entry) -> Packet:
    return made(
        edition=packet.edition,
        cn=cn,
        st="91",
        mn=packet.mn or "",
        pw=packet.pw or "",
        qn=packet.qn or "",
        entries=entries,
    )


def _answer_2005(packet: Packet, cn: str) -> Packet:
    qn = (Entry("", "QN", packet.qn),) if packet.qn else ()
    if cn == "9013":
        return made(edition="2005", cn=cn, st="91", mn=packet.mn or "", pw=packet.pw or "", entries=qn)
    part = packet.part
    numbers = (Entry("", "PNO", str(part[1])), Entry("", "PNUM", str(part[0]))) if part else ()
    return made(edition="2005", cn=cn, st="91", mn="", entries=(*qn, Entry("", "CN", packet.cn), *numbers))


def request_answer(request: Packet, code: int) -> Packet:
    """Return a device's 9011 (QnRtn) to a request: for simulators and tests."""
    return _result(request, "9011", "QnRtn", code)


def execution_result(request: Packet, code: int) -> Packet:
    """Return a device's 9012 (ExeRtn) to a request: for simulators and tests."""
    return _result(request, "9012", "ExeRtn", code)


def _result(request: Packet, cn: str, field: str, code: int) -> Packet:
    value = Entry("", field, str(code))
    if request.edition != "2005":
        return _answer(request, cn, value)
    entries = (Entry("", "QN", request.qn or ""), value)
    return made(edition="2005", cn=cn, st="91", mn=request.mn or "", pw=request.pw or "", entries=entries)


def read_answer(packet: Packet) -> Answer | None:
    """Return what a packet answers; None if it is no answer. The QN inside CP (2005) goes before that of the header."""
    if packet.cn not in REPLIES:
        return None
    cp = packet.cp
    code = cp.get("QnRtn") if packet.cn == "9011" else cp.get("ExeRtn") if packet.cn == "9012" else None
    return Answer(packet.cn, cp.get("QN") or packet.qn, code, cp.get("CN"), cp.get("PNUM"), cp.get("PNO"))
