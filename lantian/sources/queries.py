"""What other rooms ask the register: who may see whom, and plants as plain facts in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from lantian.city import clock
from lantian.city.access import Scope
from lantian.city.models import Role
from lantian.sources import facts
from lantian.sources.models import Enterprise, Equipment, Line, OrderRecord, Outlet, OutletLimit, Pair

__all__ = ["called", "code_now", "names", "own", "plants", "visible_to"]

# Roles that know the whole register: the office and whoever acts everywhere, and departments.
_ALL = frozenset({Role.OFFICE.value, Role.INSPECTOR.value, Role.DEPARTMENT.value})


def knows_all(scope: Scope, verb: str = "source.view") -> bool:
    """Tell whether one of the person's roles carries the verb over the whole register."""
    return any(role in _ALL and verb in verbs for role, verbs in scope.verbs_by_role.items())


def visible_to(scope: Scope, *, verb: str = "source.view") -> QuerySet[Enterprise]:
    """Return the enterprises on which a person may use the verb: all, those of the own areas, the own one.

    Enterprises that were merged into another one are left out.
    """
    rows = Enterprise.objects.filter(merged_into__isnull=True)
    if not scope.may(verb):
        return rows.none()
    if knows_all(scope, verb):
        return rows
    seen = Q(pk__in=())
    for role in (Role.COUNTY.value, Role.TOWN.value):
        if verb in scope.verbs_by_role.get(role, ()):
            places = scope.places_by_role.get(role, frozenset())
            seen |= Q(area__in=places) | Q(town__in=places)
    if verb in scope.verbs_by_role.get(Role.ENTERPRISE.value, ()):
        seen |= Q(pk__in=own(scope))
    return rows.filter(seen)


def own(scope: Scope) -> frozenset[int]:
    """Return the keys of the enterprises that a person's roles name: by code, credit code, name or another name of it."""
    if not scope.enterprises:
        return frozenset()
    said = list(scope.enterprises)
    rows = Enterprise.objects.filter(merged_into__isnull=True)
    found = set(rows.filter(Q(code__in=said) | Q(name__in=said) | Q(credit_code__in=said)).values_list("pk", flat=True))
    if len(found) < len(said):
        wanted = set(said)
        others = rows.exclude(aliases=[]).values_list("pk", "aliases")
        found |= {pk for pk, aliases in others if not wanted.isdisjoint(aliases)}
    return frozenset(found)


def names(codes: Iterable[str]) -> dict[str, str]:
    """Return {code: name} of those enterprises that exist, in the page's language (one query)."""
    rows = Enterprise.objects.filter(code__in=set(codes)).only("code", "name", "name_en")
    return {row.code: str(row) for row in rows}


def called(code: str) -> tuple[str, ...]:
    """Return every name of an enterprise: its code, its name, other names, credit code; () for an unknown code."""
    row = Enterprise.objects.filter(code=code).only("code", "name", "aliases", "credit_code").first()
    if row is None:
        return ()
    return tuple(one for one in dict.fromkeys([row.name, *row.aliases, row.code, row.credit_code]) if one)


def code_now(code: str) -> str:
    """Return the code under which an enterprise is kept now: another one after a merge. An unknown code is itself."""
    seen: set[str] = set()
    while code not in seen:
        seen.add(code)
        kept = Enterprise.objects.filter(code=code).values_list("merged_into__code", flat=True).first()
        if not kept:
            return code
        code = kept
    return code


def plants(
    *, codes: Iterable[str] | None = None, area: str | None = None, at: dt.date | None = None
) -> tuple[facts.Plant, ...]:
    """Return enterprises as facts, in the order of their codes, in a constant number of queries.

    `codes` chooses some, `area` those of a place (its code); `at` (default: the city's today) is the day on which lines,
    equipment, pairs, outlets and limits must be in force. Orders are given whole, past ones too: who judges an hour looks
    which was in force then. Positions are WGS-84. Merged enterprises are left out; their rows stand with the kept one.
    """
    rows = Enterprise.objects.filter(merged_into__isnull=True).select_related("area").order_by("code")
    if codes is not None:
        rows = rows.filter(code__in=set(codes))
    if area is not None:
        rows = rows.filter(area__code=area)
    found = list(rows)
    return _Gathered(found, at or clock.today()).plants()


