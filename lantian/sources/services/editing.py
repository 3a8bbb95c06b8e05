"""A person enters, changes, ends or takes up a row of the register, each with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError, Unlawful
from lantian.kit.locking import check_version, other_form
from lantian.records.services import audit
from lantian.sources import access, checks, codes, known
from lantian.sources.kinds import Kind, kind_named
from lantian.sources.kinds.catalogue import kind_of
from lantian.sources.kinds.plain import blank, plain_of
from lantian.sources.models import Change, Enterprise
from lantian.sources.reading.faults import Fault
from lantian.sources.services.writing import Wanted, fresh, write

VERB = "source.edit"


@transaction.atomic
def enter(
    actor: User,
    kind_name: str,
    values: Mapping[str, Any],
    *,
    reason: str,
    enterprise: Enterprise | None = None,
    key: str | None = None,
) -> Any:
    """Enter a row (plain values by column); return it. Without a code it gets the next free one.

    Raises NotAllowed (another area), DomainError with the field's name, Conflict. The same key again returns the first row.
    """
    scope_of(actor).require(VERB)
    kind = kind_named(kind_name)
    if made := _made(actor, kind, key):
        return made
    if enterprise is not None:
        access.require(scope_of(actor), VERB, enterprise)
    whole = {**blank(kind), **values, **({"enterprise": enterprise.code} if enterprise else {})}
    whole["code"] = whole["code"] or codes.next_code(kind, whole)
    refuse(kind, whole)
    row = write(actor, [Wanted(kind, whole)], reason=_reason(reason), key=key).rows[0]
    if kind.is_enterprise:
        access.require(scope_of(actor), VERB, row)
    audit(actor, "sources.enter", row, changes=_changes(row, kind), reason=reason, data={"kind": kind.name})
    return row


@transaction.atomic
def change(
    actor: User,
    row: Any,
    values: Mapping[str, Any],
    *,
    reason: str,
    seen_version: int | None = None,
    key: str | None = None,
    act: str = "",
) -> Any:
    """Change columns of a row; return it. What is not said stays. Nothing that changes is lost: see the row's history.

    Raises NotAllowed, DomainError with the field's name, Conflict (changed meanwhile), Unlawful (merged away).
    """
    kind = kind_of(row)
    if made := _made(actor, kind, key):
        return made
    row = fresh(kind, row.pk, lock=True)
    enterprise = row if kind.is_enterprise else row.enterprise
    access.require(scope_of(actor), VERB, enterprise)
    check_version(row, seen_version)
    _refuse_merged(enterprise)
    before = plain_of(kind, row)
    whole = {**before, **values}
    refuse(kind, whole, row=row)
    done = write(
        actor, [Wanted(kind, dict(values), row, act)], reason=_reason(reason), key=key
    )  # fmt: skip
    if kind.is_enterprise:
        access.require(scope_of(actor), VERB, Enterprise.objects.get(pk=row.pk))
    if done.changes:
        changes = {name: (old, new) for name, (old, new) in done.changes[0].changes.items()}
        audit(actor, "sources.change", row, changes=changes, reason=reason, data={"kind": kind.name})
    return row


def end(
    actor: User, row: Any, *, until: dt.date, reason: str, seen_version: int | None = None, key: str | None = None
) -> Any:
    """End a row with its last day; it stays in the file. Raises as `change`, and Unlawful for one that has ended."""
    if row.until is not None:
        raise Unlawful(_("“%(row)s” has ended already.") % {"row": row}, hint=_("Change its last day instead."))
    values = {"until": until.isoformat()}
    return change(actor, row, values, reason=reason, seen_version=seen_version, key=key, act=Change.Act.END)


def reopen(actor: User, row: Any, *, reason: str, seen_version: int | None = None, key: str | None = None) -> Any:
    """Take up a row that has ended. Raises as `change`, and Unlawful for one that has not."""
    if row.until is None:
        raise Unlawful(_("“%(row)s” has not ended.") % {"row": row})
    return change(actor, row, {"until": None}, reason=reason, seen_version=seen_version, key=key, act=Change.Act.REOPEN)


def refuse(kind: Kind, whole: Mapping[str, Any], *, row: Any = None) -> None:
    """Raise DomainError for the first thing that is wrong with a whole row."""
    found = checks.faults_of(kind, whole) or known.faults_of(kind, dict(whole), row=row)
    if found:
        raise refusal(found[0], kind)


def refusal(fault: Fault, kind: Kind) -> DomainError:
    """Return a fault as a refusal that names its field."""
    lang = get_language() or "zh"
    label = str(kind.by_name[fault.column].label) if fault.column in kind.by_name else ""
    message = f"{label}：{fault.text(lang)}" if label and not lang.startswith("en") else f"{label}: {fault.text(lang)}"
    error = DomainError(f"{message.lstrip(': ：')}。" if not lang.startswith("en") else f"{message.lstrip(': ')}.",
                        hint=fault.mend(lang), field=fault.column)  # fmt: skip
    if fault.code in ("code_taken", "exists", "credit_taken"):
        error.status = Conflict.status
    return error


def _reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(
            _("A change of the register needs a reason."), hint=_("Say why, in a few words."), field="reason"
        )
    return reason.strip()


def _made(actor: User, kind: Kind, key: str | None) -> Any:
    """What was written with this form's key before."""
    done = Change.objects.filter(key=key).first() if key else None
    if done is None:
        return None
    if done.by_id != actor.pk or done.kind != kind.name:
        raise other_form()
    return kind.model.objects.get(pk=done.row)


def _refuse_merged(enterprise: Enterprise) -> None:
    if enterprise.merged_into is not None:
        raise Unlawful(
            _("“%(gone)s” was merged into “%(kept)s”.") % {"gone": enterprise, "kept": enterprise.merged_into},
            hint=_("Change that one, or take the merge back."),
        )


def _changes(row: Any, kind: Kind) -> dict[str, tuple[Any, Any]]:
    values = plain_of(kind, fresh(kind, row.pk))
    return {name: (None, value) for name, value in values.items() if value not in (None, "", [], False)}
