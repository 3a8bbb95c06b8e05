"""What this room knows about city packs: which escalation rules there are, and what may be set in them. No Django."""

from __future__ import annotations

from lantian.city.pack.checks import register_rule_check
from lantian.plan.rules.escalation_rules import override_troubles


def register() -> None:
    register_rule_check(override_troubles)
