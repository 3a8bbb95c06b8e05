"""Binding the numbers of an adopted text to the indicators that show whether they are met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from lantian.city.models import LoadedPack, User
from lantian.city.queries import pack_in_force
from lantian.indicators.context import Context
from lantian.indicators.queries import find
from lantian.plan.models import Document, DocumentVersion, Measure, MeasureTarget, TargetBinding
from lantian.plan.rules.bindings import Binding, Match, Number, Sentence, match
from lantian.records.services import audit
from lantian.standards.units import IncompatibleUnitsError, convert


@dataclass
class BindReport:
    """What a binding run found. `unbound` targets have no indicator; `faults` are bindings without their place."""

    version: DocumentVersion
    bound: int = 0
    in_words: int = 0
    faults: list[TargetBinding] = field(default_factory=list)
    unbound: list[MeasureTarget] = field(default_factory=list)
    changed: bool = False


@transaction.atomic
def bind_version(version: DocumentVersion, actor: User | None = None) -> BindReport:
    """Lay the pack's bindings over an adopted city plan, replacing those of an earlier run. Repeating changes nothing.

    It asks for no verb: it follows from adopting a text (plan.adopt) or loading a pack (pack.load), which do.
    """
    before = _state(version)
    rows = _rows_for(version, pack_in_force())
    TargetBinding.objects.filter(version=version).delete()
    TargetBinding.objects.bulk_create(rows)
    _write_targets(version, rows)
    report = BindReport(
        version,
        bound=sum(row.target_id is not None for row in rows),
        in_words=sum(row.form == TargetBinding.Form.WORD and not row.fault for row in rows),
        faults=[row for row in rows if row.fault],
        unbound=[target for target in unbound_targets(version) if not target.derived_from],
        changed=_state(version) != before,
    )
    if report.changed:
        counts = {"bound": report.bound, "in_words": report.in_words, "unbound": len(report.unbound)}
        audit(actor, "plan.bind", version, data=counts | {"faults": {row.key: row.fault for row in report.faults}})
    return report


def bind_all(actor: User | None = None) -> list[BindReport]:
    """Bind every adopted city plan anew: after a pack was loaded."""
    adopted = DocumentVersion.objects.filter(state="adopted", document__kind=Document.Kind.CITY_PLAN)
    return [bind_version(version, actor) for version in adopted.select_related("document")]


def unbound_targets(version: DocumentVersion) -> list[MeasureTarget]:
    """Return the numbers of the text without an indicator, in the order of the text.

    A number that only says which objects are meant needs none when its measure has one.
    """
    numbers = MeasureTarget.objects.filter(measure__clause__task__version=version, indicator="")
    watched = set(version.bindings.filter(measure__isnull=False).values_list("measure_id", flat=True))
    return [
        number
        for number in numbers.select_related("measure__clause__task").order_by("start", "pk")
        if number.role == MeasureTarget.Role.TARGET or number.measure_id not in watched
    ]


def bind_after_loading(sender: Any, instance: LoadedPack, created: bool, **kwargs: Any) -> None:
    """Receiver of a newly loaded pack."""
    if created and not kwargs.get("raw"):
        bind_all()


def _rows_for(version: DocumentVersion, pack: LoadedPack | None) -> list[TargetBinding]:
    """A pack speaks of several documents: what is not quoted from this one is left out."""
    if pack is None or version.document.kind != Document.Kind.CITY_PLAN:
        return []
    stated = {row["id"]: row for row in pack.bindings}
    matches = match(version.text, [_binding(row) for row in stated.values()], _sentences(version))
    own = {row["document"] for row in (stated[m.binding] for m in matches if m.start is not None)}
    return [
        _row(version, position, stated[one.binding], one)
        for position, one in enumerate(matches)
        if stated[one.binding]["document"] in own
    ]


def _binding(row: Mapping[str, Any]) -> Binding:
    return Binding(
        row["id"],
        row.get("task"),
        row["quote"],
        row["form"],
        _decimal(row.get("value")),
        row.get("unit", ""),
        _decimal(row["target"]),
        row["target_unit"],
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _sentences(version: DocumentVersion) -> list[Sentence]:
    measures = Measure.objects.filter(clause__task__version=version)
    return [
        Sentence(
            measure.pk,
            measure.clause.task.number,
            measure.start,
            measure.end,
            tuple(Number(t.pk, t.role, t.value, t.unit, t.start, t.end) for t in measure.targets.all()),
        )
        for measure in measures.select_related("clause__task").prefetch_related("targets")
    ]


def _row(version: DocumentVersion, position: int, stated: Mapping[str, Any], one: Match) -> TargetBinding:
    return TargetBinding(
        version=version,
        key=one.binding,
        position=position,
        form=stated["form"],
        quote=stated["quote"],
        start=one.start,
        end=one.end,
        measure_id=one.measure,
        target_id=one.number,
        indicator=stated["indicator"],
        comparator=stated["comparator"],
        value=Decimal(str(stated["target"])),
        unit=stated["target_unit"],
        nature=stated["nature"],
        areas=list(stated.get("areas", ())),
        note=stated.get("note", ""),
        fault=one.fault,
    )


def _write_targets(version: DocumentVersion, rows: list[TargetBinding]) -> None:
    """Write each number's indicator and what it must reach there, in the indicator's own unit."""
    context = Context()
    bound = {row.target_id: row for row in rows if row.target_id}
    targets = list(MeasureTarget.objects.filter(measure__clause__task__version=version))
    for target in targets:
        row = bound.get(target.pk)
        target.indicator = row.indicator if row else ""
        target.indicator_comparator = row.comparator if row else ""
        target.indicator_value = in_indicator_unit(row, context) if row else None
    MeasureTarget.objects.bulk_update(targets, ["indicator", "indicator_comparator", "indicator_value"], batch_size=200)


def in_indicator_unit(row: TargetBinding, context: Context) -> Decimal:
    """Return the target in the unit of its indicator (as stated when the indicator is unknown or counts otherwise)."""
    one = find(row.indicator, context)
    try:
        return convert(row.value, row.unit, one.unit) if one else row.value
    except IncompatibleUnitsError:
        return row.value


def _state(version: DocumentVersion) -> list[tuple[Any, ...]]:
    fields = ("key", "measure_id", "target_id", "indicator", "comparator", "value", "unit", "fault")
    return list(TargetBinding.objects.filter(version=version).order_by("key").values_list(*fields))
