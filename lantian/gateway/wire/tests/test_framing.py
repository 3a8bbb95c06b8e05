"""Packets are found in any stream, however it is cut, and nothing behind a bad one is lost."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.gateway.wire.decode import decode, decode_all
from lantian.gateway.wire.dialect import STANDARD, dialect, dialects
from lantian.gateway.wire.framing import Framer, frames_of
from lantian.gateway.wire.tests.samples import framed, made, samples, segment

GOOD = framed(segment())
OTHER = framed(segment(QN="20240101000030001"))


def outcomes(raw, under=STANDARD):
    return ["ok" if one.ok else one.error for one in decode_all(raw, under)]


# what stands between two good packets -> what the standard says of it, frame by frame
BETWEEN = {
    "nothing": (b"", []),
    "blank lines": (b"\r\n \r\n\t", []),
    "a modem's keep-alive": (b"\xfe\xfe\x00", ["noise"]),
    "text": (b"+++AT heartbeat\r\n", ["noise"]),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", ["noise_http", "noise"]),
    "half a head": (b"##", ["noise"]),
    "a third #": (b"#", ["noise"]),
    "a packet cut off": (GOOD[:60], ["truncated"]),
    "a packet cut off in its CRC": (GOOD[:-4], ["crc"]),
    "a length far too large": (b"##9999" + GOOD[6:], ["length"]),
    "a length too small": (b"##0020" + GOOD[6:], ["length"]),
    "a length of zero": (b"##0000" + GOOD[6:], ["length"]),
    "a length that ends behind CP=&&": (b"##0100" + GOOD[6:], ["length"]),
    "no digits": (b"##ABCD" + GOOD[6:], ["noise"]),
    "a wrong CRC": (framed(segment(), printed="1111"), ["crc"]),
    "a placeholder for the CRC": (framed(segment(), printed="0000"), ["placeholder_crc"]),
    "a CRC of two characters": (framed(segment(), printed="?A"), ["crc_format"]),
    "no CRC": (framed(segment(), printed=""), ["no_crc"]),
    "without ##": (GOOD[2:], ["no_hashes"]),
    "a bare segment": (segment().encode() + b"\r\n", ["no_header"]),
    "LF": (framed(segment(), end=b"\n"), ["lf_only"]),
    "CR": (framed(segment(), end=b"\r"), ["cr_only"]),
    "no line end": (framed(segment(), end=b""), ["no_line_end"]),
    "length + 6": (framed(segment(), length=len(segment()) + 6), ["length_plus_6"]),
    "three digits": (b"##158" + GOOD[6:], ["length_digits"]),
    "over-long": (framed(segment("x-Rtd=" + "1" * 1000)), ["over_long"]),
    "noise without end": (b"\x01" * 3000, ["noise", "noise", "noise"]),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_what_stands_between_two_packets_costs_none_of_them(name):
    raw, said = BETWEEN[name]
    assert outcomes(GOOD + raw + OTHER) == ["ok", *said, "ok"]
    by_byte = Framer()
    found = [frame for byte in GOOD + raw + OTHER for frame in by_byte.feed(bytes([byte]))]
    assert ["ok" if one.ok else one.error for one in map(decode, found + by_byte.flush())] == ["ok", *said, "ok"]


def test_nothing_is_lost():
    """All bytes but the blanks between packets are in the frames, in their order."""
    stream = b"".join(GOOD + raw for raw, _ in BETWEEN.values())
    assert b"".join(frame.raw for frame in frames_of(stream)).split() == stream.split()


def test_a_wrong_length_does_not_make_a_device_wait():
    """It sends one packet and waits for the answer: the refusal must not wait for bytes that never come."""
    for length in (len(segment()) + 6, 400, 888, 9999):
        assert [decode(one).ok for one in Framer().feed(framed(segment(), length=length))] == [False]


def test_a_device_without_line_ends_is_answered_at_once():
    raw = framed(segment(), end=b"")
    assert Framer().feed(raw) == []
    [frame] = Framer(dialect("line-ends")).feed(raw)
    assert decode(frame, dialect("line-ends")).ok


def test_ciphertext_may_hold_anything():
    inside = b"##0158QN=1&&\r\n\n&&##&&ABC\r\n" + bytes(range(256))
    raw = framed(
        b"QN=20240101000000001;ST=31;CN=2051;MN=010000A8900016F000169DC0;Flag=9;CP=&&" + inside + b"&&", printed="ABCD"
    )
    assert [frame.raw for frame in frames_of(GOOD + raw + OTHER)] == [GOOD, raw, OTHER]


def test_memory_is_bounded():
    framer = Framer()
    for _ in range(300):
        framer.feed(b"##9999" + b"x" * 1000)
        assert framer.pending < 12_000
    framer = Framer()
    for _ in range(300):
        framer.feed(b"y" * 1000)
        assert framer.pending < 2_100


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.data())
def test_what_is_found_does_not_depend_on_how_the_bytes_arrive(seed, data):
    chance = random.Random(seed)
    pieces = [
        chance.choice([made(chance), chance.choice(samples()).raw, chance.choice(list(BETWEEN.values()))[0]])
        for _ in range(4)
    ]
    stream = bytearray(b"".join(pieces))
    for _ in range(chance.randint(0, 4)):
        stream[chance.randrange(len(stream))] = chance.choice(b"#&\r\n0;=A\x00")
    under = chance.choice([one for one in dialects().values() if "no_line_end" not in one.accepts])
    whole = frames_of(bytes(stream), under)
    framer, found, at = Framer(under), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 400))
        found += framer.feed(bytes(stream[at : at + size]))
        at += size
    assert found + framer.flush() == whole


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_survived(data):
    for one in (STANDARD, dialect("everything")):
        for decoded in decode_all(b"##0100" + data + GOOD, one, [b"k" * 16]):
            assert decoded.ok or decoded.error
