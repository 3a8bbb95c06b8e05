"""Loggers on real sockets against a host that this test plays: acknowledging, deaf, asking, breaking off."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import numpy as np
import pytest

from lantian.twin import make_city
from lantian.twin.client import Clock, Line, Progress, Tally, drive
from lantian.twin.loggers import HOURLY, MINUTES, REALTIME, loggers
from lantian.twin.wires import framed, stamp

START = dt.datetime(2020, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))


class Host:
    """Answers 9014 to everything (but the first `deaf` packets) and keeps what it heard; `asks` is sent to each link."""

    def __init__(self, deaf: int = 0, asks: str = "", breaks: int = 0) -> None:
        self.heard: list[str] = []
        self.links = 0
        self._deaf, self._asks, self._breaks = deaf, asks, breaks

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links += 1
        try:
            if self._asks:
                segment = f"QN=20200601000000777;ST=31;PW=;{self._asks}"
                writer.write(framed(segment.encode(), _voice()))
            while line := await reader.readline():
                text = line.decode("latin-1")
                self.heard.append(text)
                if self._breaks and len(self.heard) == self._breaks:
                    return
                if self._deaf > 0:
                    self._deaf -= 1
                elif "CN=9011" not in text and "CN=9012" not in text:
                    qn = re.search(r"QN=(\d{17})", text)[1]
                    writer.write(framed(f"QN={qn};ST=91;CN=9014;Flag=4;CP=&&&&".encode(), _voice()))
        finally:
            writer.close()

    def of(self, cn: str) -> list[str]:
        return [one for one in self.heard if f"CN={cn};" in one]


def _voice():
    return loggers(make_city(7, 1, 1, START).designs[0])[0].voice


@pytest.fixture(scope="module")
def city():
    return make_city(11, 4, 2, START)


def play(city, host, first, last, *, known=None, missed=1440, line=None, stop_after=None):
    tally = Tally()

    async def go():
        server = await asyncio.start_server(host, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        stopped = asyncio.Event()
        if stop_after:
            asyncio.get_running_loop().call_later(stop_after, stopped.set)
        ends = {}
        async with server:
            await drive(
                city.designs, Line("127.0.0.1", port, **{"patience": 0.3, "pause": 0.05, **(line or {})}), Clock(first, 0),
                first, last, tally, known=known, missed=missed, stopped=stopped, every=0.1,
                each=lambda sessions: ends.update({one.logger.voice.mn: one.progress() for one in sessions}),
            )  # fmt: skip
        return ends

    return tally, asyncio.run(asyncio.wait_for(go(), 40))


def quiet(city, hours):
    """Minutes after the start in which no connection is broken."""
    low = city.minute(city.start)
    found = next(low + at for at in range(0, 1440 - hours * 60, 60) if all(_calm(city, low + at, hours)))
    return found, found + hours * 60


def _calm(city, low, hours):
    for run in city.runs(city.start, city.start + dt.timedelta(days=1)):
        for arrival in run.arrival.values():
            at = low - run.first
            yield bool((arrival[at : at + hours * 60] == low + 1 + np.arange(hours * 60)).all())


def test_everything_is_sent_once_and_acknowledged(city):
    host = Host()
    first, last = quiet(city, 2)
    tally, ends = play(city, host, first, last)
    count = sum(len(loggers(one)) for one in city.designs)
    stacks = sum(len(one.stacks) for one in city.designs)
    assert tally.counts["acknowledged"] == tally.counts["sent"] > 0
    assert not tally.counts["refused"]
    assert not tally.counts["again"]
    assert tally.connected == 0
    assert (
        len({(re.search("MN=([^;]+)", one)[1], re.search(r"DataTime=(\d+)", one)[1]) for one in host.of(HOURLY)})
        == 2 * stacks
    )
    assert len(ends) == count
    assert {one.done for one in ends.values()} == {last - 1}
    # Every minute of every logger, each once (long ones in parts).
    told = [(re.search("MN=([^;]+)", one)[1], re.search(r"DataTime=(\d+)", one)[1]) for one in host.of(REALTIME)]
    assert len(set(told)) == count * 120


def test_what_is_not_acknowledged_is_sent_again(city):
    host = Host(deaf=7)
    first, _ = quiet(city, 1)
    tally, _ = play(city, host, first, first + 3)
    assert tally.counts["again"] >= 3
    assert tally.counts["acknowledged"] == tally.counts["sent"]


def test_a_link_that_breaks_is_made_again_and_nothing_of_the_histories_is_lost(city):
    host = Host(breaks=40)
    first, last = quiet(city, 1)
    tally, _ = play(city, host, first, last, line={"realtime": False})
    whole = Host()
    play(city, whole, first, last, line={"realtime": False})
    key = re.compile(r"MN=([^;]+).*DataTime=(\d+)")
    assert {key.search(one).groups() for one in whole.of(MINUTES)} == {
        key.search(one).groups() for one in host.of(MINUTES)
    }
    assert host.links > whole.links
    assert tally.counts["acknowledged"] > 0


def test_a_stopped_city_goes_on_and_sends_what_it_missed_the_newest_first(city):
    first, last = quiet(city, 2)
    middle = first + 60
    known = {each.voice.mn: Progress(first - 1, {}) for one in city.designs for each in loggers(one)}
    host = Host()
    tally, ends = play(city, host, middle, last, known=known)
    assert tally.counts["later"] > 0
    assert {one.done for one in ends.values()} == {last - 1}
    times = sorted({re.search(r"DataTime=(\d+)", one)[1] for one in host.of(MINUTES)})
    assert times[0] == stamp(first)
    one = next(each.voice.mn for design in city.designs for each in loggers(design) if each.minutes <= 15)
    mine = [re.search(r"DataTime=(\d+)", text)[1] for text in host.of(MINUTES) if f"MN={one};" in text]
    late = [text for text in dict.fromkeys(mine) if text < stamp(middle)]
    assert late == sorted(late, reverse=True)
    assert len(late) > 1


def test_the_host_may_set_the_clock_and_fetch_minutes(city):
    first, last = quiet(city, 2)
    begin, end = stamp(first), stamp(first + 30)
    history = Host(asks=f"CN=2051;Flag=5;CP=&&BeginTime={begin},EndTime={end}&&")
    tally, _ = play(city, history, first + 90, last)
    assert tally.counts["requests"] > 0
    assert all("QnRtn=1" in one and "QN=20200601000000777" in one for one in history.of("9011"))
    assert any("ExeRtn=1" in one for one in history.of("9012"))
    assert any(f"DataTime={begin}" in one for one in history.of(MINUTES))
    clock = Host(asks="CN=1012;Flag=5;CP=&&SystemTime=20200601000000&&")
    play(city, clock, first, first + 5)
    assert clock.of("9011")
    assert all("ExeRtn=1" in one for one in clock.of("9012"))
    odd = Host(asks="CN=3999;Flag=5;CP=&&&&")
    play(city, odd, first, first + 5)
    assert odd.of("9011")
    assert not odd.of("9012")
    assert not any("QnRtn=1" in one for one in odd.of("9011"))


def test_without_a_host_nothing_hangs_and_stop_ends_it(city):
    tally = Tally()

    async def go():
        stopped = asyncio.Event()
        asyncio.get_running_loop().call_later(0.4, stopped.set)
        low = city.minute(city.start)
        await drive(
            city.designs, Line("127.0.0.1", 1, pause=0.1), Clock(low, 1), low, None, tally, stopped=stopped, every=0.1
        )

    asyncio.run(asyncio.wait_for(go(), 20))
    assert tally.counts["acknowledged"] == 0


def test_stop_ends_it_in_the_middle_of_work(city):
    """Answers come all the time, also while tasks are told to end."""
    first = city.minute(city.start)
    for _ in range(3):
        tally, ends = play(city, Host(), first, first + 100 * 1440, stop_after=0.6)
        assert tally.counts["acknowledged"] > 0
        assert max(one.done for one in ends.values()) < first + 100 * 1440 - 1
