"""What the plan room stores: documents as they were read, the ledger of assignments, rounds, escalation."""

from lantian.plan.models.bindings import TargetBinding
from lantian.plan.models.document import (
    Clause,
    ClauseAgency,
    ClauseArea,
    Document,
    DocumentVersion,
    Measure,
    MeasureTarget,
    Review,
    ReviewAction,
    Task,
    Trace,
)
from lantian.plan.models.escalation import EscalationProposal, Notice, NoticeReceipt
from lantian.plan.models.ledger import (
    Assignment,
    Objection,
    ProgressReport,
    Publicity,
    SpotCheck,
    Step,
    TargetShare,
    TargetSplit,
)
from lantian.plan.models.rounds import DispatchRound, RoundEntry, RoundUpload

__all__ = [
    "Assignment",
    "Clause",
    "ClauseAgency",
    "ClauseArea",
    "DispatchRound",
    "Document",
    "DocumentVersion",
    "EscalationProposal",
    "Measure",
    "MeasureTarget",
    "Notice",
    "NoticeReceipt",
    "Objection",
    "ProgressReport",
    "Publicity",
    "Review",
    "ReviewAction",
    "RoundEntry",
    "RoundUpload",
    "SpotCheck",
    "Step",
    "TargetBinding",
    "TargetShare",
    "TargetSplit",
    "Task",
    "Trace",
]
