"""Evidence in an enterprise's file: put in by those who may, seen by those who see the enterprise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import Scope, scope_of
from lantian.city.models import User
from lantian.records.models import Evidence
from lantian.records.queries import Usage, register_evidence_scope, register_evidence_usage
from lantian.records.services import audit
from lantian.sources import access
from lantian.sources.models import Enterprise, Paper
from lantian.sources.queries import visible_to


@transaction.atomic
def add_papers(actor: User, enterprise: Enterprise, evidence: Iterable[Evidence], *, code: str = "") -> list[Paper]:
    """Put evidence into an enterprise's file; `code` names the row that it proves. Once each. Raises NotAllowed."""
    access.require(scope_of(actor), "source.view", enterprise)
    scope_of(actor).require("evidence.add")
    made = []
    for one in evidence:
        paper, new = Paper.objects.get_or_create(
            enterprise=enterprise, evidence=one, defaults={"code": code, "at": clock.now(), "by": actor}
        )
        if new:
            audit(actor, "sources.paper", enterprise, data={"evidence": one.pk, "code": code})
            made.append(paper)
    return made


def _seen(scope: Scope) -> QuerySet[Any]:
    return Paper.objects.filter(enterprise__in=visible_to(scope)).values("evidence_id")


def _usages(evidence: Evidence, scope: Scope) -> Iterator[Usage]:
    papers = Paper.objects.filter(evidence=evidence, enterprise__in=visible_to(scope)).select_related("enterprise")
    for paper in papers:
        yield Usage(
            _("File of %(enterprise)s") % {"enterprise": paper.enterprise},
            paper.enterprise.get_absolute_url(),
            paper.code,
        )


def register() -> None:
    """Tell the records room which evidence belongs to whom (at start-up)."""
    register_evidence_scope(_seen)
    register_evidence_usage(_usages)
