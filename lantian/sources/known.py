"""What only the database knows about a row: whether its code is free, what its references name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from lantian.city.models import Place
from lantian.sources.kinds import KINDS, Kind, kind_named
from lantian.sources.kinds.plain import Plain, is_empty
from lantian.sources.models import Enterprise, Equipment, Line, Outlet
from lantian.sources.reading.faults import Fault


def faults_of(kind: Kind, values: Plain, *, row: Any = None) -> list[Fault]:
    """Return what is wrong with a whole row against the register as it is. `row` is the present one if there is one."""
    return [
        *_code(kind, values, row),
        *_credit(kind, values, row),
        *_same(kind, values, row),
        *_references(kind, values),
    ]


def taken(kind: Kind, codes: set[str]) -> dict[str, tuple[str, int, str]]:
    """Return {code: (kind, key, name)} of those codes that are taken: of the kind, or of all kinds that share codes."""
    found: dict[str, tuple[str, int, str]] = {}
    for other in [one for one in KINDS if one.unique] if kind.unique else [kind]:
        for pk, code, name in other.model.objects.filter(code__in=codes).values_list("pk", "code", "name"):
            found[code] = (other.name, pk, name)
    return found


def _code(kind: Kind, values: Plain, row: Any) -> Iterator[Fault]:
    code = values.get("code")
    if code and (holder := taken(kind, {code}).get(code)) and (row is None or holder[:2] != (kind.name, row.pk)):
        yield Fault("code_taken", "code", {"code": code, "other": holder[2] or code})


def _credit(kind: Kind, values: Plain, row: Any) -> Iterator[Fault]:
    if not kind.is_enterprise or not values.get("credit_code"):
        return
    others = Enterprise.objects.filter(credit_code=values["credit_code"], merged_into__isnull=True)
    other = (others.exclude(pk=row.pk) if row is not None else others).first()
    if other is not None:
        yield Fault("credit_taken", "credit_code", {"code": other.code, "other": other.name})


def _same(kind: Kind, values: Plain, row: Any) -> Iterator[Fault]:
    """A new row that says who it is exactly as one that is in force does, is that one entered twice."""
    if row is not None or kind.is_enterprise or any(kind.by_name[n].reads == "refs" for n in kind.same):
        return
    said = {name: values.get(name) for name in kind.same}
    if all(is_empty(value) for value in said.values()):
        return
    asked = Q(enterprise__code=values.get("enterprise"), until__isnull=True)
    for name, value in said.items():
        reads = kind.by_name[name].reads
        asked &= (
            Q(**{f"{name}__code": value})
            if reads == "ref"
            else Q(**{name: value})
            if value is not None
            else Q(**{f"{name}__isnull": True})
        )
    if found := kind.model.objects.filter(asked).values_list("code", flat=True).first():
        yield Fault("exists", kind.same[0], {"code": found})


def _references(kind: Kind, values: Plain) -> Iterator[Fault]:
    plant = values.get("enterprise", "")
    for column in kind.columns:
        said: Any = values.get(column.name)
        if column.reads == "area" and said and not Place.objects.filter(code=said).exists():
            yield Fault("area", column.name, {"found": said})
        if column.reads not in ("ref", "refs") or column.of == "enterprise" or is_empty(said):
            continue
        codes = [said] if column.reads == "ref" else list(said)
        holders = _holders(column.of, codes)
        for code in codes:
            if code not in holders:
                label = (
                    str(kind_named(column.of).label) if column.of != "subject" else str(kind_named("equipment").label)
                )
                yield Fault("ref_unknown", column.name, {"found": code, "kind": label})
            elif holders[code] != plant:
                yield Fault("ref_other", column.name, {"found": code, "other": holders[code]})
    if kind.name == "meter" and values.get("point") and not _is_point(plant, values["point"]):
        yield Fault("point_unknown", "point", {"found": values["point"]})


def _holders(name: str, codes: list[str]) -> dict[str, str]:
    """Return {code: code of the enterprise whose row it is}."""
    found: dict[str, str] = {}
    for model in (Line, Equipment) if name == "subject" else (kind_named(name).model,):
        found.update(model.objects.filter(code__in=codes).values_list("code", "enterprise__code"))
    return found


def _is_point(plant: str, code: str) -> bool:
    rows = {"enterprise__code": plant, "code": code}
    return code == plant or Equipment.objects.filter(**rows).exists() or Outlet.objects.filter(**rows).exists()
