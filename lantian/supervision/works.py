"""The works of this room that the worker does; what they need is loaded when they run."""

from __future__ import annotations

from lantian.kit import later


def register() -> None:
    """Register the works of this room (at start-up)."""
    later.register("supervision.quick", _quick)
    later.register("supervision.slow", _slow)
    later.register("supervision.escalate", _escalate)


def _quick() -> object:
    from lantian.supervision.services.judging import QUICK, judge_all

    return judge_all(QUICK)


def _slow() -> object:
    from lantian.supervision.services.judging import SLOW, judge_all

    return judge_all(SLOW)


def _escalate() -> object:
    from lantian.supervision.services.telling import escalate

    return escalate()
