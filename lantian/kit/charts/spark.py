"""A line without axes, a word's height: drawn by the server, it prints and needs no script. What it says stands in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, EDGE = 120, 28, 3


def spark(values: Sequence[float | None], words: str) -> SafeString:
    """Return an inline SVG of the values, gaps as gaps, from 0 to the highest; `words` say what it shows. Empty without one."""
    there = [value for value in values if value is not None]
    if not there:
        return SafeString("")
    top = max(*there, 1)
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    lines: list[list[str]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            lines.append([])
            continue
        lines[-1].append(f"{EDGE + at * step:.1f} {HEIGHT - EDGE - value / top * (HEIGHT - 2 * EDGE):.1f}")
    path = "".join("M" + "L".join(run) for run in lines if len(run) > 1)
    # A line of no length with round ends is a dot: a value between two gaps stays to be seen.
    dots = [f"M{run[0]}l0 0" for run in lines if len(run) == 1]
    return format_html(
        '<svg class="lt-spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}"><path d="{}"></path></svg>',
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        words,
        path + "".join(dots),
    )
