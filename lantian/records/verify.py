"""Walking the audit chain from its first entry to its head, and naming each entry that is not as it was written.

The key decides: an entry is authentic when its hash is the keyed digest of its fields, which include its number and
the hash of the entry before it. What is not authentic is then told apart: edited, moved from another number, a copy of
another entry; what is missing: removed in the middle, or cut off at the end.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from lantian.kit.errors import DomainError
from lantian.records import guards
from lantian.records.chain import GENESIS, HASHED, digest_of, head_seal
from lantian.records.models import AuditEntry, AuditHead
from lantian.records.origins import Origins, Row, subtract

PAGE = 5000
RESEAL = "audit.reseal"
KEPT = 500  # faults that are examined and listed one by one; of the rest only the number is given


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `seq` to `last` are the entries concerned, `other` the number an entry belongs to."""

    kind: str
    seq: int
    last: int
    other: int | None = None

    @property
    def text(self) -> str:
        """The fault as a sentence, in the active language."""
        values = {"entries": f"#{self.seq}" if self.seq == self.last else f"#{self.seq}–#{self.last}",
                  "other": f"#{self.other}"}  # fmt: skip
        return _sentences()[self.kind] % values

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "seq": self.seq, "last": self.last, "other": self.other, "text": self.text}


def _sentences() -> dict[str, str]:
    return {
        "edited": _("%(entries)s was edited: its content does not fit its seal."),
        "unreadable": _("%(entries)s was edited: its content cannot even be read."),
        "moved": _("%(entries)s was re-ordered: what stands there was written as %(other)s."),
        "copied": _("%(entries)s is a copy of %(other)s: it was duplicated, and what stood there is gone."),
        "doubled": _("%(entries)s stands there more than once."),
        "removed": _("%(entries)s: removed."),
        "cut_tail": _("%(entries)s: cut off at the end of the chain."),
        "inserted": _("%(entries)s was put in from outside: it was never written by this installation."),
        "forked": _("%(entries)s is genuine but does not follow the entry before it: two histories were mixed."),
        "head_missing": _("The head of the chain was removed (the chain itself ends at %(entries)s)."),
        "head_forged": _("The head of the chain was forged: it does not carry the seal of this installation."),
        "head_set_back": _("The head of the chain was set back: genuine entries from %(entries)s on lie beyond it."),
        "rolled_back": _("The chain was set back: the anchor names %(other)s, but the chain ends at %(entries)s."),
        "anchor_differs": _("%(entries)s is not the entry that the anchor names: the history was rewritten."),
        "wrong_key": _("No entry fits the audit key: this is not the key that the chain was written with."),
    }


@dataclass(frozen=True)
class VerifyResult:
    """What a walk found. `more` counts faulty entries beyond those listed; `warnings` do not make the chain broken."""

    entries: int
    head: str
    faults: tuple[Fault, ...]
    more: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        faults = [fault.as_json() for fault in self.faults]
        return {"ok": self.ok, "entries": self.entries, "head": self.head, "faults": faults, "more": self.more,
                "warnings": list(self.warnings)}  # fmt: skip


# What the converters of the database layer raise on content that no honest writer left there.
_UNREADABLE = (ValueError, TypeError, RecursionError)


def _digest(row: Row) -> str:
    try:
        return digest_of(row.content) if row.content is not None else ""
    except RecursionError:
        return ""


@dataclass
class _Walk:
    """The state of one walk along the entries in the order of their numbers."""

    seen: int = 0
    last: int = 0
    last_hash: str = GENESIS
    last_authentic: int = 0
    bad: list[Row] = field(default_factory=list)
    bad_count: int = 0
    forks: list[int] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    _expected: frozenset[str] = frozenset({GENESIS})
    _previous_bad: bool = False

    def step(self, row: Row) -> None:
        self.seen += 1
        actual = _digest(row)
        authentic = row.seq > 0 and actual == row.hash
        if not authentic:
            self.bad_count += 1
            if len(self.bad) < KEPT:
                self.bad.append(row)
        if row.seq <= self.last:  # outside the numbers, or the same number again: nothing can follow it
            return
        gap = row.seq > self.last + 1
        if gap:
            self.gaps.append((self.last + 1, row.seq - 1))
        elif authentic and not self._previous_bad and row.prev_hash not in self._expected:
            self.forks.append(row.seq)
        # A changed hash field spoils only its own entry: the next one points to what that hash should be.
        self._expected, self._previous_bad = frozenset({row.hash, actual}), not authentic
        self.last, self.last_hash = row.seq, row.hash
        if authentic:
            self.last_authentic = row.seq

    @property
    def last_is_bad(self) -> bool:
        return self._previous_bad


def _rows(after: int | None) -> Iterator[Row]:
    """Yield the entries page by page, so that neither memory nor a long read stands in the way of writers."""
    entries = AuditEntry.objects.order_by("seq")
    while page := _page(entries if after is None else entries.filter(seq__gt=after)):
        yield from page
        after = page[-1].seq


def _page(entries: QuerySet[AuditEntry]) -> list[Row]:
    try:
        return [_row(values) for values in entries.values_list(*HASHED, "hash")[:PAGE]]
    except _UNREADABLE:
        seqs = [seq for seq in entries.values_list("seq", flat=True)[:PAGE] if isinstance(seq, int)]
        return [_readable_or_not(seq) for seq in seqs]


def _row(values: tuple[Any, ...]) -> Row:
    content = dict(zip(HASHED, values, strict=False))
    if not isinstance(content["seq"], int):
        raise TypeError("the number of an entry is no number")
    return Row(content["seq"], str(values[-1]), str(content["prev_hash"]), content)


