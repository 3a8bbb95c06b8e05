"""The same step for many assignments at once: each is its own step, and each refusal says which and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lantian.city.models import User
from lantian.kit.errors import DomainError
from lantian.plan.models import Assignment
from lantian.plan.services.publicity import publicise
from lantian.plan.services.signoff import approve

MOST = 50  # at once: what one page shows


@dataclass
class Several:
    """What became of each: `done` took the step, `refused` did not, with the reason."""

    done: list[Assignment] = field(default_factory=list)
    refused: list[tuple[Assignment, DomainError]] = field(default_factory=list)


def publicise_several(
    actor: User, assignments: Iterable[Assignment], *, statement: str, key: str | None = None
) -> Several:
    """Open the publicity period of each; the same `key` again does nothing twice. Nothing is raised for single ones."""
    return _each(assignments, lambda one, own: publicise(actor, one, statement=statement, key=own), key)


def approve_several(actor: User, assignments: Iterable[Assignment], *, reason: str, key: str | None = None) -> Several:
    """Sign each off; the same `key` again does nothing twice. Nothing is raised for single ones."""
    return _each(assignments, lambda one, own: approve(actor, one, reason=reason, key=own), key)


def _each(assignments: Iterable[Assignment], act: Callable[[Assignment, str | None], Any], key: str | None) -> Several:
    found = Several()
    for one in assignments:
        try:
            act(one, f"{key[:60]}:{one.pk}" if key else None)
            found.done.append(one)
        except DomainError as problem:
            found.refused.append((one, problem))
    return found
