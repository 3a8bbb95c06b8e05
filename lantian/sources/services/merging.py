"""Two rows of the register become one, by a person's choice of each field; and a merge is taken back as it was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError, Unlawful
from lantian.records.services import audit
from lantian.sources import access
from lantian.sources.kinds import KINDS, Kind, kind_named
from lantian.sources.kinds.plain import Plain, plain_of
from lantian.sources.models import Change, Enterprise, Merge, Meter, NotDuplicate, Paper
from lantian.sources.services.editing import refuse
from lantian.sources.services.writing import Wanted, fresh, write

VERB = "source.edit"
_KIND = "enterprise"


@dataclass(frozen=True)
class Elsewhere:
    """What another room moves with a merge: `move(gone, kept)` gets both codes and returns what `undo` needs (plain)."""

    name: str
    move: Callable[[str, str], Any]
    undo: Callable[[Any], object]


_elsewhere: dict[str, Elsewhere] = {}


def register_elsewhere(name: str, move: Callable[[str, str], Any], undo: Callable[[Any], object]) -> None:
    """Let a room above move its references to an enterprise when it is merged (in its AppConfig.ready())."""
    one = Elsewhere(name, move, undo)
    if _elsewhere.get(name, one) != one:
        raise ValueError(f"{name!r} is registered already")
    _elsewhere[name] = one


def differences(kept: Enterprise, gone: Enterprise) -> list[tuple[str, Any, Any]]:
    """Return (field, value of the one, value of the other) of the fields in which two enterprises differ, code and names of
    places left out: what is chosen between."""
    kind = kind_named(_KIND)
    one, other = plain_of(kind, kept), plain_of(kind, gone)
    return [
        (c.name, one[c.name], other[c.name]) for c in kind.columns if c.name != "code" and one[c.name] != other[c.name]
    ]


@transaction.atomic
def merge(
    actor: User,
    kept: Enterprise,
    gone: Enterprise,
    *,
    take: Mapping[str, str],
    reason: str,
    seen: tuple[int, int] | None = None,
) -> Merge:
    """Merge `gone` into `kept`. `take` says for fields whose value stays: "kept" (as for all that are not named) or "gone".

    Lines, equipment, stacks, permits, orders and papers move, with their codes; names of the one that goes become other
    names of the kept one; both histories stay. Raises NotAllowed, DomainError, Conflict (`seen`: both versions), Unlawful.
    """
    kept, gone = _locked(actor, kept), _locked(actor, gone)
    _refuse_merge(kept, gone, reason, seen)
    kind = kind_named(_KIND)
    before = plain_of(kind, kept)
    values = _taken(kept, gone, take)
    # First the one that goes: a credit code belongs to one enterprise that is there.
    Enterprise.objects.filter(pk=gone.pk).update(merged_into=kept, version=gone.version + 1, changed_at=clock.now())
    refuse(kind, {**before, **values}, row=kept)
    write(actor, [Wanted(kind, values, kept, Change.Act.MERGE)], reason=reason)
    after = plain_of(kind, fresh(kind, kept.pk))
    fields = {name: [before[name], after[name]] for name in after if after[name] != before[name]}
    made = Merge.objects.create(
        kept=kept, gone=gone, at=clock.now(), by=actor, reason=reason.strip(), fields=fields,
        moved=_move(actor, gone, kept, reason), elsewhere={n: one.move(gone.code, kept.code) for n, one in _elsewhere.items()},
    )  # fmt: skip
    _note(actor, gone, Change.Act.MERGE, reason, {"merged_into": [None, kept.code]})
    if not fields:
        _note(actor, kept, Change.Act.MERGE, reason, {})
    audit(actor, "sources.merge", kept, changes={n: (a, b) for n, (a, b) in fields.items()}, reason=reason,
          data={"gone": gone.code, "moved": {n: len(keys) for n, keys in made.moved.items()}})  # fmt: skip
    return made


def _locked(actor: User, one: Enterprise) -> Enterprise:
    row: Enterprise = fresh(kind_named(_KIND), one.pk, lock=True)
    access.require(scope_of(actor), VERB, row)
    return row


def _refuse_merge(kept: Enterprise, gone: Enterprise, reason: str, seen: tuple[int, int] | None) -> None:
    if kept.pk == gone.pk:
        raise DomainError(_("An enterprise is not merged into itself."))
    for one in (kept, gone):
        if one.merged_into is not None:
            raise Unlawful(_("“%(gone)s” was merged into “%(kept)s”.") % {"gone": one, "kept": one.merged_into})
    if seen is not None and seen != (kept.version, gone.version):
        raise Conflict(_("One of the two changed while you were looking."), hint=_("Look at them again."))
    if not reason.strip():
        raise DomainError(
            _("A change of the register needs a reason."), hint=_("Say why, in a few words."), field="reason"
        )


def _taken(kept: Enterprise, gone: Enterprise, take: Mapping[str, str]) -> Plain:
    """The values that the kept one gets: those chosen from the other, and its names as other names."""
    values = {name: other for name, _mine, other in differences(kept, gone) if take.get(name) == "gone"}
    name = values.get("name", kept.name)
    names = dict.fromkeys([*values.get("aliases", kept.aliases), *kept.aliases, *gone.aliases, kept.name, gone.name])
    values["aliases"] = [one for one in names if one != name]
    if values.get("lon") is not None or values.get("lat") is not None:
        # A position is one thing: both numbers and their datum come from the same row.
        values |= {"lon": gone.lon, "lat": gone.lat, "datum": gone.datum}
    return values


def _move(actor: User, gone: Enterprise, kept: Enterprise, reason: str) -> dict[str, list[int]]:
    moved: dict[str, list[int]] = {}
    notes: list[Change] = []
    for kind in (one for one in KINDS if not one.is_enterprise):
        rows = list(kind.model.objects.filter(enterprise=gone))
        if not rows:
            continue
        moved[kind.name] = [row.pk for row in rows]
        kind.model.objects.filter(pk__in=moved[kind.name]).update(enterprise=kept)
        notes += _moved(actor, kind, rows, kept, reason, (gone.code, kept.code))
    points = list(Meter.objects.filter(enterprise=kept, point=gone.code).values_list("pk", flat=True))
    Meter.objects.filter(pk__in=points).update(point=kept.code)
    there = set(kept.papers.values_list("evidence_id", flat=True))
    papers = [paper.pk for paper in Paper.objects.filter(enterprise=gone) if paper.evidence_id not in there]
    Paper.objects.filter(pk__in=papers).update(enterprise=kept)
    Change.objects.bulk_create(notes, batch_size=200)
    return {**moved, **({"meter_points": points} if points else {}), **({"papers": papers} if papers else {})}


def _moved(
    actor: User, kind: Kind, rows: list[Any], to: Enterprise, reason: str, codes: tuple[str, str]
) -> list[Change]:
    return [
        Change(
            enterprise=to, kind=kind.name, row=row.pk, code=row.code, name=row.name, act=Change.Act.MOVE, at=clock.now(),
            by=actor, by_name=str(actor), reason=reason, changes={"enterprise": list(codes)}, row_version=row.version,
        )
        for row in rows
    ]  # fmt: skip


def _note(actor: User, one: Enterprise, act: str, reason: str, changes: dict[str, list[Any]]) -> None:
    Change.objects.create(
        enterprise=one, kind=_KIND, row=one.pk, code=one.code, name=one.name, act=act, at=clock.now(), by=actor,
        by_name=str(actor), reason=reason, changes=changes, row_version=one.version,
    )  # fmt: skip


@transaction.atomic
def split(actor: User, merged: Merge, *, reason: str) -> tuple[Merge, list[str]]:
    """Take a merge back: rows that moved go back, fields that it changed are as before where nobody changed them since.

    Returns the merge and the fields that stay, because somebody changed them after the merge. Rows entered after the merge
    stay with the kept one. Raises NotAllowed, Unlawful (taken back already; the kept one was merged on), DomainError.
    """
    merged = Merge.objects.select_for_update(of=("self",)).select_related("kept", "gone").get(pk=merged.pk)
    kept, gone = _locked(actor, merged.kept), fresh(kind_named(_KIND), merged.gone_id, lock=True)
    if merged.undone_at is not None:
        raise Unlawful(_("This merge was taken back already."))
    if kept.merged_into is not None:
        raise Unlawful(
            _("“%(gone)s” was merged into “%(kept)s”.") % {"gone": kept, "kept": kept.merged_into},
            hint=_("Take that merge back first."),
        )
    if not reason.strip():
        raise DomainError(
            _("A change of the register needs a reason."), hint=_("Say why, in a few words."), field="reason"
        )
    values, stay = _restored(kept, merged)
    write(actor, [Wanted(kind_named(_KIND), values, kept, Change.Act.SPLIT)], reason=reason)
    Enterprise.objects.filter(pk=gone.pk).update(merged_into=None, version=gone.version + 1, changed_at=clock.now())
    _move_back(actor, merged, kept, gone, reason)
    for name, data in merged.elsewhere.items():
        if name in _elsewhere:
            _elsewhere[name].undo(data)
    _note(actor, gone, Change.Act.SPLIT, reason, {"merged_into": [kept.code, None]})
    merged.undone_at, merged.undone_by, merged.undo_reason = clock.now(), actor, reason.strip()
    merged.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    audit(actor, "sources.split", kept, reason=reason, data={"gone": gone.code, "stay": stay})
    return merged, stay


def _restored(kept: Enterprise, merged: Merge) -> tuple[Plain, list[str]]:
    now = plain_of(kind_named(_KIND), kept)
    values = {name: old for name, (old, new) in merged.fields.items() if now.get(name) == new}
    return values, sorted(set(merged.fields) - set(values))


def _move_back(actor: User, merged: Merge, kept: Enterprise, gone: Enterprise, reason: str) -> None:
    notes: list[Change] = []
    for name, keys in merged.moved.items():
        if name == "papers":
            Paper.objects.filter(pk__in=keys, enterprise=kept).update(enterprise=gone)
        elif name == "meter_points":
            Meter.objects.filter(pk__in=keys, point=kept.code).update(point=gone.code)
        else:
            kind = kind_named(name)
            rows = list(kind.model.objects.filter(pk__in=keys, enterprise=kept))
            kind.model.objects.filter(pk__in=[row.pk for row in rows]).update(enterprise=gone)
            notes += _moved(actor, kind, rows, gone, reason, (kept.code, gone.code))
    Change.objects.bulk_create(notes, batch_size=200)


@transaction.atomic
def not_duplicate(actor: User, one: Enterprise, other: Enterprise, *, reason: str) -> NotDuplicate:
    """Say that two rows are two enterprises: they are not proposed again. Raises NotAllowed, DomainError."""
    for row in (one, other):
        access.require(scope_of(actor), VERB, row)
    if one.pk == other.pk or not reason.strip():
        raise DomainError(
            _("A change of the register needs a reason."), hint=_("Say why, in a few words."), field="reason"
        )
    first, second = sorted((one, other), key=lambda row: row.pk)
    said = {"at": clock.now(), "by": actor, "reason": reason.strip()}
    made, new = NotDuplicate.objects.get_or_create(one=first, other=second, defaults=said)
    if new:
        audit(actor, "sources.not_duplicate", first, reason=reason, data={"other": second.code})
    return made