def _readable_or_not(seq: int) -> Row:
    try:
        return _row(AuditEntry.objects.values_list(*HASHED, "hash").get(seq=seq))
    except _UNREADABLE:
        hashes = AuditEntry.objects.values_list("hash", "prev_hash").get(seq=seq)
        return Row(seq, str(hashes[0]), str(hashes[1]), None)


def verify_chain(anchor: str | None = None) -> VerifyResult:
    """Walk the whole chain and return what is wrong with it. Others may go on writing meanwhile.

    `anchor` is "seq:hash" as printed on a bulletin (the hash may be cut to 16 characters or more): the chain must
    still hold that very entry. Raises DomainError when the anchor is written in another way.
    """
    expected = parse_anchor(anchor) if anchor else None
    walk, total = _Walk(), AuditEntry.objects.count()
    for row in _rows(None):
        walk.step(row)
    head = AuditHead.objects.first()
    if head is not None and head.seq > walk.last and _is_sealed(head):
        for row in _rows(walk.last):  # written since the walk began
            if row.seq <= head.seq:
                walk.step(row)
    faults = sorted([*_entry_faults(walk, head), *_unnumbered(walk, total)], key=lambda fault: (fault.seq, fault.kind))
    faults += _head_faults(walk, head) + (_anchor_faults(walk, expected) if expected else [])
    if walk.bad_count == walk.seen > 2 and (head is None or not _is_sealed(head)):
        faults = [Fault("wrong_key", 1, walk.last)]
    head_text = f"{head.seq}:{head.hash}" if head else f"{walk.last}:{walk.last_hash}"
    more = walk.bad_count - len(walk.bad) + max(0, len(walk.forks) - KEPT)
    return VerifyResult(walk.seen, head_text, tuple(faults), more, tuple(_warnings()))


def _is_sealed(head: AuditHead) -> bool:
    return hmac.compare_digest(head.seal.encode("utf-8", "replace"), head_seal(head.seq, head.hash).encode())


def _entry_faults(walk: _Walk, head: AuditHead | None) -> list[Fault]:
    sealed = head is not None and _is_sealed(head)
    tail = [(walk.last + 1, head.seq)] if head is not None and sealed and head.seq > walk.last else []
    end = head.seq if head is not None and sealed else walk.last
    origins = Origins(walk.bad, walk.gaps + tail)
    faults, moved = [Fault("forked", seq, seq) for seq in walk.forks[:KEPT]], {}
    for row in walk.bad:
        kind, other = origins.of(row)
        if kind == "moved" and other is not None:
            moved[row.seq] = other
        if kind == "edited" and not 0 < row.seq <= end:
            kind = "inserted"
        faults.append(Fault(kind, row.seq, row.seq, other))
    lacking = subtract([*walk.gaps, *tail, *((seq, seq) for seq in moved if 0 < seq <= end)], set(moved.values()))
    return faults + [Fault("cut_tail" if first > walk.last else "removed", first, last) for first, last in lacking]


def _unnumbered(walk: _Walk, total: int) -> list[Fault]:
    """Entries that share a number, or have none: the table's key forbids it; whoever takes the key away can do it."""
    twice = AuditEntry.objects.order_by().values("seq").annotate(n=Count("seq")).filter(n__gt=1)[:KEPT]
    doubled = [Fault("doubled", row["seq"], row["seq"]) for row in twice]
    return doubled or ([Fault("inserted", 0, 0)] if total > walk.seen else [])


def _head_faults(walk: _Walk, head: AuditHead | None) -> list[Fault]:
    if head is None:
        return [Fault("head_missing", walk.last, walk.last)] if walk.seen else []
    if not _is_sealed(head):
        return [Fault("head_forged", head.seq, head.seq)]
    if walk.last_authentic > head.seq:
        return [Fault("head_set_back", head.seq + 1, head.seq + 1)]
    if walk.last == head.seq and not walk.last_is_bad and walk.last_hash != head.hash:
        return [Fault("forked", head.seq, head.seq)]
    return []


def parse_anchor(text: str) -> tuple[int, str]:
    """Return (seq, hash) of an anchor "seq:hash". Raises DomainError."""
    found = re.fullmatch(r"#?(\d{1,18}):([0-9a-f]{16,64})", text.strip().lower())
    if not found:
        raise DomainError(
            _("“%(anchor)s” is no anchor of the audit chain.") % {"anchor": text[:100]},
            hint=_("It is written number:hash, for example 1234:9f86d081884c7d65, as on the bulletin."),
            field="anchor",
        )
    return int(found[1]), found[2]


def _anchor_faults(walk: _Walk, expected: tuple[int, str]) -> list[Fault]:
    seq, hash_ = expected
    if seq > walk.last:
        return [Fault("rolled_back", walk.last, walk.last, seq)]
    stored = GENESIS if seq == 0 else AuditEntry.objects.filter(seq=seq).values_list("hash", flat=True).first()
    if stored is None or not stored.startswith(hash_):
        return [Fault("anchor_differs", seq, seq)]
    return []


def _warnings() -> list[str]:
    """What does not break the chain but should be known: missing triggers, and earlier tampering that was sealed over."""
    found = []
    if lost := guards.missing(connection):
        text = _(
            "Triggers that protect the audit table are missing: %(names)s. “lantian django migrate” lays them again."
        )
        found.append(text % {"names": ", ".join(lost)})
    for entry in AuditEntry.objects.filter(action=RESEAL).only("seq", "reason").order_by("seq")[:20]:
        text = _("The chain was broken before and sealed anew with #%(seq)s: %(reason)s")
        found.append(text % {"seq": entry.seq, "reason": entry.reason})
    return found
