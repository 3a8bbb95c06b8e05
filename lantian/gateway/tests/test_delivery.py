"""From the inbox into the store: by the device's points, exactly once, whatever is interrupted."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from lantian.gateway.core import telemetry
from lantian.gateway.core.archive import Archive
from lantian.gateway.core.control import Control
from lantian.gateway.core.delivery import Delivery, deliver_all
from lantian.gateway.core.device import Point
from lantian.gateway.core.groups import PUSH
from lantian.gateway.core.heads import framed
from lantian.gateway.core.inbox import Work
from lantian.gateway.tests.lab import OFFSET, device, inbox_of, mn_of, packet, publish

AT = dt.datetime(2026, 11, 1, 2, tzinfo=dt.UTC)


def put(data, *packets, name="one", kind=1):
    inbox = inbox_of(data, name)
    inbox.commit([Work(list(packets), kind=kind)])
    inbox.close()


def rows(data, **more):
    return telemetry.frame(telemetry.open_store(data), **{"start": None, "end": None, **more})


def history(data):
    from lantian.observations.model import Query

    return telemetry.open_store(data).reader().rows(Query(history=True), ["source", "quantity", "valid_from"])


@pytest.fixture
def data(tmp_path):
    points = {
        "a21026": Point("E0001.DA002"),
        "P1": Point("E0001.P01", "P", 0.001, "kW"),
        "P2-Rtd": Point("E0001.P02", "P-Avg"),
    }
    publish(tmp_path, device(1, points=points), device(2, default="", plant=""), device(3, minute_seconds=600))
    return tmp_path


def test_points_intervals_and_flags(data):
    items = "a21026-Rtd=1.5,a21026-Flag=N;a19001-Rtd=9.1,a19001-Flag=D;P1-Rtd=1500;P2-Rtd=3;a21026-SampleTime=20261101"
    put(data, packet(1, at=AT, items=items))
    done = deliver_all(data)
    assert (done.packets, done.rows, done.refused) == (1, 4, 0)
    found = {(r["source"], r["quantity"]): r for r in rows(data).to_dicts()}
    assert found[("E0001.DA002", "a21026-Rtd")]["value"] == 1.5
    assert found[("E0001.DA001", "a19001-Rtd")]["flag"] == "fault"
    assert found[("E0001.P01", "P-Rtd")]["value"] == 1.5
    assert found[("E0001.P02", "P-Avg")]["value"] == 3
    one = found[("E0001.DA002", "a21026-Rtd")]
    assert (one["place"], one["valid_from"], one["valid_to"] - one["valid_from"]) == (
        "E0001", AT, dt.timedelta(seconds=30),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "cn", "length"),
    [(1, "2051", dt.timedelta(minutes=1)), (3, "2051", dt.timedelta(minutes=10)), (1, "2061", dt.timedelta(hours=1)),
     (1, "2031", dt.timedelta(days=1)), (1, "2021", dt.timedelta(seconds=30))],
)  # fmt: skip
def test_the_interval_of_each_command(data, number, cn, length):
    put(data, packet(number, at=AT, cn=cn, items="a34013-Avg=5"))
    deliver_all(data)
    (row,) = rows(data).to_dicts()
    assert row["valid_to"] - row["valid_from"] == length
    assert row["valid_from"] == AT


def test_a_point_that_nobody_mapped_keeps_the_devices_name(data):
    put(data, packet(2, at=AT))
    deliver_all(data)
    (row,) = rows(data).to_dicts()
    assert row["source"] == row["place"] == f"device:{mn_of(2)}"


def test_codes_of_2005_become_those_of_2017(data):
    segment = f"ST=31;CN=2011;PW=123456;MN={mn_of(1)};CP=&&DataTime=20261101100000;02-Rtd=36.91,02-Flag=N;S02-Rtd=4&&"
    put(data, framed(segment.encode()))
    deliver_all(data)
    found = {r["quantity"]: r["source"] for r in rows(data).to_dicts()}
    assert found == {"a21026-Rtd": "E0001.DA002", "a01011-Rtd": "E0001.DA001"}


def test_times_that_cannot_be_are_left_out(data):
    put(
        data,
        packet(1, at=AT),
        packet(1, at=dt.datetime(1999, 1, 1, tzinfo=dt.UTC)),
        packet(1, at=dt.datetime(2090, 1, 1, tzinfo=dt.UTC)),
    )
    assert deliver_all(data).rows == 1


def test_a_packet_that_was_sent_twice_is_there_once(data):
    one, other = packet(1, at=AT), packet(1, at=AT, serial=30)
    put(data, one, one)
    put(data, other)
    assert deliver_all(data).rows == 2
    put(data, one, other)
    done = deliver_all(data)
    assert (done.packets, done.rows, done.repeated) == (2, 0, 2)
    assert len(history(data)) == 2


@pytest.mark.parametrize("step", ["archived", "written", "removed", "shown"])
def test_interrupted_anywhere_everything_is_there_once(data, step):
    """The process ends after a step; more packets come; the next process goes on."""

    def die(name):
        if name == step:
            raise KeyboardInterrupt

    put(data, *[packet(1, at=AT, serial=number) for number in range(20)])
    with pytest.raises(KeyboardInterrupt):
        Delivery(data, on_step=die).turn()
    put(data, *[packet(1, at=AT, serial=number) for number in range(15, 40)])
    deliver_all(data)
    assert len(history(data)) == len(rows(data)) == 40
    assert inbox_of(data).backlog()[0] == 0
    archive = Archive(data)
    raw = [one.raw for chunk in archive.chunks() for one in archive.packets(chunk)]
    assert raw == [packet(1, at=AT, serial=number) for number in (*range(20), *range(15, 40))]


def test_several_gateways_beside_each_other(data):
    put(data, packet(1, at=AT), name="one")
    put(data, packet(1, at=AT, serial=30), name="two")
    assert deliver_all(data).rows == 2


def test_latest_values_and_last_packets(data):
    put(data, packet(1, at=AT, serial=60, items="a21026-Rtd=6"), packet(1, at=AT, items="a21026-Rtd=1"))
    deliver_all(data)
    put(data, packet(1, at=AT, serial=30, items="a21026-Rtd=3"))
    deliver_all(data)
    with Control(data) as control:
        (latest,) = control.select("select * from latest")
        assert (latest["value"], latest["source"], latest["mn"]) == (6, "E0001.DA002", mn_of(1))
        assert len(control.select("select * from packets where mn = ?", mn_of(1))) == 3


def test_pushed_readings(data):
    message = {
        "device": mn_of(1),
        "readings": [
            {"point": "P1", "time": "2026-11-01T10:00:00+08:00", "seconds": 60, "value": 2000},
            {"point": "a34013-Rtd", "time": "2026-11-01T10:00:00+08:00", "seconds": 10, "value": 2, "flag": "M"},
        ],
    }
    put(data, json.dumps(message).encode(), kind=PUSH)
    assert deliver_all(data).rows == 2
    found = {(r["source"], r["quantity"], r["value"], r["flag"]) for r in rows(data, start=AT).to_dicts()}
    assert found == {("E0001.P01", "P-Avg", 2.0, ""), ("E0001.DA001", "a34013-Rtd", 2.0, "maintenance")}


def test_raw_packets_are_found_by_device_and_time_and_forgotten(data):
    put(data, packet(1, at=AT), packet(2, at=AT))
    deliver_all(data)
    archive = Archive(data)
    now = dt.datetime.now(dt.UTC)
    hour = dt.timedelta(hours=1)
    assert [one.raw for one in archive.find(mn_of(2), now - hour, now + hour)] == [packet(2, at=AT)]
    assert list(archive.find(mn_of(2), now + hour, now + 2 * hour)) == []
    assert archive.forget(now.date()) == []
    assert len(archive.forget(now.date() + dt.timedelta(days=1))) == 1
    assert list(archive.chunks()) == []


def test_a_torn_end_of_the_archive_is_written_over(data):
    put(data, packet(1, at=AT))
    deliver_all(data)
    (path,) = Archive(data).days()
    sound = path.stat().st_size
    with path.open("ab") as file:
        file.write(path.read_bytes()[: sound - 5])
    put(data, packet(1, at=AT, serial=30))
    deliver_all(data)
    archive = Archive(data)
    assert [chunk.packets for chunk in archive.chunks()] == [1, 1]
    assert Delivery(data).offset == OFFSET
