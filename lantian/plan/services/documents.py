"""Texts come in: a file or pasted text is checked, kept, read, and its content stored for review."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import Place, User
from lantian.city.queries import gazetteer_from_database
from lantian.kit.errors import Conflict, DomainError, Unlawful
from lantian.kit.locking import check_repeat, check_version, update_versioned
from lantian.plan import reader
from lantian.plan.county_tracing import city_version_for
from lantian.plan.document_access import require_work, require_work_on
from lantian.plan.goals import goals_to_keep
from lantian.plan.models import Document, DocumentVersion, ReviewAction
from lantian.plan.rules.matching import bare
from lantian.plan.rules.periods import plan_period
from lantian.plan.services.adoption import adopt
from lantian.plan.services.inheritance import inherit_review
from lantian.plan.services.review_acts import done_before
from lantian.plan.services.rows import Names, store_reading
from lantian.plan.services.succession import previous_of
from lantian.plan.services.traces import suggest_traces
from lantian.records.services import audit, examine, store_file

__all__ = ["adopt", "discard", "import_document"]


@dataclass(frozen=True)
class _Incoming:
    """A text on its way in. `reading` is what the reader made of it."""

    name: str
    content: Any
    sha256: str
    reading: reader.Reading


def import_document(
    actor: User,
    source: Any,
    *,
    kind: str,
    place: Place,
    serves: Document | None = None,
    document: Document | None = None,
    name: str = "",
    key: str | None = None,
) -> DocumentVersion:
    """Read a text and store it for review; return its version. Its attribute `was_there` is True when these very
    bytes are there already (the existing version is returned and nothing is written).

    `source`: an uploaded file, a path, or bytes (then with `name`). `kind`: "city_plan" or "county_plan"; `serves`:
    the city plan that a county's carries out. `document`: of which this is a re-issued text; found by kind, place
    and title if not given. Raises NotAllowed; BadFile for files too large or of another kind; DomainError when the
    text cannot be read or holds no task; Conflict while another text of the document is in review.
    """
    require_work(scope_of(actor), "import", kind=kind, place_id=place.pk)
    _check_destination(kind, place, serves, document)
    earlier = DocumentVersion.objects.filter(idempotency_key=key).first() if key else None
    if earlier is not None:
        check_repeat(earlier, imported_by_id=actor.pk)
        check_repeat(earlier.document, kind=kind, place_id=place.pk)
        return _known(earlier)
    file, name = _opened(source, name)
    examine(file, name=name, purpose="document")
    content = _content(file)
    sha256 = hashlib.sha256(content).hexdigest()
    existing = _same_bytes(sha256, kind, place, serves)
    if existing is not None:
        return _known(existing)
    # Read before the transaction: a slow PDF must not hold the write lock.
    incoming = _Incoming(name, file, sha256, reader.read(content, name, gazetteer_from_database()))
    return _store(actor, incoming, kind=kind, place=place, serves=serves, document=document, key=key)


def _known(version: DocumentVersion) -> DocumentVersion:
    version.was_there = True
    return version


def _check_destination(kind: str, place: Place, serves: Document | None, document: Document | None) -> None:
    if kind not in Document.Kind.values:
        raise DomainError(_("“%s” is no kind of document.") % kind, field="kind")
    if kind == Document.Kind.CITY_PLAN and (place.kind != Place.Kind.CITY or serves is not None):
        raise DomainError(_("A city plan belongs to the city itself."), field="place")
    if kind == Document.Kind.COUNTY_PLAN:
        if place.kind not in Place.AREA_KINDS:
            raise DomainError(_("“%s” is no county, development zone or scenic area.") % place, field="place")
        if serves is None or serves.kind != Document.Kind.CITY_PLAN:
            raise DomainError(_("Say which city plan this implementation plan carries out."), field="serves")
    if document is not None and (document.kind, document.place_id) != (kind, place.pk):
        raise DomainError(_("“%s” is a document of another kind or place.") % document, field="document")


def _opened(source: Any, name: str) -> tuple[Any, str]:
    """Return a Django file and its name."""
    if isinstance(source, bytes):
        return ContentFile(source, name=name), name
    if isinstance(source, str | Path):
        path = Path(source)
        try:
            return ContentFile(path.read_bytes(), name=name or path.name), name or path.name
        except OSError as error:
            raise DomainError(
                _("%(path)s cannot be opened: %(why)s.") % {"path": path, "why": error.strerror},
                hint=_("Check the path and that you may read the file."),
            ) from error
    return source, name or Path(source.name or "").name


def _content(file: Any) -> bytes:
    stream: BinaryIO = getattr(file, "file", file)
    stream.seek(0)
    content = stream.read()
    stream.seek(0)
    return content if isinstance(content, bytes) else io.BytesIO(content).getvalue()


def _same_bytes(sha256: str, kind: str, place: Place, serves: Document | None) -> DocumentVersion | None:
    same = DocumentVersion.objects.filter(
        file_id=sha256, document__kind=kind, document__place=place, document__serves=serves
    )
    return same.exclude(state=DocumentVersion.State.DISCARDED).select_related("document").first()


@transaction.atomic
def _store(
    actor: User,
    incoming: _Incoming,
    *,
    kind: str,
    place: Place,
    serves: Document | None,
    document: Document | None,
    key: str | None,
) -> DocumentVersion:
    # One text of a place at a time: two people who import it at the same moment would else make two documents of it.
    Place.objects.select_for_update(of=("self",)).get(pk=place.pk)
    if (same := _same_bytes(incoming.sha256, kind, place, serves)) is not None:
        return _known(same)
    read = incoming.reading
    title = (read.parsed.get("title") or Path(incoming.name).stem)[:200]
    home = document or _document_of(kind, place, serves, title)
    if home is None:
        home = Document.objects.create(kind=kind, title=title, place=place, serves=serves, created_at=clock.now())
    Document.objects.select_for_update().get(pk=home.pk)
    _refuse_second_review(home)
    version = _version(actor, home, incoming, title, key)
    store_reading(version, read.parsed, Names.of_database(read.gazetteer))
    if kind == Document.Kind.COUNTY_PLAN and city_version_for(version) is not None:
        suggest_traces(actor, version)
    previous = previous_of(version)
    counts = {"tasks": version.tasks.count(), "file": incoming.name, "sha256": incoming.sha256}
    counts["reviewed_before"] = inherit_review(version, previous) if previous else 0
    audit(actor, "plan.import", version, data=counts | {"reader": read.reader_version})
    return version


def _document_of(kind: str, place: Place, serves: Document | None, title: str) -> Document | None:
    """Return the document that this is a re-issued text of: a county has one plan per city plan, a city one per title."""
    candidates = Document.objects.filter(kind=kind, place=place, serves=serves)
    if kind == Document.Kind.COUNTY_PLAN:
        return candidates.first()
    return next((one for one in candidates if bare(one.title) == bare(title)), None)


def _refuse_second_review(document: Document) -> None:
    open_ = document.versions.filter(state=DocumentVersion.State.IN_REVIEW).first()
    if open_ is not None:
        raise Conflict(
            _("Version %(n)s of “%(document)s” is still in review.") % {"n": open_.ordinal, "document": document},
            hint=_("Adopt it or discard it, then import the new text."),
        )


def _version(actor: User, home: Document, incoming: _Incoming, title: str, key: str | None) -> DocumentVersion:
    parsed = incoming.reading.parsed
    issued_on = _day(parsed.get("date"))
    period_from, period_to = plan_period(title, issued_on)
    last = home.versions.order_by("-ordinal").values_list("ordinal", flat=True).first()
    return DocumentVersion.objects.create(
        document=home, ordinal=(last or 0) + 1, file=store_file(incoming.content, name=incoming.name, purpose="document"),
        file_name=incoming.name[:200], text=incoming.reading.text,
        text_sha256=hashlib.sha256(incoming.reading.text.encode("utf-8", "surrogatepass")).hexdigest(),
        reader_version=incoming.reading.reader_version, parsed=parsed,
        goals=goals_to_keep(parsed), warnings=parsed.get("warning_details") or [],
        title=title, number=(parsed.get("number") or "")[:80], issuer=(parsed.get("issuer") or "")[:120],
        issued_on=issued_on, period_from=period_from, period_to=period_to, imported_by=actor,
        imported_at=clock.now(), idempotency_key=key,
    )  # fmt: skip


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@transaction.atomic
def discard(
    actor: User, version: DocumentVersion, *, reason: str, seen_version: int | None = None, key: str | None = None
) -> DocumentVersion:
    """Put a text in review aside; it stays readable with the reason. Raises NotAllowed, Unlawful, Conflict."""
    locked = DocumentVersion.objects.select_for_update().select_related("document").get(pk=version.pk)
    require_work_on(scope_of(actor), "review", locked)
    if done_before(actor, locked, "discard", key):
        return locked
    if locked.state != DocumentVersion.State.IN_REVIEW:
        raise Unlawful(
            _("“%(version)s” is %(state)s; only a text in review can be discarded.")
            % {"version": locked, "state": locked.get_state_display()}
        )
    if not reason.strip():
        raise DomainError(_("Say why the text is discarded."), field="reason")
    check_version(locked, seen_version)
    update_versioned(locked, state=DocumentVersion.State.DISCARDED)
    ReviewAction.objects.create(version=locked, by=actor, at=clock.now(), verb="discard", idempotency_key=key)
    audit(actor, "plan.discard", locked, changes={"state": ("in_review", "discarded")}, reason=reason)
    return locked
