"""Which texts a person may see, and which they may import, review and adopt."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.kit.errors import NotAllowed
from lantian.plan.models import Document, DocumentVersion

_PUBLIC_STATES = (DocumentVersion.State.ADOPTED, DocumentVersion.State.SUPERSEDED)
_VERBS = {
    "import": ("plan.import", "plan.import_county"),
    "review": ("plan.review", "plan.import_county"),
    "adopt": ("plan.adopt", "plan.import_county"),
    "trace": ("plan.trace", "plan.trace"),
}


def visible_versions(scope: Scope) -> QuerySet[DocumentVersion]:
    """Adopted and former texts for everybody who may see plans; drafts for those who work on them."""
    # The reader's output is large and only kept: no page needs it.
    versions = DocumentVersion.objects.select_related("document", "document__place", "imported_by").defer("parsed")
    if not scope.may("plan.view"):
        return versions.none()
    if scope.may_at("plan.review"):
        return versions
    own = Q(document__kind=Document.Kind.COUNTY_PLAN, document__place_id__in=scope.place_ids)
    if not scope.may("plan.import_county"):
        own = Q(pk__in=[])
    return versions.filter(Q(state__in=_PUBLIC_STATES) | own)


def may_work(scope: Scope, what: str, *, kind: str, place_id: int) -> bool:
    """Tell whether the person may import, review, adopt or trace ("import" …) a text of this kind at this place.

    The office works on every text, a county on its own implementation plan.
    """
    office, county = _VERBS[what]
    if scope.may_at(office):
        return True
    return kind == Document.Kind.COUNTY_PLAN and scope.may_at(county, place_ids=[place_id])


def may_work_on(scope: Scope, what: str, version: DocumentVersion) -> bool:
    return may_work(scope, what, kind=version.document.kind, place_id=version.document.place_id)


def require_work(scope: Scope, what: str, *, kind: str, place_id: int) -> None:
    """Raise NotAllowed unless `may_work`."""
    if may_work(scope, what, kind=kind, place_id=place_id):
        return
    raise NotAllowed(
        _("Your role does not allow this for this text (%(verb)s).") % {"verb": _VERBS[what][0]},
        hint=_("The leading-group office works on the city's plan, each county on its own implementation plan."),
    )


def require_work_on(scope: Scope, what: str, version: DocumentVersion) -> None:
    require_work(scope, what, kind=version.document.kind, place_id=version.document.place_id)


def counties_to_import_for(scope: Scope) -> QuerySet[Place]:
    """Return the areas whose implementation plan this person may hand in."""
    areas = Place.objects.areas()
    if scope.may_at("plan.import"):
        return areas
    return areas.filter(pk__in=scope.place_ids) if scope.may("plan.import_county") else areas.none()
