"""What rooms above know about a pack: the pack knows the form of its files, they know what may stand in them.

A room registers its check when Django starts (`AppConfig.ready`); commands that start without Django ask
`lantian.cli.register_pack_checks`. No Django here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

# (setting that is to blame, or "" for the rule itself; what is wrong; how to mend it)
Trouble = tuple[str, str, str]
RuleCheck = Callable[[str, Mapping[str, Any]], Iterable[Trouble]]
_checks: list[RuleCheck] = []


def register_rule_check(check: RuleCheck) -> None:
    """Let `check(rule, settings)` say what is wrong with a pack's settings of an escalation rule (once each)."""
    if check not in _checks:
        _checks.append(check)


def rule_troubles(rule: str, settings: Mapping[str, Any]) -> Iterator[Trouble]:
    """Yield what the registered checks find."""
    for check in _checks:
        yield from check(rule, settings)
