"""The synthetic city against the real gateway: every packet decodes, and the store holds what the city's frame says."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools

import polars as pl
import pytest

from lantian.gateway.core.control import Control
from lantian.gateway.core.delivery import Delivery
from lantian.gateway.core.device import Device, seal_password
from lantian.gateway.core.telemetry import frame, open_store
from lantian.gateway.tests.lab import gateway
from lantian.gateway.wire.decode import decode_all
from lantian.gateway.wire.dialect import dialect
from lantian.twin import make_city
from lantian.twin.client import Clock, Line, Tally, drive
from lantian.twin.loggers import REALTIME, Script, loggers
from lantian.twin.register import device_records
from lantian.twin.wires import Voice, moment, packets, said

START = dt.datetime(2020, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))
HOURS = 3


@pytest.fixture(scope="module")
def city():
    return make_city(7, 12, 1, START)


def test_everything_that_loggers_send_is_decoded_as_it_was_meant(city):
    low, seen = city.minute(city.start), set()
    numbers = (f"20200601000000{at % 1000:03d}" for at in itertools.count())
    for run in city.runs(city.start, city.start + dt.timedelta(days=1)):
        for one in loggers(run.design):
            script = Script(one, run)
            for minute in (low + 59, low + 719, low + 1439):
                for telegram in script.ends(minute):
                    made = packets(
                        one.voice,
                        telegram.cn,
                        f"{moment(telegram.begin):%Y%m%d%H%M%S}",
                        telegram.items,
                        numbers,
                        answer=True,
                    )
                    for each in made:
                        (found,) = decode_all(each.raw, dialect(one.voice.dialect))
                        assert found.ok, found.error
                        assert found.packet.cn == telegram.cn
                        assert found.packet.mn == one.voice.mn
                        assert found.packet.edition == one.voice.edition or one.voice.edition == "2025"
                        assert found.packet.data_time == moment(telegram.begin)
                        assert found.packet.wants_answer
                        seen.add((one.voice.edition, one.voice.dialect, telegram.cn))
                    sent = {part.split("=")[0] for item in telegram.items for part in item.split(",")}
                    heard = {
                        entry.key
                        for each in made
                        for entry in decode_all(each.raw, dialect(one.voice.dialect))[0].packet.entries
                    }
                    assert heard == sent | {"DataTime"}
    assert len({cn for _, _, cn in seen}) == 5


def test_what_is_encrypted_reads_with_its_key():
    key = b"0123456789abcdef"
    voice = Voice("44", "TWIN0001".ljust(24, "0"), "123456", "2025", key=key)
    one = said(
        voice,
        REALTIME,
        "20200601000000001",
        "DataTime=20200601000000;a21026-Rtd=12.5,a21026-Flag=N",
        answer=True,
        again=True,
    )
    assert b"a21026" not in one.raw
    (found,) = decode_all(one.raw, dialect("standard"), [key])
    assert found.ok
    assert found.packet.items["a21026"] == {"Rtd": "12.5", "Flag": "N"}
    assert found.packet.resent


def test_the_store_holds_what_the_frame_says(city, tmp_path):
    """From loggers over sockets, inbox and delivery into the store: histories equal the frame, but what never arrives."""
    devices = []
    for read in device_records(city):
        known = {name: value for name, value in read.items() if name in Device.__dataclass_fields__}
        devices.append(Device.from_json({**known, "password": seal_password(read["password"]), "backfill": False}))
    with Control(tmp_path, durable=True) as control:
        control.publish(devices)
        control.set_meta("offset_minutes", "480")
    tally, low = Tally(), city.minute(city.start)
    with gateway(tmp_path) as one:
        line = Line("127.0.0.1", one.port, patience=10, realtime=False)
        asyncio.run(drive(city.designs, line, Clock(low, 0), low, low + HOURS * 60, tally, every=1.0))
        assert one.stop() == 0
    assert tally.counts["acknowledged"] == tally.counts["sent"] > 100
    assert not tally.counts["refused"]
    delivery = Delivery(tmp_path)
    while delivery.turn().packets:
        pass
    delivery.close()
    end = city.start + dt.timedelta(hours=HOURS)
    said_ = city.frame(city.start, end).with_columns(pl.col("source", "place", "quantity", "flag").cast(pl.String))
    said_ = said_.filter(pl.col("valid_to") <= end)
    there = frame(open_store(tmp_path), start=None, end=None).with_columns(
        pl.col("source", "place", "quantity", "flag").cast(pl.String)
    )
    keys = ["source", "place", "quantity", "valid_from", "valid_to"]
    both = said_.join(there, on=keys, how="left", suffix="_there")
    assert both.height > 1500
    assert both["value_there"].null_count() == 0
    assert (both["value"] - both["value_there"]).abs().max() < 0.0011
    assert (both["flag"] == both["flag_there"]).all()
    assert not there["source"].str.starts_with("device:").any()
