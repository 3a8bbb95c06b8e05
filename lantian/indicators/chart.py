"""A line chart as plain coordinates: drawn by the server as SVG, so that it prints and needs no script. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 520, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 36, 20, 32


@dataclass(frozen=True, slots=True)
class Point:
    """A value at its place; `x`, `y` in the drawing's units."""

    x: float
    y: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` are runs of points without a gap: a missing value interrupts the line, it is not drawn as 0."""

    lines: tuple[tuple[Point, ...], ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    targets: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def paths(self) -> list[str]:
        """The lines as SVG polyline points."""
        return [" ".join(f"{p.x:.1f},{p.y:.1f}" for p in run) for run in self.lines if len(run) > 1]

    @property
    def points(self) -> list[Point]:
        return [point for run in self.lines for point in run]


def draw(
    values: Sequence[tuple[str, Decimal | None]], targets: Sequence[Decimal] = (), *, decimals: int = 1
) -> Chart | None:
    """Return the chart of (label, number or None) in order, with dashed lines for targets; None without any number."""
    numbers = [number for _label, number in values if number is not None]
    if not numbers:
        return None
    low, high, step = _scale([*numbers, *targets])
    spread = max(1, len(values) - 1)

    def x(at: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (at / spread if len(values) > 1 else 0.5)

    def y(number: Decimal) -> float:
        return float(Decimal(HEIGHT - BOTTOM) - (number - low) / (high - low) * (HEIGHT - TOP - BOTTOM))

    runs: list[list[Point]] = [[]]
    for at, (label, number) in enumerate(values):
        if number is None:
            runs.append([])
        else:
            runs[-1].append(Point(x(at), y(number), label, f"{round(number, decimals)}"))
    every = max(1, -(-len(values) // 6))
    return Chart(
        lines=tuple(tuple(run) for run in runs if run),
        x_ticks=tuple(Tick(x(at), label) for at, (label, _n) in enumerate(values) if at % every == 0),
        y_ticks=tuple(Tick(y(low + step * at), _plain(low + step * at)) for at in range(int((high - low) / step) + 1)),
        targets=tuple(Tick(y(target), _plain(target)) for target in dict.fromkeys(targets)),
    )


def _scale(numbers: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """Return lowest tick, highest tick and step: 3 to 6 steps of 1, 2 or 5 times a power of ten, with 0 when near."""
    low, high = min(numbers), max(numbers)
    if 0 < low < high / 2 or low == high > 0:
        low = Decimal(0)
    if high < 0 or (low == high and high <= 0):
        high = Decimal(0) if high < 0 else high + 1
    rough = (high - low) / 4 or Decimal(1)
    power = Decimal(10) ** rough.adjusted()
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    bottom = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    top = (high / step).to_integral_value(rounding="ROUND_CEILING") * step
    return bottom, top if top > bottom else bottom + step, step


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
