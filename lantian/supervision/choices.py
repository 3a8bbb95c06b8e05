"""Choices of supervision with their colours."""

from __future__ import annotations

from lantian.kit.choices import Choice, register_family
from lantian.supervision.models import Alarm, AlarmStep, Lead, LeadStep, Severity

_COLOURS: dict[str, dict[str, str]] = {
    "severity": {"high": "red", "medium": "orange", "low": "yellow", "info": "azure"},
    "alarm_state": {
        "new": "red", "acknowledged": "azure", "answered": "blue", "confirmed": "purple", "dismissed": "grey", "cleared": "grey",
        "shielded": "grey",
    },
    "lead_kind": {"power": "orange", "order": "red", "stack": "orange", "honesty": "purple", "data": "azure"},
    "lead_state": {"open": "red", "taken": "azure", "confirmed": "purple", "refuted": "grey"},
}  # fmt: skip


def register() -> None:
    """Register the families of this room (at start-up)."""
    for name, words in {
        "severity": Severity,
        "alarm_state": Alarm.State,
        "lead_kind": Lead.Kind,
        "lead_state": Lead.State,
    }.items():
        register_family(name, {str(v): Choice(label, _COLOURS[name][str(v)]) for v, label in words.choices})
    for name, acts in {"alarm_act": AlarmStep.Act, "lead_act": LeadStep.Act}.items():
        register_family(name, {str(v): Choice(label, "grey") for v, label in acts.choices})
