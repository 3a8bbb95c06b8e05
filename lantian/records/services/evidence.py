"""Handing in and reviewing evidence."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import Agency, Place, User
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.kit.locking import check_repeat, check_version, update_versioned
from lantian.records.files import store_file
from lantian.records.models import Evidence
from lantian.records.names import clean_name, escaped
from lantian.records.queries import evidence_visible_to
from lantian.records.services.auditing import audit
from lantian.records.services.notifying import notify
from lantian.records.wording import Wording

MAX_TITLE = 200


@transaction.atomic
def add_evidence(
    actor: User,
    upload: Any,
    *,
    effective_on: dt.date,
    expires_on: dt.date | None = None,
    title: str = "",
    place: Place | None = None,
    agency: Agency | None = None,
    replaces: Evidence | None = None,
    key: str | None = None,
) -> Evidence:
    """Store an uploaded file as evidence and return it.

    `effective_on` is the day that the proof speaks of (not after today), `expires_on` the last day on which it proves
    anything (a permit, a contract). `place` and `agency` say whom it concerns and so who sees it; the calling service
    has checked that they are right. `replaces` is the evidence that this one takes the place of. The same `key` again
    returns what the first call made. Raises NotAllowed, DomainError, Conflict, Unlawful, and BadFile or FileTooLarge
    for the file itself.
    """
    scope_of(actor).require("evidence.add")
    if replaces is not None:
        # Locked: whoever accepts it at this moment comes before or after.
        replaces = Evidence.objects.select_for_update(of=("self",)).get(pk=replaces.pk)
    about = {"place": place, "agency": agency, "replaces": replaces}
    if key and (made := _made_before(actor, key, about)):
        return made
    if replaces is not None:
        require_replaceable(actor, replaces)
    _check_days(effective_on, expires_on)
    raw = str(getattr(upload, "name", None) or "file")
    stored = store_file(upload)
    evidence = Evidence(
        file=stored, name=clean_name(raw), original_name=escaped(raw), title=title.strip()[:MAX_TITLE],
        effective_on=effective_on, expires_on=expires_on, uploaded_at=clock.now(), uploaded_by=actor, place=place, agency=agency,
        replaces=replaces, idempotency_key=key or None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            evidence.save(force_insert=True)
    except IntegrityError:
        if made := _written_meanwhile(actor, key, about):
            return made
        raise
    audit(actor, "evidence.add", evidence, data=_facts(evidence))
    return evidence


def _made_before(actor: User, key: str, about: dict[str, Any]) -> Evidence | None:
    made = Evidence.objects.filter(idempotency_key=key).first()
    if made is not None:
        check_repeat(made, uploaded_by_id=actor.pk, **{f"{name}_id": one and one.pk for name, one in about.items()})
    return made


def _written_meanwhile(actor: User, key: str | None, about: dict[str, Any]) -> Evidence | None:
    """The same form, or another replacement of the same evidence, was written a moment ago."""
    if key and (made := _made_before(actor, key, about)):
        return made
    replaces = about["replaces"]
    if replaces is not None and Evidence.objects.filter(replaces=replaces).exists():
        raise _replaced_already(replaces)
    return None


def _check_days(effective_on: dt.date, expires_on: dt.date | None) -> None:
    if effective_on > clock.today():
        raise DomainError(
            _("The effective date %(day)s lies in the future.") % {"day": effective_on.isoformat()},
            hint=_("Enter the day that the proof speaks of: when the picture was taken or the document was signed."),
            field="effective_on",
        )
    if expires_on is not None and expires_on < effective_on:
        raise DomainError(
            _("It would be valid until %(day)s, a day before the one that it speaks of.")
            % {"day": expires_on.isoformat()},
            hint=_("Correct one of the two days."),
            field="expires_on",
        )


def require_replaceable(actor: User, old: Evidence) -> None:
    """Raise NotAllowed, Unlawful (accepted) or Conflict (replaced already) unless the person may replace evidence."""
    _require_holder(actor, old)
    if old.review == Evidence.Review.ACCEPTED:
        raise Unlawful(
            _("“%(evidence)s” was accepted and cannot be replaced any more.") % {"evidence": old},
            hint=_("Hand in a new file beside it, or ask the reviewer to reject it first."),
        )
    if Evidence.objects.filter(replaces=old).exists():
        raise _replaced_already(old)


def may_replace(actor: User, old: Evidence) -> bool:
    """Tell whether this person may hand in a newer file in place of this one, now."""
    try:
        require_replaceable(actor, old)
    except DomainError:
        return False
    return True


def _require_holder(actor: User, old: Evidence) -> None:
    """Those who handed it in: the person, or their place or agency. Not the office merely because it may do everything."""
    scope = scope_of(actor)
    scope.require("evidence.add")
    of_holder = old.place_id in scope.place_ids or old.agency_id in scope.agency_ids
    if old.uploaded_by_id != actor.pk and not of_holder:
        raise NotAllowed(
            _("Only those who handed in “%(evidence)s” may replace it.") % {"evidence": old},
            hint=_("Ask %(person)s to do it.") % {"person": old.uploaded_by},
        )


def _replaced_already(old: Evidence) -> Conflict:
    return Conflict(
        _("“%(evidence)s” has been replaced already.") % {"evidence": old},
        hint=_("Open the newer file and replace that one."),
    )


def _ids(pk: int | None) -> list[int]:
    return [pk] if pk else []


def _facts(evidence: Evidence) -> dict[str, Any]:
    return {
        "sha256": evidence.file_id, "bytes": evidence.file.size, "name": evidence.name,
        "effective_on": evidence.effective_on, "expires_on": evidence.expires_on, "place": str(evidence.place or ""),
        "agency": str(evidence.agency or ""), "replaces": evidence.replaces_id,
    }  # fmt: skip


@transaction.atomic
def review_evidence(
    actor: User, evidence: Evidence, accept: bool, note: str = "", *, seen_version: int | None = None
) -> Evidence:
    """Accept or reject evidence, with the reviewer's words (needed for a rejection).

    Nobody reviews their own upload, and no department what it handed in itself. A rejection is told to the person who
    handed the file in. Raises NotAllowed, Conflict (somebody else reviewed meanwhile), DomainError (no words), Unlawful
    (replaced by a newer file).
    """
    _check_reviewer(actor, evidence)
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk)
    check_version(evidence, seen_version)
    note = note.strip()
    if not accept and not note:
        raise DomainError(
            _("A rejection needs a reason."),
            hint=_("Say what is wrong with the file and what should be handed in instead."),
            field="note",
        )
    if newer := Evidence.objects.filter(replaces=evidence).first():
        raise Unlawful(
            _("“%(evidence)s” has been replaced already.") % {"evidence": evidence},
            hint=_("Review the newer file: %(newer)s.") % {"newer": newer},
        )
    before = {"review": evidence.review, "review_note": evidence.review_note}
    verdict = Evidence.Review.ACCEPTED if accept else Evidence.Review.REJECTED
    update_versioned(evidence, review=verdict.value, review_note=note, reviewed_by=actor, reviewed_at=clock.now())
    changes = {name: (old, getattr(evidence, name)) for name, old in before.items() if getattr(evidence, name) != old}
    audit(actor, "evidence.accept" if accept else "evidence.reject", evidence, changes=changes, reason=note)
    if not accept:
        _tell_uploader(evidence)
    return evidence


def _tell_uploader(evidence: Evidence) -> None:
    notify(
        [evidence.uploaded_by],
        kind="evidence.rejected",
        subject=Wording(gettext_lazy("“%(evidence)s” was rejected"), evidence=evidence),
        body=evidence.review_note,
        link=reverse("records:evidence", args=[evidence.pk]),
        target=evidence,
        dedupe_key_prefix=f"evidence-{evidence.pk}-rejected-{evidence.version}",
    )


def may_review(actor: User, evidence: Evidence) -> bool:
    """Tell whether this person may review this evidence."""
    try:
        _check_reviewer(actor, evidence)
    except NotAllowed:
        return False
    return True


def _check_reviewer(actor: User, evidence: Evidence) -> None:
    scope = scope_of(actor)
    scope.require("evidence.review")
    own = evidence.uploaded_by_id == actor.pk or (not scope.sees_everything and evidence.agency_id in scope.agency_ids)
    if own:
        raise NotAllowed(
            _("Nobody reviews what they handed in themselves."),
            hint=_("The leading-group office or the department that checks it will review it."),
        )
    if not evidence_visible_to(scope, pk=evidence.pk).exists():
        scope.require("evidence.review", place_ids=_ids(evidence.place_id), agency_ids=_ids(evidence.agency_id))
