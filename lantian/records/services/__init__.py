"""Verbs of the records room: the door by which other rooms change what is kept here."""

from lantian.records.files import BadFile, FileTooLarge, examine, open_stored, store_file
from lantian.records.services.auditing import audit, difference, snapshot
from lantian.records.services.evidence import add_evidence, review_evidence

__all__ = [
    "BadFile",
    "FileTooLarge",
    "add_evidence",
    "audit",
    "difference",
    "examine",
    "open_stored",
    "review_evidence",
    "snapshot",
    "store_file",
]
