"""The loggers of a plant: what each of them sends, minute by minute, as items of HJ 212 packets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lantian.twin.design import Design, Stack
from lantian.twin.frames import HOUR, QUARTER, means
from lantian.twin.noise import DAY, generator
from lantian.twin.physics import hash_of
from lantian.twin.reporting import LETTERS
from lantian.twin.running import PlantRun
from lantian.twin.specs import CODES, data
from lantian.twin.wires import Voice

REALTIME, STATES, DAILY, MINUTES, HOURLY, HEARTBEAT, LOGIN = "2011", "2021", "2031", "2051", "2061", "9015", "9021"
_PHASES = ("Ia", "Ib", "Ic", "Ua", "Ub", "Uc")
_DECIMALS = {"o2": 3, "flow": 3, "velocity": 2, "temperature": 2, "pressure": 3, "moisture": 2}


@dataclass(frozen=True, slots=True)
class Logger:
    """A logger: `stack` is its outlet's code, "" for the one that collects the plant's meters. `minutes`: between its
    minute means; `points`: {key of the wire: (code, quantity, scale)}, None when the wire's factors are kept."""

    plant: str
    stack: str
    voice: Voice
    minutes: int
    login: bool
    points: Mapping[str, tuple[str, str, float]]

    @property
    def default(self) -> str:
        return self.stack

    def device(self, area: str = "") -> dict[str, Any]:
        """Return the device as a register of the gateway would have it (password in the clear)."""
        points = {
            key: {"code": code, "quantity": quantity, "scale": scale}
            for key, (code, quantity, scale) in self.points.items()
        }
        return {
            "mn": self.voice.mn, "st": self.voice.st, "password": self.voice.pw, "dialect": self.voice.dialect,
            "edition": self.voice.edition, "plant": self.plant, "default": self.default, "points": points,
            "realtime_seconds": 60, "minute_seconds": 60 * self.minutes, "hours": bool(self.stack), "clock": True,
            "backfill": True, "synthetic": True, "area": area,
        }  # fmt: skip


class Telegram(NamedTuple):
    """What is to be sent for an interval: command, first minute of the interval, items."""

    cn: str
    begin: int
    items: Sequence[str]


def loggers(design: Design) -> tuple[Logger, ...]:
    """Return the loggers of a plant: one for its meters, one for each monitored stack."""
    return (_power(design), *(_of_stack(design, one) for one in design.stacks))


def _voice(design: Design, name: str, tag: str, kind: str) -> tuple[Voice, np.random.Generator]:
    rules, draw = data("loggers"), generator(design.seed, f"{name} logger")
    at, edition = draw.uniform(), "2017"
    for one, share in rules["editions"].items():
        if at < share:
            edition = one
            break
        at -= share
    dialect, at = "standard", draw.uniform()
    for one, share in rules["dialects"].items() if edition == "2017" else ():
        if at < share:
            dialect = one
            break
        at -= share
    # 24 characters since 2017, 14 before; TWIN is no hexadecimal number and so nobody's.
    mn = f"TWIN{design.code}{tag}".ljust(14 if edition == "2005" else 24, "0")
    pw = f"{int(draw.integers(10**6)):06d}"
    return Voice(rules["systems"][kind][edition], mn, pw, edition, dialect), draw


def _power(design: Design) -> Logger:
    voice, draw = _voice(design, design.code, "E00", "power")
    points = {
        f"{short(code)}{what}": (code, what, 1.0)
        for code in (design.total, *(one.code for one in design.machines))
        for what in ("P", "E", "PF", *_PHASES)
    }
    points |= {f"SB{at}": (one.code, "SB", 1.0) for at, one in enumerate(_states(design), 1)}
    login = bool(draw.uniform() < data("loggers")["intervals"]["login"])
    minutes = 1 if design.minutely else QUARTER
    return Logger(design.code, "", voice, minutes, login, points)


def short(code: str) -> str:
    """Return the part of a machine's code that its meter bears."""
    return code.rsplit(".", 1)[1]


def _states(design: Design) -> list[Any]:
    return [one for one in design.machines if one.role == "treatment"]


def _of_stack(design: Design, stack: Stack) -> Logger:
    voice, draw = _voice(design, stack.code, f"C{stack.code[-2:]}", "stack")
    points = {}
    if voice.edition == "2005":
        points = {data("loggers")["codes_2005"][name]: (stack.code, CODES[name], 1.0) for name in stack.factors}
    login = bool(draw.uniform() < data("loggers")["intervals"]["login"])
    minutes = 1 if design.minutely else int(data("loggers")["intervals"]["minute"])
    return Logger(design.code, stack.code, voice, minutes, login, points)


