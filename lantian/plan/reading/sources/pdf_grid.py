"""From ruled lines on a page to table grids. A missing line between two cells means that they are merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lantian.plan.reading.sources.base import GridCell

Ruling = tuple[float, float, float]
_NEAR = 3.0
_MAX_LINES = 4000
_MAX_GRID = 20_000


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in PDF points, the origin at the bottom left."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(slots=True)
class RuledCell:
    box: Box
    grid: GridCell


@dataclass(slots=True)
class RuledTable:
    box: Box
    rows: list[list[RuledCell]] = field(default_factory=list)


def find_tables(horizontal: list[Ruling], vertical: list[Ruling]) -> list[RuledTable]:
    """Tables from top to bottom. Lines that touch belong to one table; at least two columns and one row."""
    if len(horizontal) > _MAX_LINES or len(vertical) > _MAX_LINES or len(horizontal) < 2 or len(vertical) < 2:
        return []
    tables = []
    for across, down in _components(horizontal, vertical):
        table = _build(across, down)
        if table is not None:
            tables.append(table)
    tables.sort(key=lambda table: -table.box.top)
    # Two grids side by side share their height; keep the first so that regions stay disjoint.
    kept: list[RuledTable] = []
    for table in tables:
        if not kept or table.box.top <= kept[-1].box.bottom + _NEAR:
            kept.append(table)
    return kept


def _components(horizontal: list[Ruling], vertical: list[Ruling]) -> Iterable[tuple[list[Ruling], list[Ruling]]]:
    """Group lines by the bands of the page that vertical lines cover without a gap."""
    bands: list[list[float]] = []
    for _, bottom, top in sorted(vertical, key=lambda line: -line[2]):
        if bands and top >= bands[-1][0] - _NEAR:
            bands[-1][0] = min(bands[-1][0], bottom)
        else:
            bands.append([bottom, top])
    for bottom, top in bands:
        across = [line for line in horizontal if bottom - _NEAR <= line[0] <= top + _NEAR]
        down = [line for line in vertical if line[1] >= bottom - _NEAR and line[2] <= top + _NEAR]
        yield across, down


def _build(across: list[Ruling], down: list[Ruling]) -> RuledTable | None:
    ys = _cluster((line[0] for line in across), descending=True)
    xs = _cluster((line[0] for line in down), descending=False)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 2 or rows * columns > _MAX_GRID:
        return None
    by_height, by_place = _index(across), _index(down)
    below = [[_has(by_height, ys[r + 1], xs[c], xs[c + 1]) for c in range(columns)] for r in range(rows)]
    right = [[_has(by_place, xs[c + 1], ys[r + 1], ys[r]) for c in range(columns)] for r in range(rows)]
    table = RuledTable(Box(xs[0], ys[-1], xs[-1], ys[0]))
    taken: set[tuple[int, int]] = set()
    for r in range(rows):
        cells: list[RuledCell] = []
        for c in range(columns):
            if (r, c) in taken:
                continue
            width = 1
            while c + width < columns and not right[r][c + width - 1]:
                width += 1
            height = 1
            while r + height < rows and not any(below[r + height - 1][c : c + width]):
                height += 1
            taken.update((r + dr, c + dc) for dr in range(height) for dc in range(width))
            box = Box(xs[c], ys[r + height], xs[c + width], ys[r])
            cells.append(RuledCell(box, GridCell(c, "", height, width)))
        table.rows.append(cells)
    return table


def _cluster(values: Iterable[float], *, descending: bool) -> list[float]:
    groups: list[float] = []
    for value in sorted(values):
        if not groups or value - groups[-1] > _NEAR:
            groups.append(value)
    return groups[::-1] if descending else groups


def _index(lines: list[Ruling]) -> dict[int, list[Ruling]]:
    """Lines by their rounded position, so that a look-up does not go over all of them."""
    index: dict[int, list[Ruling]] = {}
    for line in lines:
        index.setdefault(int(line[0] // _NEAR), []).append(line)
    return index


def _has(lines: dict[int, list[Ruling]], at: float, low: float, high: float) -> bool:
    """Is the middle of the stretch low..high at this position covered by a line?"""
    middle, slot = (low + high) / 2, int(at // _NEAR)
    return any(
        abs(line[0] - at) <= _NEAR and line[1] - _NEAR <= middle <= line[2] + _NEAR
        for near in (slot - 1, slot, slot + 1)
        for line in lines.get(near, ())
    )
