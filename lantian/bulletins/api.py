"""The HTTP API of the bulletins room: circulars made, making one, the office's Word templates."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Router
from ninja.files import UploadedFile

from lantian.bulletins import documents, schemas, services
from lantian.bulletins.models import Bulletin, Template
from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.kit.api import Id, paged
from lantian.kit.export import attachment
from lantian.plan.dispatch import visible_rounds
from lantian.records.services import open_stored

router = Router()
TAGS = ["Bulletins"]
VIEW = Guard("bulletin.view")
TEMPLATES = Guard("bulletin.template")
WORD: dict[str, Any] = {
    "responses": {"200": {"content": {documents.DOCX_MIME: {"schema": {"type": "string", "format": "binary"}}}}}
}


def _bulletins() -> QuerySet[Bulletin]:
    return Bulletin.objects.select_related("made_by").order_by("-pk")


@router.get("/bulletins", response=list[schemas.BulletinOut], auth=VIEW, tags=TAGS)
@paged
def bulletins(request: SignedRequest) -> QuerySet[Bulletin]:
    """Circulars that were made, the newest first."""
    return _bulletins().defer("content", "figures")


@router.get("/bulletins/{pk}", response=schemas.BulletinDetail, auth=VIEW, tags=TAGS)
def bulletin(request: SignedRequest, pk: Id) -> Bulletin:
    """One circular with every figure in it."""
    return get_object_or_404(_bulletins(), pk=pk)


@router.get("/bulletins/{pk}/word", auth=VIEW, tags=TAGS, openapi_extra=WORD)
def bulletin_word(request: SignedRequest, pk: Id) -> HttpResponse:
    """The Word file as it was made."""
    found = get_object_or_404(Bulletin.objects.select_related("file").defer("content"), pk=pk)
    with open_stored(found.file) as file:
        return attachment(file.read(), f"{found.title}.docx", documents.DOCX_MIME)


@router.post("/rounds/{pk}/bulletins", response={201: schemas.BulletinDetail}, auth=Guard("bulletin.make"), tags=TAGS)
def make_bulletin(request: SignedRequest, pk: Id, data: schemas.MakeIn) -> Bulletin:
    """Make the circular of a round with the template in force, and keep it."""
    found = get_object_or_404(visible_rounds(scope_of(request.user)).select_related("document"), pk=pk)
    made = services.make(request.user, found, issuer=data.issuer, number=data.number, print_reasons=data.print_reasons)
    return _bulletins().get(pk=made.pk)


@router.get("/bulletin-templates", response=list[schemas.TemplateOut], auth=TEMPLATES, tags=TAGS)
@paged
def templates(request: SignedRequest) -> QuerySet[Template]:
    """The office's Word templates; without one in force the system's own is used."""
    return Template.objects.select_related("uploaded_by").order_by("-pk")


@router.post("/bulletin-templates", response={201: schemas.TemplateOut}, auth=TEMPLATES, tags=TAGS)
def upload_template(request: SignedRequest, file: File[UploadedFile]) -> Template:
    """Check a Word template (multipart/form-data) and put it in force."""
    return services.upload_template(request.user, file)


@router.post("/bulletin-templates/restore", response={204: None}, auth=TEMPLATES, tags=TAGS)
def restore_template(request: SignedRequest) -> None:
    """Go back to the template that comes with the system."""
    services.use_template(request.user, None)


@router.post("/bulletin-templates/{pk}/use", response=schemas.TemplateOut, auth=TEMPLATES, tags=TAGS)
def use_template(request: SignedRequest, pk: Id) -> Template:
    """Put a template of the list in force."""
    found = get_object_or_404(Template.objects.select_related("uploaded_by", "file"), pk=pk)
    services.use_template(request.user, found)
    return found
