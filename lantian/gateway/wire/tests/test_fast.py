"""The fast path says what the reference says: on samples, made, damaged and random bytes; with and without the kernel.

`LANTIAN_FUZZ=1` runs the long trial: 10 million bytes of noise and a million damaged packets (a few minutes).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.gateway.wire import fast
from lantian.gateway.wire.decode import decode, decode_all
from lantian.gateway.wire.dialect import STANDARD, dialect
from lantian.gateway.wire.fast import loading
from lantian.gateway.wire.framing import frames_of
from lantian.gateway.wire.tests import fuzzing
from lantian.gateway.wire.tests.samples import KEY, framed, made, samples, segment
from lantian.gateway.wire.values import number


@pytest.fixture(scope="module", autouse=True)
def kernel():
    assert fast.prepare(wait=True), loading.failure()


def agree(data, under=STANDARD):
    expected = decode_all(data, under, [KEY])
    assert fuzzing.differing(fast.decode_many(data, under, [KEY]), expected) == []
    assert fuzzing.differing(fast.decode_many(frames_of(data, under), under, [KEY]), expected) == []


@pytest.mark.parametrize("name", ["standard", "capture", "everything"])
def test_samples(name):
    for sample in samples():
        agree(sample.raw, dialect(name))
    agree(b"".join(sample.raw for sample in samples()), dialect(name))
    for sample in samples():  # most end without a line end in their source: as they were on the wire
        agree(sample.raw.rstrip(b"\r\n ") + b"\r\n", dialect(name))


def test_most_packets_take_the_fast_way():
    whole = b"".join(sample.raw.rstrip(b"\r\n ") + b"\r\n" for sample in samples() if "ok" in sample.then)
    batch = fast.decode_many(whole)
    assert len(batch.judged) < 0.6 * len(batch)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**48))
def test_made_and_damaged_packets(seed):
    chance = random.Random(seed)
    pieces = [made(chance) for _ in range(6)]
    pieces += [fuzzing.mutated(chance.choice(pieces), chance)[1] for _ in range(3)]
    pieces += [chance.choice(samples()).raw]
    chance.shuffle(pieces)
    agree(b"".join(pieces), chance.choice((STANDARD, dialect("everything"))))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="a-0=,;.&#/ eN\x7f温", max_size=40))
def test_any_data_area_behind_a_right_crc(area):
    """The grammar itself: every area comes with the right length and CRC."""
    agree(framed(segment(area)))
    agree(framed(segment("DataTime=20240101000000;" + area)))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="QNSTCPWMFlag=;,12&# x", max_size=40))
def test_any_header_behind_a_right_crc(header):
    agree(framed(f"QN=20240101000000001;ST=31;CN=2011;MN=88888880000001;{header};CP=&&a-Rtd=1&&"))
    agree(framed(f"{header}CP=&&&&"))


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[-+]?[0-9]{0,20}\.?[0-9]{0,20}(e[0-9])?", fullmatch=True))
def test_numbers_are_pythons(text):
    batch = fast.decode_many(framed(segment(f"a-Rtd={text}")))
    expected = number(text)
    assert np.array_equal(batch.value, [np.nan if expected is None else expected], equal_nan=True)
    assert expected is None or np.signbit(batch.value[0]) == np.signbit(expected)


def test_columns():
    raw = framed(segment("DataTime=20240229235959;a21026-Flag=D,a21026-Rtd=-12.50;w1-Avg=x,w1-Info=")) + framed(
        segment(MN="1" * 14, Flag=None)
    )
    for batch in (fast.decode_many(raw), fast.decode_many(frames_of(raw))):
        assert batch.ok.all()
        assert not batch.judged
        assert batch.data_time.view("datetime64[s]").astype(str).tolist() == [
            "2024-02-29T23:59:59",
            "2024-01-01T00:00:00",
        ]
        assert (batch.cn.tolist(), batch.flag.tolist()) == ([2011, 2011], [5, -1])
        assert [fast.EDITIONS[edition] for edition in batch.edition] == ["2017", "2005"]
        assert (batch.field("MN", 0), batch.field("Flag", 1), batch.field("PNUM", 0)) == (
            "010000A8900016F000169DC0",
            None,
            None,
        )
        first = batch.packet == 0
        keys = [
            f"{batch.factors[f]}-{batch.suffixes[s]}"
            for f, s in zip(batch.factor[first], batch.suffix[first], strict=True)
        ]
        assert keys == ["-DataTime", "a21026-Flag", "a21026-Rtd", "w1-Avg", "w1-Info"]
        assert bytes(batch.mark[first].astype(np.uint8)) == b"\0DD\0\0"
        assert np.array_equal(batch.value[first], [20240229235959, np.nan, -12.5, np.nan, np.nan], equal_nan=True)
        assert batch.texts()[0] == {
            "": {"DataTime": "20240229235959"},
            "a21026": {"Flag": "D", "Rtd": "-12.50"},
            "w1": {"Avg": "x", "Info": ""},
        }


def test_frames_that_the_reference_judged_stand_in_their_place():
    gbk = segment("DataTime=20240101000000;i1-Info=//清洗//,i1-Flag=U").encode("gbk")
    raw = framed(segment()) + framed(gbk) + framed(segment(), printed="1111") + framed(segment(Flag="9;RF=1", MN="A1"))
    batch = fast.decode_many(raw, dialect("gbk"))
    assert batch.ok.tolist() == [True, True, False, True]
    assert sorted(batch.judged) == [1, 2, 3]
    assert (batch.error(2), batch.error(0)) == ("crc", None)
    assert batch.packet.tolist() == sorted(batch.packet.tolist())
    assert batch.texts()[1]["i1"] == {"Info": "//清洗//", "Flag": "U"}
    assert batch.mark[batch.packet == 1].tolist() == [0, ord("U"), ord("U")]
    assert batch.field("RF", 3) == "1"
    assert batch.edition[3] == 2


def test_the_same_without_the_kernel(monkeypatch):
    whole = b"".join(sample.raw for sample in samples())
    quick = fast.decode_many(whole)
    monkeypatch.setattr(loading, "_kernel", None)
    slow = fast.decode_many(whole)
    assert [fuzzing.same(quick.decoded(i), slow.decoded(i)) for i in range(len(slow))] == [True] * len(quick)
    assert len(slow.judged) == len(slow)
    names = [[(b.factors[f], b.suffixes[s]) for f, s in zip(b.factor, b.suffix, strict=True)] for b in (quick, slow)]
    assert names[0] == names[1]
    for column in ("packet", "value", "mark", "cn", "flag", "edition", "pnum", "pno", "data_time", "ok"):
        mine, other = getattr(quick, column), getattr(slow, column)
        where = quick.ok if len(mine) == len(quick) else slice(None)
        assert np.array_equal(mine[where], other[where], equal_nan=column == "value"), column


def test_more_names_than_there_is_room_for():
    """A hostile device invents names: the tables stay bounded, the results right."""
    decoder = fast.Decoder()
    seen = set()
    for start in range(0, 12_000, 4000):
        raw = b"".join(framed(segment(f"f{number}-s{number}=1")) for number in range(start, start + 4000))
        batch = decoder.decode(raw, decode)
        assert batch.ok.all()
        names = [(batch.factors[f], batch.suffixes[s]) for f, s in zip(batch.factor, batch.suffix, strict=True)]
        assert names == [(f"f{number}", f"s{number}") for number in range(start, start + 4000)]
        seen.add(len(batch.factors))
    assert max(seen) < 21_000


def test_many_suffixes_stay_on_the_fast_way():
    """Suffixes are an open set: the hundredth is as quick as the first, and still no item may stand twice."""
    text = ",".join(f"a-s{number}={number}" for number in range(100))
    batch = fast.decode_many(framed(segment(text)))
    assert (batch.judged, batch.value.tolist()) == ({}, list(range(100)))
    for again in (0, 50, 99):
        agree(framed(segment(f"{text},a-s{again}=1")))
        assert "duplicate" in fast.decode_many(framed(segment(f"{text},a-s{again}=1"))).decoded(0).packet.notes[0]


def test_empty_input():
    assert len(fast.decode_many(b"")) == len(fast.decode_many([])) == 0
    assert fast.decode_many(b"").texts() == []


def test_without_numba_the_reference_works():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from lantian.gateway.wire import fast\n"
        f"assert not fast.prepare(wait=True)\nassert fast.decode_many({framed(segment())!r}).ok.all()\n"
        "from lantian.gateway.wire.fast import loading\nassert loading.failure() is not None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "from lantian.gateway.wire import fast; assert not fast.prepare(wait=True)"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"LANTIAN_FAST": "0"})


def test_damage_is_not_taken_for_packets_beyond_what_the_crc_allows():
    originals = [framed(segment()), *(sample.raw for sample in samples() if sample.standard == ["ok"])]
    tally = fuzzing.damage(originals, 6000, seed=5)
    assert tally.differing == 0
    assert tally.taken["one byte"] == 0
    assert tally.taken.total() <= tally.passed.total() < 2 * tally.changed.total() / 256
    frames, wrong = fuzzing.both_ways(fuzzing.noise(originals, 100_000, seed=6))
    assert frames > 500
    assert wrong == 0


@pytest.mark.slow
@pytest.mark.skipif("LANTIAN_FUZZ" not in os.environ, reason="the long trial: LANTIAN_FUZZ=1")
def test_the_long_trial(capsys):
    originals = [framed(segment()), *(sample.raw for sample in samples() if sample.standard == ["ok"])]
    frames = wrong = 0
    for seed in range(20):
        found, differing = fuzzing.both_ways(fuzzing.noise(originals, 500_000, seed=seed))
        frames, wrong = frames + found, wrong + differing
    fuzzing.damage(originals, 20_000, seed=1)
    before = _resident()
    tally = fuzzing.damage(originals, 1_000_000, seed=2)
    grown = _resident() - before
    with capsys.disabled():
        sys.stdout.write(f"\n10,000,000 bytes of noise: {frames} frames, {wrong} seen otherwise by the fast path\n")
        sys.stdout.write(
            f"{tally.table()}\nmemory grew by {grown / 1e6:.1f} MB; both ways differ in {tally.differing} packets\n"
        )
        sys.stdout.write(
            "the CRC has 256 results: 1 in 256 (0.39 %) of all changes pass it; of digits for digits, whose low bits alone differ, 1.1 %\n"
        )
    assert wrong == tally.differing == tally.taken["one byte"] == 0
    assert all(tally.taken[kind] <= tally.passed[kind] for kind in tally.changed)
    assert tally.taken["digits"] < 0.015 * tally.changed["digits"]
    assert tally.taken.total() <= tally.passed.total() < 1.2 * tally.changed.total() / 256
    assert grown < 20e6


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