class _Gathered:
    """The rows of several enterprises, each table asked once."""

    def __init__(self, enterprises: list[Enterprise], day: dt.date) -> None:
        self._enterprises = enterprises
        self._day = day
        self._keys = (
            Enterprise.objects.filter(pk__in=[one.pk for one in enterprises]) if len(enterprises) < 500 else None
        )
        self._lines = self._grouped(Line.objects.all())
        self._equipment = self._grouped(Equipment.objects.select_related("line"))
        self._pairs = self._grouped(Pair.objects.all())
        self._outlets = self._grouped(Outlet.objects.all())
        self._orders = self._grouped(OrderRecord.objects.order_by("start", "code"))
        self._limits = self._by(self._in_force(OutletLimit.objects.all()), "outlet_id")
        self._production = _links(Pair.production.through, "pair_id", "equipment__code")
        self._treatment = _links(Pair.treatment.through, "pair_id", "equipment__code")
        self._outlet_lines = _links(Outlet.lines.through, "outlet_id", "line__code")

    def _in_force(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        begun = Q(since__isnull=True) | Q(since__lte=self._day)
        not_over = Q(until__isnull=True) | Q(until__gte=self._day)
        rows = rows.filter(begun, not_over)
        return rows if self._keys is None else rows.filter(enterprise__in=[one.pk for one in self._enterprises])

    def _grouped(self, rows: QuerySet[Any]) -> dict[int, list[Any]]:
        return self._by(self._in_force(rows), "enterprise_id")

    @staticmethod
    def _by(rows: QuerySet[Any], name: str) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            found[getattr(row, name)].append(row)
        return found

    def plants(self) -> tuple[facts.Plant, ...]:
        return tuple(self._plant(one) for one in self._enterprises)

    def _plant(self, one: Enterprise) -> facts.Plant:
        return facts.Plant(
            code=one.code,
            name=one.name,
            industry=one.industry,
            grade=one.grade,
            area=one.area.code if one.area else "",
            lon=one.wgs_lon,
            lat=one.wgs_lat,
            lines=tuple(facts.Line(row.code, row.name, row.process) for row in self._lines[one.pk]),
            equipment=tuple(_equipment(row) for row in self._equipment[one.pk]),
            pairs=tuple(self._pair(row) for row in self._pairs[one.pk]),
            outlets=tuple(self._outlet(row) for row in self._outlets[one.pk]),
            orders=tuple(_order(row) for row in self._orders[one.pk]),
            closed_since=one.state_since if one.state in ("closed", "stopped") else None,
            synthetic=one.synthetic,
        )

    def _pair(self, row: Pair) -> facts.Pair:
        production, treatment = self._production.get(row.pk, ()), self._treatment.get(row.pk, ())
        return facts.Pair(row.code, production, treatment, row.needs, row.lead_minutes, row.lag_minutes)

    def _outlet(self, row: Outlet) -> facts.Outlet:
        return facts.Outlet(
            code=row.code, name=row.name or row.number, process=row.process,
            lines=self._outlet_lines.get(row.pk, ()), oxygen=row.oxygen, denitration=row.denitration,
            limits=tuple(_limit(one) for one in self._limits[row.pk]),
        )  # fmt: skip


def _links(through: Any, owner: str, code: str) -> dict[int, tuple[str, ...]]:
    """Return {key of the owner: codes in order} of a table of links."""
    found: dict[int, list[str]] = defaultdict(list)
    for key, linked in through.objects.order_by(owner, code).values_list(owner, code):
        found[key].append(linked)
    return {key: tuple(codes) for key, codes in found.items()}


def _equipment(row: Equipment) -> facts.Equipment:
    line = row.line.code if row.line else ""
    return facts.Equipment(row.code, row.name, row.role, row.kind, line, row.rated_kw, row.off_kw, row.run_kw)


def _limit(row: OutletLimit) -> facts.Limit:
    return facts.Limit(
        quantity=row.quantity, value=row.value, unit=row.unit, period=row.period, clause=row.clause, source=row.source,
        valid_from=row.since, valid_until=row.until, ultra_low=row.ultra_low,
    )  # fmt: skip


def _order(row: OrderRecord) -> facts.Order:
    return facts.Order(row.code, row.kind, row.start, row.end, tuple(row.subjects), row.share)
