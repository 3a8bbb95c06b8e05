"""What supervision keeps: alarms with every step of their life, leads, shields, switches and numbers of rules."""

from lantian.supervision.models.alarms import Alarm, AlarmStep, Level, Severity, Shield
from lantian.supervision.models.leads import Lead, LeadStep
from lantian.supervision.models.rules import Judged, RuleOverride, RuleSwitch

__all__ = [
    "Alarm",
    "AlarmStep",
    "Judged",
    "Lead",
    "LeadStep",
    "Level",
    "RuleOverride",
    "RuleSwitch",
    "Severity",
    "Shield",
]
