"""The CRC against printed values, against a second implementation by the words of the standard, and its weakness."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.gateway.wire import crc
from lantian.gateway.wire.framing import frames_of
from lantian.gateway.wire.tests.samples import samples

# (segment, CRC of the standard, CRC-16/MODBUS), each printed in a source that is not ours; the first four are computed
VECTORS = [
    (b"", 0xFFFF, 0xFFFF),
    (b"\0", 0x4040, 0x40BF),
    (b"A", 0x7080, 0x707F),
    (b"123456789", 0x2F80, 0x4B37),
    (
        b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&",
        0x1C80,
        0x0759,
    ),  # HJ 212-2017, appendix A
    (b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&", 0x2200, 0xCCF4),
    (b"QN=20230723080035006;ST=91;CN=9021;PW=123456;MN=000201;Flag=4;CP=&&&&", 0xBDC1, 0x66D3),
    (b"QN=20160801085857223;ST=21;CN=1062;PW=123456;MN=A220582_0001;Flag=9;CP=&&RtdInterval=10&&", 0xE381, 0xF0A5),
]


def by_the_words(segment: bytes) -> int:
    """The standard's own description, bit by bit."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            lowest = register & 1
            register >>= 1
            if lowest:
                register ^= 0xA001
    return register


@pytest.mark.parametrize(("segment", "right", "modbus"), VECTORS)
def test_printed_values(segment, right, modbus):
    assert crc.crc(segment) == crc.folded(segment) == by_the_words(segment) == right
    assert crc.modbus(segment) == modbus


@given(st.binary(max_size=1500))
def test_three_ways_agree(data):
    assert crc.crc(data) == crc.folded(data) == by_the_words(data)


def test_a_sample_is_right_exactly_if_another_implementation_said_so():
    for sample in samples():
        frame = next((one for one in frames_of(sample.raw) if one.segment), None)
        if sample.crc_ok == "no-packet" or frame is None or b"\\x" in sample.raw:
            continue
        right = frame.crc.upper() == f"{by_the_words(frame.segment):04X}"
        assert right == (sample.crc_ok == "yes" or "flag_after_cp" in sample.standard), sample


def test_how_weak_it_is():
    """Only the high byte carries state: two bytes have 256 results, one wrong byte is always seen, more are in 1 of 256."""
    assert len({crc.crc(bytes([a, b])) for a in range(256) for b in range(256)}) == 256
    chance = random.Random(1)
    data = bytearray(VECTORS[4][0])
    right = crc.crc(data)
    for place in range(len(data)):
        for value in range(256):
            kept, data[place] = data[place], value
            assert (crc.crc(data) == right) == (value == kept)
            data[place] = kept
    missed = sum(crc.crc(bytes(chance.randrange(256) for _ in range(30))) == right for _ in range(40_000))
    assert missed / 40_000 == pytest.approx(1 / 256, rel=0.2)


def test_it_is_weaker_where_digits_replace_digits():
    """Only low bits differ, and the step keeps them together: 1 in 43 of two changed digits instead of 1 in 256."""
    chance = random.Random(2)
    segment, missed, changed = VECTORS[4][0], 0, 0
    places = [at for at, byte in enumerate(segment) if 48 <= byte <= 57]
    for _ in range(20_000):
        data = bytearray(segment)
        for at in chance.sample(places, 2):
            data[at] = chance.choice([digit for digit in range(48, 58) if digit != data[at]])
        changed += 1
        missed += crc.folded(bytes(data)) == crc.folded(segment)
    assert 0.01 < missed / changed < 0.04
