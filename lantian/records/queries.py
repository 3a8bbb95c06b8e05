"""What a person may see of the records, and where other rooms say how their records and evidence belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from lantian.city.access import Scope
from lantian.records.chain import anchor as audit_anchor
from lantian.records.models import AuditEntry, Evidence

__all__ = [
    "Usage",
    "audit_anchor",
    "evidence_visible_to",
    "for_strip",
    "history_of",
    "line_of",
    "register_evidence_scope",
    "register_evidence_usage",
    "usages_of",
]

EvidenceScope = Callable[[Scope], QuerySet[Any] | Iterable[QuerySet[Any]]]


@dataclass(frozen=True)
class Usage:
    """One place where evidence is used: what it is (text), its address ("" if it has no page), a word on it."""

    label: str
    url: str = ""
    note: str = ""


EvidenceUsage = Callable[[Evidence, Scope], Iterable[Usage]]
_scopes: list[EvidenceScope] = []
_usages: list[EvidenceUsage] = []


def register_evidence_scope(fn: EvidenceScope) -> EvidenceScope:
    """Register `fn(scope)` -> one or several querysets of the keys of evidence that a person sees as well.

    Each queryset has one column (`Link.objects.filter(…).values("evidence_id")`); a link table asked by itself is
    quicker than a join. Called once by each room that uses evidence, in its app's `ready()`. Returns `fn`, so that it
    can decorate.
    """
    if fn not in _scopes:
        _scopes.append(fn)
    return fn


def register_evidence_usage(fn: EvidenceUsage) -> EvidenceUsage:
    """Register `fn(evidence, scope)` -> the Usage entries of a room that this person may see."""
    if fn not in _usages:
        _usages.append(fn)
    return fn


def evidence_visible_to(scope: Scope, *, pk: int | None = None) -> QuerySet[Evidence]:
    """Return the evidence that a person may see (with `pk`: of that one, which is asked more quickly).

    All for those who see everything; otherwise that of their places and agencies, their own uploads, and what the
    registered rooms add. Nothing without the verb evidence.view.
    """
    rows = Evidence.objects.all() if pk is None else Evidence.objects.filter(pk=pk)
    if not scope.may("evidence.view"):
        return rows.none()
    if scope.sees_everything:
        return rows
    seen = Q(uploaded_by=scope.user_id)
    if scope.place_ids:
        seen |= Q(place__in=scope.place_ids)
    if scope.agency_ids:
        seen |= Q(agency__in=scope.agency_ids)
    # A key that no index serves: else SQLite collects every row by index and sorts them all for one page.
    rows = rows.alias(bare_key=F("pk") + 0)
    for keys in _registered(scope):
        seen |= Q(bare_key__in=keys) if pk is None else Q(Exists(keys.filter(**{_column(keys): pk})))
    return rows.filter(seen)


def _registered(scope: Scope) -> Iterator[QuerySet[Any]]:
    for fn in _scopes:
        found = fn(scope)
        yield from [found] if isinstance(found, QuerySet) else found


def _column(keys: QuerySet[Any]) -> str:
    """Return the name of a queryset's one column."""
    return str(keys.query.values_select[0])


def for_strip(evidence: QuerySet[Evidence]) -> QuerySet[Evidence]:
    """Return evidence with all that `records/evidence_strip.html` shows, in one query (use it in a Prefetch)."""
    newer = Evidence.objects.filter(replaces=OuterRef("pk"))
    return evidence.select_related("file", "uploaded_by").annotate(is_replaced=Exists(newer)).order_by("id")


def line_of(evidence: Evidence) -> list[int]:
    """Return the keys of a piece of evidence with all that it replaced and all that replaced it, oldest first."""
    line = [evidence.pk]
    while older := Evidence.objects.filter(replaced_by=line[0]).values_list("pk", flat=True).first():
        line.insert(0, older)
    while newer := Evidence.objects.filter(replaces=line[-1]).values_list("pk", flat=True).first():
        line.append(newer)
    return line


def usages_of(evidence: Evidence, scope: Scope) -> list[Usage]:
    """Return where a piece of evidence is used, as far as this person may see it."""
    return [usage for fn in _usages for usage in fn(evidence, scope)]


def history_of(record: Model) -> QuerySet[AuditEntry]:
    """Return the audit entries about one record, newest first."""
    return AuditEntry.objects.filter(target_type=record._meta.label_lower, target_id=str(record.pk))
