"""Files go out only here: after the question whether the person may see them, as attachments, never as pages."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.records.files import open_stored, thumb_of
from lantian.records.models import Evidence
from lantian.records.pictures import PictureError
from lantian.records.queries import evidence_visible_to

# Whatever a browser makes of the content, it may load and run nothing.
_SANDBOX = "default-src 'none'; sandbox"


def visible_evidence(request: HttpRequest, pk: int) -> Evidence:
    """Return the evidence if this person may see it, else 404."""
    rows = evidence_visible_to(scope_of(request.user), pk=pk).select_related(
        "file", "uploaded_by", "reviewed_by", "place", "agency", "replaces"
    )
    evidence: Evidence = get_object_or_404(rows, pk=pk)
    return evidence


def _guarded(response: HttpResponseBase, cache: str) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = cache
    return response


@require_safe
@needs("evidence.view")
def download(request: SignedRequest, pk: int) -> HttpResponseBase:
    """The file as it was handed in, under its cleaned name."""
    evidence = visible_evidence(request, pk)
    response = FileResponse(
        open_stored(evidence.file), as_attachment=True, filename=evidence.name, content_type=evidence.file.mime
    )
    return _guarded(response, "private, no-store")


@require_safe
@needs("evidence.view")
def thumb(request: SignedRequest, pk: int) -> HttpResponseBase:
    """A picture, re-encoded and without metadata; `?size=view` for the large one."""
    evidence = visible_evidence(request, pk)
    size = "view" if request.GET.get("size") == "view" else "thumb"
    try:
        content = thumb_of(evidence.file, size)
    except PictureError as error:
        raise Http404 from error
    return _guarded(HttpResponse(content, content_type="image/jpeg"), "private, max-age=3600")
