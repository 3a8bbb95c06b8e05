"""Minutes and hours that lack are found, asked for, and closed when they come."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.gateway.core import control as states
from lantian.gateway.core import gaps
from lantian.gateway.core.control import Control
from lantian.gateway.core.delivery import deliver_all
from lantian.gateway.core.limits import load_limits
from lantian.gateway.core.slots import missing
from lantian.gateway.tests.lab import OFFSET, device, mn_of, packet, publish
from lantian.gateway.tests.test_delivery import put

BEGIN = dt.datetime(2026, 11, 1, 2, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def local(moment: dt.datetime) -> int:
    return int((moment + OFFSET).timestamp())


def look(data, moment):
    with Control(data) as control:
        return gaps.look(control, control.devices(), load_limits().gaps, local(moment))


def minutes(*numbers, cn="2051"):
    return [packet(1, at=BEGIN + number * MINUTE, cn=cn, items="a34013-Avg=5") for number in numbers]


@pytest.fixture
def data(tmp_path):
    publish(tmp_path, device(1, backfill=True, hours=False))
    return tmp_path


def test_bits_tell_what_lacks(data):
    put(data, *minutes(0, 1, 2, 5, 6, 9))
    deliver_all(data)
    with Control(data) as control, control.transaction() as db:
        found = list(missing(db, mn_of(1), "2051", 60, local(BEGIN), local(BEGIN + 10 * MINUTE)))
    assert [((low - local(BEGIN)) // 60, (high - local(BEGIN)) // 60) for low, high in found] == [(3, 5), (7, 9)]


def test_a_gap_is_asked_for_and_closed(data):
    put(data, *minutes(*range(10), *range(15, 40)))
    deliver_all(data)
    assert look(data, BEGIN + 40 * MINUTE) == gaps.Looked(open=1, asked=1, filled=0)
    with Control(data) as control:
        (command,) = control.commands_of(mn_of(1))
        assert command.cn == "2051"
        assert command.parameters == {"BeginTime": "20261101101000", "EndTime": "20261101101459"}
    assert look(data, BEGIN + 40 * MINUTE).asked == 0  # one at a time
    put(data, *minutes(*range(10, 15)))
    deliver_all(data)
    assert look(data, BEGIN + 41 * MINUTE) == gaps.Looked(open=0, asked=0, filled=1)
    with Control(data) as control:
        (row,) = control.select("select * from gaps")
        assert (row["state"], row["filled"], row["missing"]) == ("filled", 5, 5)


def test_what_cannot_be_had_is_given_up(data):
    put(data, *minutes(*range(10), *range(15, 40)))
    deliver_all(data)
    moment = BEGIN + 40 * MINUTE
    for _ in range(4):
        look(data, moment)
        with Control(data) as control:
            for command in control.commands_of(mn_of(1)):
                control.report(command.id, states.DONE, result={"ExeRtn": "100"})
        moment += 61 * MINUTE
        put(data, *minutes(*range(40, int((moment - BEGIN) / MINUTE))))
        deliver_all(data)
    with Control(data) as control:
        (row,) = control.select("select * from gaps")
        assert (row["state"], row["tries"]) == ("given_up", 3)


def test_a_device_that_may_not_be_asked_is_only_watched(data):
    publish(data, device(1, backfill=False, hours=False))
    put(data, *minutes(0, 5))
    deliver_all(data)
    assert look(data, BEGIN + 40 * MINUTE).asked == 0
    with Control(data) as control:
        assert {row["state"] for row in control.select("select state from gaps")} == {"waiting"}
