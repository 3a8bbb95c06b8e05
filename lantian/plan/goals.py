"""The aims of a plan: what its chapters of aims promise in numbers. They are no measures, so nobody has an assignment of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lantian.plan.models import DocumentVersion, MeasureTarget, TargetBinding
from lantian.plan.services.rows import make_target

Json = dict[str, Any]
_KEPT = ("text", "start", "end", "nature", "deadlines", "targets")


def goals_to_keep(parsed: Mapping[str, Any]) -> list[Json]:
    """Return the reader's goals with what is shown of them."""
    return [{name: goal[name] for name in _KEPT} for goal in parsed.get("goals", [])]


def loose_numbers(version: DocumentVersion, bindings: Iterable[TargetBinding]) -> list[tuple[Json, MeasureTarget]]:
    """Return the numbers of a text's aims that no binding is laid over, each with its goal, in the order of the text.

    The numbers are unsaved targets without a measure.
    """
    spans = [(b.start, b.end) for b in bindings if b.version_id == version.pk and b.start is not None and b.end]
    return [
        (goal, make_target(None, at, number))
        for goal in version.goals
        for at, number in enumerate(goal["targets"], 1)
        if not any(start < number["end"] and number["start"] < end for start, end in spans)
    ]
