"""Every sample packet is decoded, or refused for the right reason: by the standard and by the dialect that fits."""

from __future__ import annotations

from collections import Counter

import pytest

from lantian.gateway.wire.decode import decode_all
from lantian.gateway.wire.dialect import STANDARD, dialect, dialects
from lantian.gateway.wire.tests.samples import KEY, samples
from lantian.gateway.wire.words import tolerable


def outcomes(raw, under):
    return ["ok" if one.ok else one.error for one in decode_all(raw, under, [KEY])]


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.source[:40])
def test_sample(sample):
    assert outcomes(sample.raw, STANDARD) == sample.standard
    assert outcomes(sample.raw, dialect(sample.fits)) == sample.then


def test_what_the_table_expects_is_what_the_kinds_mean():
    """The table was not just copied from the decoder: another implementation's verdict on the CRC bounds it."""
    count = Counter(sample.kind for sample in samples())
    assert count["standard"] == 2
    assert len(samples()) == 155
    for sample in samples():
        if sample.crc_ok == "yes":
            assert "ok" in sample.then, sample
        elif "ok" in sample.then:  # taken although the standard's CRC is not right: each for a reason that is named
            reason = dialect(sample.fits).accepts & {
                "modbus_crc",
                "swapped_crc",
                "crc_lost_zero",
                "placeholder_crc",
                "no_crc",
            }
            assert reason or "flag_after_cp" in sample.standard or b"Flag=9;CP=&&\xe4" in sample.raw, sample
        if sample.kind in ("standard", "derived"):
            assert sample.standard == ["ok"], sample


def test_no_dialect_takes_more_than_it_says():
    """Whatever a dialect accepts beyond the standard is among its tolerances, and is noted on the packet."""
    for sample in samples():
        for one in dialects().values():
            for decoded in decode_all(sample.raw, one, [KEY]):
                if not decoded.ok:
                    continue
                assert set(decoded.needs) <= one.accepts
                assert set(decoded.needs) <= set(decoded.packet.notes)
                assert set(decoded.needs) == set(decoded.packet.notes) & tolerable()


def test_what_the_standard_takes_every_dialect_takes_alike():
    for sample in samples():
        plain = decode_all(sample.raw, STANDARD)
        if not all(one.ok for one in plain):
            continue
        for other in dialects().values():
            if not other.reads:
                assert [one.packet for one in decode_all(sample.raw, other)] == [one.packet for one in plain]


def test_encrypted_samples_need_the_key():
    encrypted = [sample for sample in samples() if b"CP=&&\xe4>\x15" in sample.raw]
    assert len(encrypted) == 2
    for sample in encrypted:
        [without] = decode_all(sample.raw)
        [wrong] = decode_all(sample.raw, STANDARD, [b"1" * 16])
        [right] = decode_all(sample.raw, STANDARD, [b"1" * 16, KEY])
        assert (without.error, wrong.error, right.ok) == ("encrypted", "sm4_key", True)
        assert right.packet.items["a01011"]["Avg"] == "1.35"
        assert right.packet.notes == ("sm4",)
        assert right.crc_computed == right.frame.crc