class Script:
    """What one logger sends over the minutes of a run (which begins and ends with a day of the city's clock)."""

    def __init__(self, logger: Logger, run: PlantRun, counters: dict[str, float] | None = None) -> None:
        self.logger, self.run = logger, run
        self._arrival = run.arrival[logger.stack or run.design.code]
        self._counters = counters if counters is not None else {}
        if logger.stack:
            one = run.stack(logger.stack)
            if one.report is None or one.unit.stack is None:
                raise ValueError(f"{logger.stack} is not monitored")
            self._stack, self._report = one.unit.stack, one.report
            self._names = _names(self._stack, logger.voice.edition)
            sizes = {MINUTES: logger.minutes, HOURLY: HOUR, DAILY: DAY}
            self._means = {
                cn: means(self._stack, self._report, size) for cn, size in sizes.items() if run.n % size == 0
            }
        else:
            self._meters = {short(code): power for code, power in run.kw.items()}
            self._energy = {name: _energy(name, power, self._counters) for name, power in self._meters.items()}

    def arrives(self, minute: int) -> int:
        """Return when the values of a minute reach the host: minute + 1, later, or -1 for never."""
        return int(self._arrival[minute - self.run.first])

    def ends(self, minute: int, *, realtime: bool = True, histories: bool = True) -> Iterator[Telegram]:
        """Yield what is due when a minute is over: the instant, and every interval that ends with it."""
        at, after = minute - self.run.first, minute + 1
        every = self.logger.minutes
        if realtime:
            yield Telegram(REALTIME, minute, self._now(at))
        if not histories:
            return
        if after % every == 0:
            yield Telegram(MINUTES, after - every, self._minutes(at + 1 - every, at + 1))
        if self.logger.stack and after % HOUR == 0:
            yield Telegram(HOURLY, after - HOUR, self._long(HOURLY, at // HOUR))
        if self.logger.stack and after % DAY == 0 and DAILY in self._means:
            yield Telegram(DAILY, after - DAY, self._long(DAILY, at // DAY))
        if not self.logger.stack and after % HOUR == 0:
            yield Telegram(STATES, minute, self._switches(at))

    def over(self, low: int, high: int, cn: str) -> Iterator[Telegram]:
        """Yield the telegrams of one command whose intervals begin in [low, high): what a host may ask for again."""
        for minute in range(max(low, self.run.first), min(high + DAY, self.run.first + self.run.n)):
            for one in self.ends(minute, realtime=cn == REALTIME, histories=cn != REALTIME):
                if one.cn == cn and low <= one.begin < high:
                    yield one

    def _now(self, at: int) -> list[str]:
        if not self.logger.stack:
            return [text for name, power in self._meters.items() for text in self._meter(name, float(power[at]), at)]
        mark = LETTERS[self._report.marks[at]]
        found = []
        for name, code in self._names.items():
            text = f"{code}-Rtd={_text(name, self._report.measured[name][at])},"
            if name in self._report.converted and self._stack.kind.oxygen is not None:
                text += f"{code}-ZsRtd={self._report.converted[name][at]:.2f},"
            found.append(f"{text}{code}-Flag={mark}")
        return found

    def _meter(self, name: str, power: float, at: int) -> Iterator[str]:
        yield f"{name}P-Rtd={power:.2f},{name}P-Flag=N"
        yield f"{name}E-Rtd={self._energy[name][at]:.2f},{name}E-Flag=N"
        wobble = hash_of(f"{name}{at % 97}") % 1000 / 1000 - 0.5
        factor = 0.86 + 0.04 * wobble if power > 1 else 0.5
        volts = 228.0 + 4 * wobble
        amps = power * 1000 / (3 * volts * factor)
        for phase, lean in zip("abc", (0.0, 0.012, -0.009), strict=True):
            yield f"{name}I{phase}-Rtd={amps * (1 + lean):.2f}"
            yield f"{name}U{phase}-Rtd={volts * (1 + lean / 5):.1f}"
        yield f"{name}PF-Rtd={factor:.3f}"

    def _minutes(self, low: int, high: int) -> list[str]:
        if not self.logger.stack:
            return [_span(f"{name}P", power[low:high]) + f",{name}P-Flag=N" for name, power in self._meters.items()]
        mean, converted, marks = self._means[MINUTES]
        at = low // self.logger.minutes
        mark, found = LETTERS[marks[at]], []
        flow = self._report.measured["flow"][low:high]
        for name, code in self._names.items():
            value = self._report.measured[name][low:high]
            text = f"{code}-Min={value.min():.3f},{code}-Avg={mean[name][at]:.3f},{code}-Max={value.max():.3f}"
            if name in self._report.converted:
                text += f",{code}-Cou={float((value * flow).sum()) * 60 / 1e6:.4f}"
            if name in converted:
                text += f",{code}-ZsAvg={converted[name][at]:.3f}"
            found.append(f"{text},{code}-Flag={mark}")
        return found

    def _long(self, cn: str, at: int) -> list[str]:
        mean, converted, marks = self._means[cn]
        mark = LETTERS[marks[at]]
        found = []
        for name, code in self._names.items():
            text = f"{code}-Avg={mean[name][at]:.3f},"
            if name in converted:
                text += f"{code}-ZsAvg={converted[name][at]:.3f},"
            found.append(f"{text}{code}-Flag={mark}")
        return found

    def _switches(self, at: int) -> list[str]:
        runs = (
            (number, self.run.kw[one.code][at] > 0.05 * one.kw)
            for number, one in enumerate(_states(self.run.design), 1)
        )
        return [f"SB{number}-RS={int(on)}" for number, on in runs]


def _names(stack: Stack, edition: str) -> dict[str, str]:
    codes = data("loggers")["codes_2005"] if edition == "2005" else CODES
    return {name: codes[name] for name in stack.factors}


def _text(name: str, value: float) -> str:
    return f"{value:.{_DECIMALS.get(name, 2)}f}"


def _span(code: str, values: np.ndarray) -> str:
    return f"{code}-Min={values.min():.3f},{code}-Avg={values.mean():.3f},{code}-Max={values.max():.3f}"


def _energy(name: str, power: np.ndarray, counters: dict[str, float]) -> np.ndarray:
    """kWh of a meter that only grows; its state is kept in `counters` from one run to the next."""
    begin = counters.get(name, float(hash_of(name) % 900_000))
    found: np.ndarray = begin + np.cumsum(power) / 60
    counters[name] = math.ceil(float(found[-1]) * 100) / 100
    return found
