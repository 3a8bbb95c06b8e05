"""What the twin's loggers send is what its frames say, and reads as HJ 212."""

from __future__ import annotations

import datetime as dt
import itertools

import polars as pl
import pytest

from lantian.gateway.wire.crc import crc
from lantian.twin import make_city
from lantian.twin.loggers import DAILY, HOURLY, MINUTES, REALTIME, Script, loggers
from lantian.twin.noise import DAY
from lantian.twin.wires import Voice, heard, packets, reply, said, stamp

START = dt.datetime(2020, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def numbers(minute):
    return (f"{stamp(minute)}{at:03d}" for at in itertools.count())


def segments(raw: bytes):
    length = int(raw[2:6])
    return raw[6 : 6 + length], raw[6 + length : 10 + length]


def values(raw: bytes) -> dict[str, str]:
    area = segments(raw)[0].split(b"CP=&&")[1].removesuffix(b"&&").decode()
    return dict(one.split("=") for item in area.split(";") for one in item.split(",") if one)


@pytest.fixture(scope="module")
def city():
    return make_city(7, 40, 3, START)


def test_packets_have_right_length_and_checksum_and_split_when_long(city):
    voice = Voice("31", "TWIN0001", "123456")
    items = [f"a{at:05d}-Rtd={at},a{at:05d}-Flag=N" for at in range(120)]
    made = packets(voice, REALTIME, "20200601000000", items, numbers(0), answer=True)
    assert len(made) > 3
    found = []
    for number, one in enumerate(made, 1):
        segment, check = segments(one.raw)
        assert int(check, 16) == crc(segment)
        assert len(segment) <= 1024
        assert one.raw.endswith(b"\r\n")
        assert f"PNUM={len(made)};PNO={number};".encode() in segment
        assert b"Flag=7;" in segment
        found += [key for key in values(one.raw) if key.endswith("-Rtd")]
    assert len(found) == 120
    assert len({one.qn for one in made}) == len(made)


def test_dialects_are_wrong_in_their_way():
    right = said(Voice("31", "M", "1"), "2011", "1", "A=1", answer=False).raw
    longer = said(Voice("31", "M", "1", dialect="length-plus-6"), "2011", "1", "A=1", answer=False).raw
    assert int(longer[2:6]) == int(right[2:6]) + 6
    assert longer[6:] == right[6:]
    lower = said(Voice("31", "M", "1", dialect="lower-case-crc"), "2011", "1", "A=1", answer=False).raw
    assert lower == right[:-6] + right[-6:].lower()
    again = said(Voice("31", "M", "1", "2025"), "2051", "1", "A=1", answer=True, again=True).raw
    assert b"Flag=9;RF=1;CP=" in again


def test_answers_of_the_host_are_understood_whole_or_in_pieces():
    voice = Voice("31", "TWIN1", "123456")
    text = (
        reply(voice, "9014", "20200601000000001", "")
        + b"rubbish"
        + reply(Voice("31", "X", "1", "2005"), "9011", "20200601000000002", "QnRtn=1")
    )
    buffer, found = bytearray(), []
    for at in range(0, len(text), 7):
        buffer += text[at : at + 7]
        found += heard(buffer)
    assert [(one["CN"], one["QN"]) for one in found] == [("9014", "20200601000000001"), ("9011", "20200601000000002")]
    assert found[1]["QnRtn"] == "1"
    assert not buffer


def test_minute_and_hour_packets_carry_the_values_of_the_frame(city):
    frame = city.frame(city.start, city.start + dt.timedelta(days=1)).with_columns(
        pl.col("source", "quantity").cast(pl.String)
    )
    known = {
        (s, q, a, b): v
        for s, q, a, b, v in frame.select("source", "quantity", "valid_from", "valid_to", "value").rows()
    }
    low, checked = city.minute(city.start), {MINUTES: 0, HOURLY: 0}
    for run in city.runs(city.start, city.start + dt.timedelta(days=1), [one.code for one in city.designs[:12]]):
        for logger in loggers(run.design):
            script = Script(logger, run)
            for minute in range(low, low + 180):
                for one in script.ends(minute):
                    if one.cn not in checked or script.arrives(minute) < 0:
                        continue
                    size = logger.minutes if one.cn == MINUTES else 60
                    begin = city.moment(one.begin)
                    for item in one.items:
                        for part in item.split(","):
                            key, text = part.split("=")
                            factor, suffix = key.rsplit("-", 1)
                            if suffix not in ("Avg", "ZsAvg"):
                                continue
                            code, quantity, _ = logger.points.get(factor, (logger.default, factor, 1.0))
                            value = known[code, f"{quantity}-{suffix}", begin, begin + dt.timedelta(minutes=size)]
                            assert float(text) == pytest.approx(value, abs=0.0011)
                            checked[one.cn] += 1
    assert checked[MINUTES] > 2000
    assert checked[HOURLY] > 200


def test_a_day_ends_with_the_day_and_counters_only_grow(city):
    design = next(one for one in city.designs if one.stacks)
    low, counters = city.minute(city.start), {}
    last: dict[str, float] = {}
    for day in range(2):
        begin = city.start + dt.timedelta(days=day)
        run = next(city.runs(begin, begin + dt.timedelta(days=1), [design.code]))
        power, stack = loggers(design)[:2]
        ends = [one.cn for one in Script(stack, run).ends(low + (day + 1) * DAY - 1)]
        assert ends == [REALTIME, MINUTES, HOURLY, DAILY]
        for minute in range(low + day * DAY, low + (day + 1) * DAY, 60):
            now = next(Script(power, run, dict(counters)).ends(minute)) if minute % 360 == 0 else None
            for item in now.items if now else ():
                if "E-Rtd=" in item:
                    name, value = item.split(",")[0].split("=")
                    assert float(value) >= last.get(name, 0)
                    last[name] = float(value)
        Script(power, run, counters)
    assert len(last) == len(design.machines) + 1


def test_editions_and_dialects_are_mixed_and_numbers_say_what_they_are():
    found = [each for one in make_city(7, 200, 1, START).designs for each in loggers(one)]
    assert {one.voice.edition for one in found} == {"2005", "2017", "2025"}
    assert {"standard", "length-plus-6", "lower-case-crc", "line-ends"} == {one.voice.dialect for one in found}
    assert len({one.voice.mn for one in found}) == len(found)
    assert all(one.voice.mn.startswith("TWIN") and one.device()["synthetic"] for one in found)
