"""lantian twin: let a synthetic city send to a gateway, write it to files, print its truth."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lantian.twin.city import City
    from lantian.twin.client import Progress, Session

_OFFSET = dt.timezone(dt.timedelta(hours=8))
_REMEMBER = 30.0  # seconds between two writings of what was sent
_Command = Callable[..., Any]


@click.group()
def twin() -> None:
    """A synthetic city with known truth: plants, meters, stacks, and people who cheat."""


def _options(command: _Command) -> _Command:
    for one in (
        click.option("--seed", default=7, show_default=True),
        click.option("--plants", default=200, show_default=True),
        click.option("--days", default=30, show_default=True),
        click.option("--start", help="first moment of the city's clock, for example 2020-06-01 (default: so that it ends now)"),
        click.option("--areas", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="GeoJSON of areas with codes"),
        click.option("--cheating", default=0.4, show_default=True, help="share of plants that cheat"),
        click.option("--minute-share", default=0.1, show_default=True, help="share of plants that report every minute"),
        click.option("--clock-offset", default=lambda: float(os.environ.get("LANTIAN_CLOCK_OFFSET", "0")), type=float,
                     help="seconds that the city's clock is ahead of the machine's (default: LANTIAN_CLOCK_OFFSET)"),
    ):  # fmt: skip
        command = one(command)
    return command


def _now(clock_offset: float) -> dt.datetime:
    return dt.datetime.now(_OFFSET) + dt.timedelta(seconds=clock_offset)


def _city(
    seed: int, plants: int, days: int, start: str | None, areas: Path | None, cheating: float, minute_share: float,
    clock_offset: float,
) -> City:  # fmt: skip
    from lantian.twin.city import make_city
    from lantian.twin.register import read_areas

    try:
        begin = dt.datetime.fromisoformat(start) if start else _now(clock_offset) - dt.timedelta(days=days)
        begin = begin.replace(tzinfo=begin.tzinfo or _OFFSET, minute=0, second=0, microsecond=0)
        where = read_areas(areas) if areas else ()
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return make_city(seed, plants, days, begin, areas=where, cheating=cheating, minute_share=minute_share)


@twin.command()
@_options
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="the folder to write")
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--register-only", is_flag=True, help="no telemetry: plants, devices and labels")
def make(out: Path, form: str, register_only: bool, **city: Any) -> None:
    """Write a synthetic city into a folder: telemetry, labels, plants.json, devices.json, weather, ambient."""
    from lantian.twin.register import make as written

    for line in written(_city(**city), out, form=form, telemetry=not register_only):
        click.echo(line)


@twin.command()
@_options
@click.option(
    "--data", required=True, type=click.Path(file_okay=False, path_type=Path), help="a data folder of Lantian"
)
def fill(data: Path, **city: Any) -> None:
    """Write what the city's instruments have straight into a data folder's telemetry, day by day, each day once.

    For demonstrations: what a gateway would have taken in weeks is there at once. Only whole hours that are over.
    """
    from lantian.twin.history import fill as filled

    made = _city(**city)
    for line in filled(made, data, min(made.end, _now(city["clock_offset"]))):
        click.echo(line)


@twin.command()
@_options
@click.option("--json", "as_json", is_flag=True, help="a line of JSON for each label")
def labels(as_json: bool, **city: Any) -> None:
    """Print the truth: who cheated how, where and when."""
    found = _city(**city).labels
    for row in found.iter_rows(named=True):
        if as_json:
            click.echo(json.dumps(row, default=str, ensure_ascii=False))
        else:
            hard = "hard" if row["hard"] else "easy"
            what = " ".join((*row["quantities"], row["mode"], row["order"])).strip()
            start, end = (row[name].astimezone(_OFFSET).strftime("%m-%d %H:%M") for name in ("start", "end"))
            click.echo(
                f"{row['plant']:<8}{row['subject']:<14}{row['kind']:<15}{hard:<6}{start} to {end}  {what}".rstrip()
            )


@twin.command()
@_options
@click.option("--speed", default=1.0, show_default=True, help="times as fast as the clock; 0: as fast as can be sent")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8212, show_default=True)
@click.option("--realtime-only", is_flag=True, help="only 2011")
@click.option(
    "--interval", type=click.IntRange(1, 60), help="minutes between two 2011 (default: 1, above speed 100 more)"
)
@click.option("--histories-only", is_flag=True, help="no 2011")
@click.option("--for-ever", is_flag=True, help="from now on without end (with --speed 1: a live city)")
@click.option(
    "--state", type=click.Path(dir_okay=False, path_type=Path), help="where it remembers what was sent, to go on from"
)
@click.option(
    "--missed-hours", default=24, show_default=True, help="how much of what was missed while stopped is sent later"
)
@click.option("--patience", default=10.0, show_default=True, help="seconds to wait for an answer")
@click.option("--every", default=5.0, show_default=True, help="seconds between two lines of news")
def run(
    speed: float, host: str, port: int, realtime_only: bool, interval: int | None, histories_only: bool, for_ever: bool, state: Path | None,
    missed_hours: int, patience: float, every: float, **city: Any,
) -> None:  # fmt: skip
    """Let the city's loggers send HJ 212 to a gateway, as real ones do. Ctrl-C ends it; --state lets it go on."""
    from lantian.twin.client import Clock, Line, Progress, Tally, drive
    from lantian.twin.loggers import loggers

    made = _city(**city)
    now = made.minute(_now(city["clock_offset"]))
    first = now if for_ever else made.minute(made.start)
    last = None if for_ever else made.minute(made.end)
    begin = float(now) + _now(city["clock_offset"]).second / 60 if for_ever else float(first)
    line = Line(
        host,
        port,
        patience=patience,
        realtime=not histories_only,
        histories=not realtime_only,
        every=interval or min(max(1, round(speed / 100)), 30),
    )
    memory = _Memory(state, {key: city[key] for key in ("seed", "plants", "cheating")})
    known = memory.read()
    if for_ever and not known:  # the hour that has begun is sent as well
        hour = first // 60 * 60
        known = {each.voice.mn: Progress(hour - 1, {}) for one in made.designs for each in loggers(one)}
    elif known and not for_ever:
        begin = float(min(one.done for one in known.values()) + 1)
    tally = Tally()

    told = time.monotonic()

    def news(sessions: Sequence[Session]) -> None:
        nonlocal told
        memory.write(sessions)
        if time.monotonic() - told >= every - 0.01 or all(one.finished for one in sessions):
            told = time.monotonic()
            click.echo(tally.words())

    async def go() -> None:
        stopped = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stopped.set)
        await drive(made.designs, line, Clock(begin, speed), first, last, tally, known=known,
                    missed=missed_hours * 60, stopped=stopped, each=news,
                    every=min(every, _REMEMBER))  # fmt: skip

    click.echo(
        f"{len(made.designs)} synthetic plants to {host}:{port}, {speed:g} times as fast as the clock; Ctrl-C ends it"
    )
    asyncio.run(go())


class _Memory:
    """What was sent, in a file; another city's file is refused."""

    def __init__(self, path: Path | None, city: dict[str, Any]) -> None:
        self._path, self._city = path, city

    def read(self) -> dict[str, Progress]:
        from lantian.twin.client import Progress

        if self._path is None or not self._path.exists():
            return {}
        kept = json.loads(self._path.read_text(encoding="utf-8"))
        if kept["city"] != self._city:
            raise click.UsageError(f"{self._path} belongs to another city ({kept['city']}); name another --state")
        return {mn: Progress(done, counters) for mn, (done, counters) in kept["loggers"].items()}

    def write(self, sessions: Sequence[Session]) -> None:
        if self._path is None:
            return
        at = {one.logger.voice.mn: one.progress() for one in sessions if one.done >= 0}
        loggers = {mn: (one.done, one.counters) for mn, one in at.items()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"city": self._city, "loggers": loggers}), encoding="utf-8")
        fresh.replace(self._path)
