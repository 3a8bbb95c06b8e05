"""Loggers at work: each a TCP connection of its own that sends, waits for 9014, sends again, and obeys the host.

What a connection loses is kept and sent later, the newest first; a logger that was stopped goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lantian.twin.design import Design
from lantian.twin.loggers import (
    DAILY,
    HEARTBEAT,
    HOURLY,
    LOGIN,
    MINUTES,
    REALTIME,
    STATES,
    Logger,
    Script,
    Telegram,
    loggers,
)  # fmt: skip
from lantian.twin.noise import DAY, generator
from lantian.twin.running import PlantRun, run
from lantian.twin.wires import Said, heard, moment, packets, reply, said, stamp

_KEPT = 20_000  # telegrams that a logger keeps for later
_SETTINGS = ("1000", "1012", "1062", "1064", "1072", "2011", "2012", "2021", "2022", "3011", "3012", "3013")
_HISTORIES = (MINUTES, HOURLY, DAILY)
_BEAT = 5  # minutes without a packet after which loggers of 2025 say that they live


@dataclass(frozen=True, slots=True)
class Line:
    """Where and how to send: seconds to wait for an answer, how often to send again, seconds before a new connection;
    what to send, and every how many minutes the instant (the interval of 2011)."""

    host: str
    port: int
    patience: float = 10.0
    resend: int = 3
    pause: float = 2.0
    realtime: bool = True
    histories: bool = True
    every: int = 1


@dataclass
class Clock:
    """The city's clock, in minutes since 1970: starts at `start` and runs `speed` times as fast as the machine's (0: as
    fast as anybody can send)."""

    start: float
    speed: float
    began: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        return self.start + (time.monotonic() - self.began) * self.speed / 60 if self.speed else float("inf")

    async def until(self, minute: float) -> float:
        """Wait until a minute has come; return by how many minutes it is past already."""
        if not self.speed:
            await asyncio.sleep(0)
            return 0.0
        late = self.now() - minute
        if late < 0:
            await asyncio.sleep(-late * 60 / self.speed)
        return max(late, 0.0)


@dataclass
class Tally:
    """What happened so far: packets sent, acknowledged, sent again, given up; requests of the host; by name."""

    counts: Counter[str] = field(default_factory=Counter)
    connected: int = 0
    behind: float = 0.0
    minute: int = 0

    def words(self) -> str:
        one = self.counts
        return (
            f"{moment(self.minute):%Y-%m-%d %H:%M} sent {one['sent']:,} acknowledged {one['acknowledged']:,} "
            f"again {one['again']:,} refused {one['refused']:,} later {one['later']:,} requests {one['requests']:,} "
            f"connections {self.connected}" + (f" behind {self.behind:.0f} min" if self.behind > 2 else "")
        )


class Runs:
    """The days of plants, made when the first of their loggers wants them."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], PlantRun] = {}
        self._guards: dict[str, asyncio.Lock] = {}
        self._order: deque[tuple[str, int]] = deque()
        self._most = 64

    def expect(self, plants: int) -> None:
        """Tell how many plants there are: two days of each are kept."""
        self._most = max(64, 2 * plants)

    async def get(self, design: Design, day: int) -> PlantRun:
        """Return a plant's whole day."""
        key = (design.code, day)
        async with self._guards.setdefault(design.code, asyncio.Lock()):
            if key not in self._held:
                self._held[key] = await asyncio.to_thread(run, design, day * DAY, day * DAY + DAY)
                self._order.append(key)
                while len(self._order) > self._most:
                    self._held.pop(self._order.popleft(), None)
            return self._held[key]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a logger has done: the last minute that is over, its meters' counters at the
    beginning of the day of the next minute."""

    done: int
    counters: Mapping[str, float]


class Session:
    """One logger: its connection, what it still has to send, its answers to the host."""

    def __init__(self, logger: Logger, design: Design, line: Line, clock: Clock, runs: Runs, tally: Tally) -> None:
        self.logger, self.design, self.line, self.clock, self.runs, self.tally = (
            logger,
            design,
            line,
            clock,
            runs,
            tally,
        )
        self.counters: dict[str, float] = {}
        self.done = -1
        self._at = 0  # the minute that it is
        self.finished = False
        self._later: deque[tuple[int, Telegram]] = deque(maxlen=_KEPT)
        self._script: Script | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._waiting: dict[str, asyncio.Event] = {}
        self.begun: dict[str, float] = {}
        self._asked: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._qn = 0
        self._realtime = line.realtime
        self._next = 0.0  # when to try a connection again
        draw = generator(design.seed, f"{logger.voice.mn} session")
        self._offset = float(draw.uniform(0.02, 0.9))  # not all at the same second

    def progress(self) -> Progress:
        """Return what is to be remembered when the logger stops now."""
        return Progress(self.done, dict(self.counters if (self.done + 1) % DAY == 0 else self.begun))

    async def work(self, first: int, last: int | None, early: int | None = None) -> None:
        """Send everything from minute `first` to `last` (None: for ever). `early`: what lies before this minute was missed
        while nobody ran the logger, and is sent as later than due."""
        minute = first
        attendant = asyncio.create_task(self._attend())
        try:
            while last is None or minute < last:
                behind = await self.clock.until(minute + 1 + self._offset)
                self.tally.behind, self.tally.minute = behind, max(self.tally.minute, minute)
                self._at = minute
                await self._minute(minute, late=early is not None and minute < early)
                self.done = minute
                minute += 1
            await self._send_later(minute, everything=True)
        finally:
            self.finished = True
            attendant.cancel()
            await self._hang_up()

    async def _minute(self, minute: int, *, late: bool) -> None:
        script = await self._of(minute)
        arrives = script.arrives(minute)
        if arrives < 0 and not late:  # broken, and nothing kept
            await self._hang_up()
            return
        instant = self._realtime and not late and minute % self.line.every == 0
        due = list(script.ends(minute, realtime=instant, histories=self.line.histories))
        if late or arrives > minute + 1:
            self._later.extend((max(arrives, minute + 1), one) for one in due if one.cn != REALTIME)
            if not late:
                await self._hang_up()
                return
        else:
            for one in due:
                await self._deliver(one, minute, again=False)
        if self.logger.voice.edition == "2025" and minute % _BEAT == 0:
            await self._plain(HEARTBEAT, minute)
        if not late:
            await self._send_later(minute, everything=False)

    async def _of(self, minute: int) -> Script:
        """The script of the minute's day; a logger that was asked for older days makes another one."""
        day = minute // DAY
        if self._script is None or self._script.run.first != day * DAY:
            made = await self.runs.get(self.design, day)
            self.begun = dict(self.counters)  # the counters of the day's first minute: a script moves them to its end
            self._script = Script(self.logger, made, self.counters)
        return self._script

    # -- sending ------------------------------------------------------------------------------------------------------

    async def _send_later(self, minute: int, *, everything: bool) -> None:
        """The newest first, as the standard of 2025 wants it and good loggers did before."""
        ready = [one for one in self._later if everything or one[0] <= minute + 1]
        if not ready:
            return
        self._later = deque((one for one in self._later if not (everything or one[0] <= minute + 1)), maxlen=_KEPT)
        for at, (_, telegram) in enumerate(reversed(ready)):
            if not await self._deliver(telegram, minute, again=True):
                self._later.extendleft(ready[: len(ready) - at - 1][::-1])
                return
            self.tally.counts["later"] += 1

    async def _deliver(self, telegram: Telegram, minute: int, *, again: bool) -> bool:
        """Send a telegram; what is no instant and finds no ears is kept for later."""
        whole = telegram.cn not in (REALTIME, STATES)
        when = stamp(telegram.begin)
        found = packets(
            self.logger.voice, telegram.cn, when, telegram.items, self._qns(minute), answer=True, again=again
        )
        for one in found:
            if not await self._sent(one):
                if whole:
                    self._later.append((minute + 2, telegram))
                return False
        return True

    async def _plain(self, cn: str, minute: int) -> None:
        await self._sent(said(self.logger.voice, cn, next(self._qns(minute)), "", answer=True))

    def _qns(self, minute: int) -> Iterator[str]:
        while True:
            self._qn = (self._qn + 1) % 60_000
            yield moment(minute + 1).strftime("%Y%m%d%H%M") + f"{self._qn:05d}"

    async def _sent(self, one: Said) -> bool:
        """Send until it is acknowledged; False when nobody does."""
        event = asyncio.Event()
        self._waiting[one.qn] = event
        try:
            for attempt in range(1 + self.line.resend):
                if not await self._connected():
                    return False
                try:
                    await self._write(one.raw)
                    self.tally.counts["again" if attempt else "sent"] += 1
                    # Not wait_for: before Python 3.12 it forgets that it was cancelled when the answer comes at that moment.
                    async with asyncio.timeout(self.line.patience):
                        await event.wait()
                except TimeoutError:
                    continue
                except OSError:
                    await self._hang_up()
                    continue
                self.tally.counts["acknowledged"] += 1
                return True
            self.tally.counts["refused"] += 1
            await self._hang_up()
            return False
        finally:
            self._waiting.pop(one.qn, None)

    async def _write(self, raw: bytes) -> None:
        if self._writer is None:
            raise ConnectionResetError(f"{self.logger.voice.mn} has no connection")
        self._writer.write(raw)
        await self._writer.drain()

    # -- the connection -----------------------------------------------------------------------------------------------

    async def _connected(self) -> bool:
        if self._writer is not None:
            return True
        if time.monotonic() < self._next:
            return False
        try:
            reader, self._writer = await asyncio.open_connection(self.line.host, self.line.port)
        except OSError:
            self.tally.counts["unreachable"] += 1
            self._next = time.monotonic() + self.line.pause
            return False
        self.tally.connected += 1
        self._listener = asyncio.create_task(self._listen(reader))
        if self.logger.login:
            one = said(self.logger.voice, LOGIN, next(self._qns(self._at)), "", answer=False)
            with contextlib.suppress(OSError):
                await self._write(one.raw)
        return True

    async def _hang_up(self) -> None:
        writer, self._writer = self._writer, None
        if self._listener is not None:
            self._listener.cancel()
            self._listener = None
        if writer is not None:
            self.tally.connected -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        buffer = bytearray()
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                buffer += data
                for one in heard(buffer):
                    if one.get("CN") in ("9014", "9013"):
                        event = self._waiting.get(one.get("QN", ""))
                        if event is not None:
                            event.set()
                    elif "CN" in one:
                        self._asked.put_nowait(one)
        if self._writer is not None:  # the host hung up
            self.tally.counts["hung up"] += 1
            self.tally.connected -= 1
            self._writer.close()
            self._writer, self._listener = None, None

    # -- requests of the host -----------------------------------------------------------------------------------------

    async def _attend(self) -> None:
        while True:
            one = await self._asked.get()
            self.tally.counts["requests"] += 1
            with contextlib.suppress(OSError):
                await self._obey(one, self._at)

    async def _obey(self, asked: Mapping[str, str], minute: int) -> None:
        """9011, what was asked for, 9012."""
        voice, qn, cn = self.logger.voice, asked.get("QN", ""), asked["CN"]
        if asked.get("PW") not in (None, "", voice.pw):
            await self._write(reply(voice, "9011", qn, "QnRtn=3"))
            return
        history = cn in _HISTORIES and "BeginTime" in asked and "EndTime" in asked
        if not history and cn not in (*_SETTINGS, "1011", "1061", "1063"):
            await self._write(reply(voice, "9011", qn, "QnRtn=8" if voice.edition != "2005" else "QnRtn=2"))
            return
        await self._write(reply(voice, "9011", qn, "QnRtn=1"))
        found = True
        if history:
            found = await self._history(cn, asked["BeginTime"], asked["EndTime"], minute)
        elif cn in ("1011", "1061", "1063"):
            area = {
                "1011": f"SystemTime={stamp(minute + 1)}",
                "1061": f"RtdInterval={60 * self.line.every}",
                "1063": f"MinInterval={self.logger.minutes}",
            }
            await self._write(said(voice, cn, qn, area[cn], answer=False).raw)
        elif cn in ("2011", "2012"):
            self._realtime = cn == "2011" and self.line.realtime
        await self._write(reply(voice, "9012", qn, f"ExeRtn={1 if found else 100}"))

    async def _history(self, cn: str, begin: str, end: str, minute: int) -> bool:
        """Send what a host asks for, as far as it is over and not older than a week."""
        low, high = max(_minute(begin), minute - 7 * DAY), min(_minute(end), minute)
        found = False
        for day in range(low // DAY, high // DAY + 1):
            made = Script(self.logger, await self.runs.get(self.design, day), dict(self.begun))
            for one in made.over(low, high + 1, cn):
                if one.begin + _length(cn, self.logger) <= minute + 1:
                    found = await self._deliver(one, minute, again=True) or found
        return found


def _length(cn: str, logger: Logger) -> int:
    return {MINUTES: logger.minutes, HOURLY: 60, DAILY: DAY}[cn]


def _minute(text: str) -> int:
    """Read 14 digits of a logger's clock as a minute; raises ValueError for anything else."""
    return int((dt.datetime.strptime(text[:14], "%Y%m%d%H%M%S") - moment(0)).total_seconds() // 60)  # noqa: DTZ007


async def drive(
    designs: Sequence[Design], line: Line, clock: Clock, first: int, last: int | None, tally: Tally, *,
    known: Mapping[str, Progress] | None = None, missed: int = DAY, stopped: asyncio.Event | None = None,
    each: Callable[[Sequence[Session]], None] | None = None, every: float = 5.0,
) -> None:  # fmt: skip
    """Let the loggers of plants send from minute `first` to `last` (None: for ever), until `stopped` is set.

    `known`: where loggers were when they were stopped; what they missed since (of the last `missed` minutes) they send as
    later than due. `each` is called with the sessions every so many seconds and at the end.
    """
    runs = Runs()
    runs.expect(len(designs))
    sessions = [Session(one, design, line, clock, runs, tally) for design in designs for one in loggers(design)]
    tasks = [
        asyncio.create_task(_worked(one, (known or {}).get(one.logger.voice.mn), first, last, missed))
        for one in sessions
    ]
    try:
        async for _ in _until(tasks, stopped, every):
            if each is not None:
                each(sessions)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        if each is not None:
            each(sessions)
    for one in results:
        if isinstance(one, Exception):
            raise one


async def _worked(session: Session, known: Progress | None, first: int, last: int | None, missed: int) -> None:
    if known is None:
        await session.work(first, last)
        return
    session.counters.update(known.counters)
    session.done = known.done
    begin = max(known.done + 1, first - missed)
    await session.work(begin, last, early=first)


async def _until(
    tasks: Sequence[asyncio.Task[None]], stopped: asyncio.Event | None, every: float
) -> AsyncIterator[None]:
    """Yield every so many seconds until all tasks are done, one has failed, or `stopped` is set."""
    stop = asyncio.create_task((stopped or asyncio.Event()).wait())
    try:
        while True:
            waiting = {task for task in tasks if not task.done()}
            failed = any(task.done() and not task.cancelled() and task.exception() for task in tasks)
            if not waiting or failed or stop.done():
                return
            await asyncio.wait({*waiting, stop}, timeout=every, return_when=asyncio.FIRST_COMPLETED)
            yield
    finally:
        stop.cancel()
