"""Packets for tests: those of data/samples.tsv, and some that are made."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lantian.gateway.wire import crc
from lantian.gateway.wire.packet import unescaped

KEY = b"0" * 16  # of the encrypted examples of HJ 212-2025


class Sample(NamedTuple):
    raw: bytes
    crc_ok: str
    kind: str
    source: str
    standard: list[str]
    fits: str
    then: list[str]


@cache
def samples() -> tuple[Sample, ...]:
    text = (Path(__file__).parent / "data" / "samples.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.split("\n") if line and not line.startswith("# ")][1:]
    return tuple(
        Sample(unescaped(raw), crc_ok, kind, source, standard.split(" "), fits, then.split(" "))
        for raw, crc_ok, kind, source, standard, fits, then in rows
    )


def framed(
    segment: bytes | str, *, length: int | None = None, printed: str | None = None, end: bytes = b"\r\n"
) -> bytes:
    """Frame a segment; length and CRC are right unless they are given."""
    data = segment.encode() if isinstance(segment, str) else segment
    announced = len(data) if length is None else length
    check = f"{crc.crc(data):04X}" if printed is None else printed
    return b"##%04d%b%b%b" % (announced, data, check.encode(), end)


def segment(
    cp: str = "DataTime=20240101000000;a21026-Rtd=12.5,a21026-ZsRtd=14.1,a21026-Flag=N", **fields: str | None
) -> str:
    """A segment of 2017; fields may be replaced, or left out with None."""
    header: dict[str, str | None] = {
        "QN": "20240101000000001",
        "ST": "31",
        "CN": "2011",
        "PW": "123456",
        "MN": "010000A8900016F000169DC0",
        "Flag": "5",
    }
    header |= fields
    return "".join(f"{name}={value};" for name, value in header.items() if value is not None) + f"CP=&&{cp}&&"


CODES = ("a21026", "a21002", "a34013", "a19001", "w01018", "01", "S01", "a00000", "LA", "Nh3-scr", "f21011")
SUFFIXES = ("Rtd", "ZsRtd", "Avg", "Min", "Max", "Cou", "Pa_ave", "RealOrigin", "RTD", "avg")


def made(chance: random.Random) -> bytes:
    """A packet as some device might send it: mostly plain, sometimes odd."""
    codes = chance.sample(CODES, chance.randint(0, 6))
    parts = []
    for code in codes:
        names = chance.sample(SUFFIXES, chance.randint(1, 4))
        parts += [f"{code}-{name}={_value(chance)}" for name in names]
        if chance.random() < 0.7:
            parts.append(f"{code}-Flag={chance.choice('NNNNNDMTUx')}")
    if chance.random() < 0.9:
        parts.insert(
            0, "DataTime=" + chance.choice(("20240229235959", "20231231000000", "20230229000000", "2024010100000"))
        )
    joined = "".join(part + chance.choice(",;") for part in parts)
    joined = joined if chance.random() < 0.1 else joined[:-1]
    fields: dict[str, str | None] = {
        "ST": chance.choice(("31", "32", "22", "91", "43", "101", None)) if chance.random() < 0.2 else "31",
        "CN": chance.choice(("2011", "2051", "2061", "9021", "9014", "")),
        "MN": chance.choice(("010000A8900016F000169DC0", "88888880000001", "A110000_0001", "", None)),
        "Flag": chance.choice(("4", "5", "7", "9", "0", "1", "12", "300", "", None)),
        "PW": chance.choice(("123456", "123456", "", "1234567", None)),
        "QN": chance.choice(("20240101000000001", "20240101000000001", "2024", None)),
    }
    if chance.random() < 0.1:
        fields |= {"PNUM": chance.choice(("2", "02", "x")), "PNO": chance.choice(("1", "3", "0"))}
    return framed(segment(joined, **fields)[:1100])


def _value(chance: random.Random) -> str:
    plain = f"{chance.uniform(-10, 1000):.{chance.randint(0, 4)}f}"
    return (
        plain
        if chance.random() < 0.9
        else chance.choice(("", "-", ".5", "5.", "1e-5", "1.2.3", "0x1", "12345678901234567890", "a b", "//"))
    )
