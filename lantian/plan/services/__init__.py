"""Verbs of the plan room: each changes something in one transaction and leaves one audit entry.

The ledger's verbs are named here; those of documents, rounds and escalation are in their own modules.
"""

from lantian.plan.services.assignments import (
    Generated,
    Part,
    cancel,
    decompose,
    generate_assignments,
    name_areas,
    reinstate,
    set_deadline,
)
from lantian.plan.services.publicity import object_to, publicise, resolve_objection
from lantian.plan.services.reports import report, withdraw_report
from lantian.plan.services.signoff import Check, approve, rebound, reopen, return_, submit, verify, withdraw
from lantian.plan.services.splits import set_split

__all__ = [
    "Check",
    "Generated",
    "Part",
    "approve",
    "cancel",
    "decompose",
    "generate_assignments",
    "name_areas",
    "object_to",
    "publicise",
    "rebound",
    "reinstate",
    "reopen",
    "report",
    "resolve_objection",
    "return_",
    "set_deadline",
    "set_split",
    "submit",
    "verify",
    "withdraw",
    "withdraw_report",
]
