"""Verbs of the records room: the door by which other rooms change what is kept here."""

from lantian.records.files import BadFile, FileTooLarge, check_file, examine, open_stored, store_file
from lantian.records.services.auditing import audit, difference, snapshot
from lantian.records.services.evidence import (
    add_evidence,
    may_replace,
    may_review,
    require_replaceable,
    review_evidence,
)
from lantian.records.services.notifying import mark_delivered, mark_read, notify
from lantian.records.wording import Wording

__all__ = [
    "BadFile",
    "FileTooLarge",
    "Wording",
    "add_evidence",
    "audit",
    "check_file",
    "difference",
    "examine",
    "mark_delivered",
    "mark_read",
    "may_replace",
    "may_review",
    "notify",
    "open_stored",
    "require_replaceable",
    "review_evidence",
    "snapshot",
    "store_file",
]
