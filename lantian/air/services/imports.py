"""Sending a file in, saying how it is to be read, confirming, stopping. Reading and writing is the worker's (`air.jobs`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.air.models import ImportJob
from lantian.air.reading.declaring import DeclarationError, declare
from lantian.air.reading.formats import UnknownFormatError, format_named
from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit import later
from lantian.kit.errors import DomainError, Unlawful
from lantian.kit.locking import check_repeat, check_version, update_versioned
from lantian.records.names import clean_name
from lantian.records.services import audit, store_file

VERB = "air.import"
WORK = "air.imports"
State = ImportJob.State


def check_declared(form_name: str, declared: Mapping[str, str]) -> None:
    """Raise DomainError with the field's name when a file cannot be read like this. `declared` holds encoding and
    time_format, too."""
    said = dict(declared)
    encoding, time_format = said.pop("encoding", "") or "utf-8", said.pop("time_format", "")
    try:
        declare(format_named(form_name), encoding=encoding, time_format=time_format, declared=said)
    except UnknownFormatError as error:
        raise DomainError(_("There is no such format."), hint=str(error), field="form") from error
    except DeclarationError as error:
        lang = "en" if (get_language() or "zh").startswith("en") else "zh"
        raise DomainError(error.fault.text(lang), hint=error.fault.mend(lang), field=error.name) from error


@transaction.atomic
def submit(actor: User, upload: Any, *, form: str, declared: Mapping[str, str], key: str | None = None) -> ImportJob:
    """Keep an uploaded file and have it checked; nothing is written into the store before somebody confirms.

    The same `key` again returns the first import. Raises NotAllowed, DomainError (what is declared), BadFile,
    FileTooLarge, Conflict (the key served for something else).
    """
    scope_of(actor).require(VERB)
    if key and (made := ImportJob.objects.filter(idempotency_key=key).first()):
        check_repeat(made, created_by=actor, form=form)
        return made
    said = {name: text.strip() for name, text in declared.items() if text and text.strip()}
    check_declared(form, said)
    name = clean_name(str(getattr(upload, "name", None) or "file"))
    stored = store_file(upload, name=name, purpose="measurements")
    job = ImportJob.objects.create(
        name=name, file=stored, form=form, declared=said, created_by=actor, created_at=clock.now(),
        all_bytes=stored.size, idempotency_key=key,
    )  # fmt: skip
    audit(actor, "air.import_submit", job, data={"format": form, "declared": said, "sha256": stored.sha256})
    transaction.on_commit(lambda: later.soon(WORK))
    return job


@transaction.atomic
def declare_again(
    actor: User, job: ImportJob, *, declared: Mapping[str, str], seen_version: int | None = None
) -> ImportJob:
    """Say otherwise how a file is to be read, and have it checked again. Only before it was confirmed."""
    job = _opened(actor, job, seen_version, State.LOOKED, State.UNREADABLE)
    said = {name: text.strip() for name, text in declared.items() if text and text.strip()}
    check_declared(job.form, said)
    before = job.declared
    update_versioned(
        job, declared=said, state=State.WAITING, summary={}, faults=[], message="", batch="", done_bytes=0,
        stop_asked=False,
    )  # fmt: skip
    audit(actor, "air.import_declare", job, changes={"declared": (before, said)})
    transaction.on_commit(lambda: later.soon(WORK))
    return job


@transaction.atomic
def confirm(actor: User, job: ImportJob, *, skip_bad: bool = False, seen_version: int | None = None) -> ImportJob:
    """Have a file written that was checked. With faults `skip_bad` must be said: the good values are written then.

    A second click finds it confirmed already and changes nothing.
    """
    scope_of(actor).require(VERB)
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state in {State.CONFIRMED, State.WRITING, State.DONE} and job.confirmed_by == actor:
        return job
    job = _opened(actor, job, seen_version, State.LOOKED)
    faults = int(job.summary.get("faults", 0))
    if not job.summary.get("values"):
        raise Unlawful(_("The file has no values that could be written."), hint=_("Look at the faults."))
    if faults and not skip_bad:
        raise DomainError(
            _("The file has %(n)s faults.") % {"n": faults},
            hint=_("Mend them and send the file again, or say that bad values are left out."),
            field="skip_bad",
        )
    update_versioned(
        job, state=State.CONFIRMED, skip_bad=bool(faults and skip_bad), confirmed_by=actor, confirmed_at=clock.now(),
        done_bytes=0, stop_asked=False, message="",
    )  # fmt: skip
    audit(actor, "air.import_confirm", job, data={"batch": job.batch, "skip_bad": job.skip_bad, "faults": faults})
    transaction.on_commit(lambda: later.soon(WORK))
    return job


@transaction.atomic
def cancel(actor: User, job: ImportJob, *, reason: str = "") -> ImportJob:
    """Stop an import. What the worker has it lets go of between two rows; parts that are in the store stay there."""
    scope_of(actor).require(VERB)
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.state in {State.DONE, State.CANCELLED}:
        raise Unlawful(_("“%(job)s” is over already.") % {"job": job}, hint=job.get_state_display())
    if job.state in {State.LOOKING, State.WRITING}:
        ImportJob.objects.filter(pk=job.pk).update(stop_asked=True)
        job.stop_asked = True
    else:
        update_versioned(job, state=State.CANCELLED, finished_at=clock.now())
    audit(actor, "air.import_cancel", job, reason=reason)
    return job


@transaction.atomic
def resume(actor: User, job: ImportJob, *, seen_version: int | None = None) -> ImportJob:
    """Go on with an import that failed or was stopped, after the part that is in the store."""
    job = _opened(actor, job, seen_version, State.FAILED, State.CANCELLED)
    if job.file_id is None:
        raise Unlawful(
            _("The file of “%(job)s” is not kept here.") % {"job": job},
            hint=_("Mend it and put it into the folder again."),
        )
    state = State.CONFIRMED if job.confirmed_by_id else State.WAITING
    update_versioned(job, state=state, stop_asked=False, message="", finished_at=None)
    audit(actor, "air.import_resume", job)
    transaction.on_commit(lambda: later.soon(WORK))
    return job


def _opened(actor: User, job: ImportJob, seen_version: int | None, *states: str) -> ImportJob:
    scope_of(actor).require(VERB)
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    check_version(job, seen_version)
    if job.state not in states:
        raise Unlawful(
            _("“%(job)s” cannot do that now: %(state)s.") % {"job": job, "state": job.get_state_display()},
            hint=_("Reload the page."),
        )
    return job
