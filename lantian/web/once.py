"""A POST with an Idempotency-Key is done once: the same request again gets the first answer.

The claim of the key, the change itself and the stored answer are one transaction. So a crash leaves neither, a refusal
(4xx) is forgotten and may be tried again, and of two requests at the same moment the second waits for the first.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city.models import User
from lantian.kit.api import problem
from lantian.web.models import ReplayedAnswer

KEEP = dt.timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{8,80}")
Run = Callable[[], HttpResponse]


def once(user: User, key: str, request: HttpRequest, run: Run) -> HttpResponse:
    """Run the request, or return the answer of its first run (with the header Idempotency-Replayed)."""
    if not _KEY.fullmatch(key):
        return problem(
            422,
            _("The Idempotency-Key must have 8 to 80 visible ASCII characters."),
            hint=_("Use a new UUID for each thing to be done."),
            field="Idempotency-Key",
        )
    fingerprint = _fingerprint(request)
    known = ReplayedAnswer.objects.filter(user=user, key=key).first()
    if known is not None:
        return _again(known, fingerprint)
    try:
        with transaction.atomic():
            return _first(user, key, fingerprint, run)
    except IntegrityError:
        known = ReplayedAnswer.objects.filter(user=user, key=key).first()
        if known is None:
            raise
        return _again(known, fingerprint)


def _first(user: User, key: str, fingerprint: str, run: Run) -> HttpResponse:
    now = timezone.now()
    ReplayedAnswer.objects.filter(created_at__lt=now - KEEP).delete()
    claim = ReplayedAnswer.objects.create(user=user, key=key, fingerprint=fingerprint, created_at=now)
    response = run()
    if response.status_code >= 400:
        transaction.set_rollback(True)
    elif response.get("Cache-Control") == "no-store":
        # A secret is shown once; it is not kept for a second time.
        claim.delete()
    else:
        claim.status, claim.body = response.status_code, response.content.decode()
        claim.etag = response.get("ETag", "")
        claim.save(update_fields=["status", "body", "etag"])
    return response


def _again(known: ReplayedAnswer, fingerprint: str) -> HttpResponse:
    if known.fingerprint != fingerprint:
        return problem(
            422,
            _("This Idempotency-Key was used for another request."),
            hint=_("Use a new key for a new thing to be done."),
            field="Idempotency-Key",
        )
    response = HttpResponse(known.body, status=known.status, content_type="application/json; charset=utf-8")
    response["Idempotency-Replayed"] = "true"
    if known.etag:
        response["ETag"] = known.etag
    return response


def _fingerprint(request: HttpRequest) -> str:
    """Return a digest of address and content. The boundary of a multipart body is not content."""
    total = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        total.update(request.body)
        return total.hexdigest()
    for name, values in sorted(request.POST.lists()):
        total.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            total.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                total.update(chunk)
            file.seek(0)
    return total.hexdigest()
