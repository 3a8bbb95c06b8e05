"""The register as plain rows, read once and kept while nothing changes: what figures, maps and lists count over."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language

from lantian.city import clock
from lantian.indicators.memory import version_of_everything
from lantian.sources.models import Boiler, Chp, Enterprise, Furnace, Outlet, Permit, Solvent, Work
from lantian.sources.rules.boilers import steam_of

KEPT = 2
_kept: OrderedDict[Hashable, Snapshot] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise. `area` is the code of its area ("" where it is not known); the position is WGS-84."""

    key: int
    code: str
    name: str
    name_en: str
    area: str
    industry: str
    grade: str
    state: str
    state_since: dt.date | None
    scattered: str
    permit_need: str
    synthetic: bool
    lon: float | None
    lat: float | None
    changed: dt.date

    @property
    def shown(self) -> str:
        """Its name in the language of the page."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

    def closed_on(self, day: dt.date) -> bool:
        """Tell whether it was closed by the end of a day."""
        return self.state == "closed" and (self.state_since is None or self.state_since <= day)

    def works_on(self, day: dt.date) -> bool:
        """Tell whether it is a source on a day: neither closed nor still being built."""
        return not self.closed_on(day) and self.state != "building"


@dataclass(frozen=True, slots=True)
class Thing:
    """A row below an enterprise: its own fields are in `of` (a tuple in the order in which they were asked for)."""

    key: int
    code: str
    name: str
    firm: Firm
    since: dt.date | None
    until: dt.date | None

    def in_force(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class BoilerRow(Thing):
    """`th`: capacity in t/h, from MW where only that is given. `own_position`: False when it is the enterprise's."""

    fuel: str
    purpose: str
    th: float | None
    low_nox: bool
    installed_on: dt.date | None
    removed_on: dt.date | None
    lon: float | None
    lat: float | None
    own_position: bool

    def left_on(self, day: dt.date) -> bool:
        """Tell whether it stood there at the end of a day."""
        there = self.in_force(day) and (self.installed_on is None or self.installed_on <= day)
        return there and (self.removed_on is None or self.removed_on > day)


@dataclass(frozen=True, slots=True)
class ChpRow(Thing):
    unit_mw: float
    total_mw: float
    started_on: dt.date | None
    lon: float | None
    lat: float | None

    def runs_on(self, day: dt.date) -> bool:
        return self.in_force(day) and (self.started_on is None or self.started_on <= day)


@dataclass(frozen=True, slots=True)
class PermitRow(Thing):
    number: str
    kind: str
    issued_on: dt.date | None
    expires_on: dt.date | None


@dataclass(frozen=True, slots=True)
class OutletRow(Thing):
    denitration: str
    ammonia_meter: str


@dataclass(frozen=True, slots=True)
class FurnaceRow(Thing):
    kind: str
    size_m: float | None
    path: str
    due_on: dt.date | None
    done_on: dt.date | None

    def gone_on(self, day: dt.date, paths: tuple[str, ...]) -> bool:
        """Tell whether it was done away with by one of these paths by the end of a day."""
        return self.path in paths and self.done_on is not None and self.done_on <= day


@dataclass(frozen=True, slots=True)
class WorkRow(Thing):
    programme: str
    group: str
    due_on: dt.date | None
    done_on: dt.date | None
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SolventRow(Thing):
    used_t: float
    low_t: float


class Snapshot:
    """The register at one version. Each kind of row is read when it is first asked for, in one query. `kept` holds what
    others computed from it, by their own keys."""

    def __init__(self) -> None:
        self.kept: dict[Hashable, Any] = {}

    @cached_property
    def firms(self) -> dict[int, Firm]:
        """Every enterprise that is not merged into another, by key, in the order of codes."""
        rows = Enterprise.objects.filter(merged_into__isnull=True).order_by("code")
        found = rows.values_list(
            "pk", "code", "name", "name_en", "area__code", "industry", "grade", "state", "state_since", "scattered",
            "permit_need", "synthetic", "wgs_lon", "wgs_lat", "changed_at",
        )  # fmt: skip
        firms: dict[int, Firm] = {}
        for row in found:
            values: list[Any] = list(row)
            values[4], values[-1] = row[4] or "", row[-1].date()
            firms[row[0]] = Firm(*values)
        return firms

    @cached_property
    def boilers(self) -> tuple[BoilerRow, ...]:
        found = []
        today = clock.today()
        for thing, own in self._things(
            Boiler.objects.all(), "fuel", "purpose", "capacity_th", "capacity_mw", "low_nox", "installed_on",
            "removed_on", "wgs_lon", "wgs_lat",
        ):  # fmt: skip
            fuel, purpose, th, mw, low, installed, removed, lon, lat = own
            steam = steam_of(th, mw, today)
            firm: Firm = thing[3]
            mine = lon is not None and lat is not None
            x, y = (lon, lat) if mine else (firm.lon, firm.lat)
            found.append(BoilerRow(*(*thing, fuel, purpose, steam, low, installed, removed, x, y, mine)))
        return tuple(found)

    @cached_property
    def chps(self) -> tuple[ChpRow, ...]:
        found = []
        for thing, own in self._things(Chp.objects.all(), "unit_mw", "total_mw", "started_on", "wgs_lon", "wgs_lat"):
            *numbers, lon, lat = own
            firm: Firm = thing[3]
            place = (lon, lat) if lon is not None and lat is not None else (firm.lon, firm.lat)
            found.append(ChpRow(*thing, *numbers, *place))
        return tuple(found)

    @cached_property
    def permits(self) -> dict[int, list[PermitRow]]:
        """Permits by the key of their enterprise."""
        found: dict[int, list[PermitRow]] = {}
        for thing, own in self._things(Permit.objects.all(), "number", "kind", "issued_on", "expires_on"):
            found.setdefault(thing[3].key, []).append(PermitRow(*thing, *own))
        return found

    @cached_property
    def outlets(self) -> tuple[OutletRow, ...]:
        """Outlets behind a denitration."""
        rows = self._things(Outlet.objects.exclude(denitration=""), "denitration", "ammonia_meter")
        return tuple(OutletRow(*thing, *own) for thing, own in rows)

    @cached_property
    def furnaces(self) -> tuple[FurnaceRow, ...]:
        rows = self._things(Furnace.objects.all(), "kind", "size_m", "path", "due_on", "done_on")
        return tuple(FurnaceRow(*thing, *own) for thing, own in rows)

    @cached_property
    def works(self) -> tuple[WorkRow, ...]:
        rows = self._things(Work.objects.all(), "programme", "group", "due_on", "done_on", "proofs")
        return tuple(WorkRow(*thing, *(*own[:-1], tuple(own[-1]))) for thing, own in rows)

    @cached_property
    def solvents(self) -> tuple[SolventRow, ...]:
        rows = self._things(Solvent.objects.all(), "used_t", "low_t")
        return tuple(SolventRow(*thing, *own) for thing, own in rows)

    def _things(self, rows: QuerySet[Any], *fields: str) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """The common and the own fields of each row whose enterprise is there."""
        firms = self.firms
        asked = rows.order_by("code").values_list("pk", "code", "name", "enterprise_id", "since", "until", *fields)
        return [((*row[:3], firms[row[3]], *row[4:6]), row[6:]) for row in asked if row[3] in firms]


def snapshot() -> Snapshot:
    """Return the register as it is: the same object while no record changes, a fresh one inside a transaction."""
    version = version_of_everything()
    if version is None:
        return Snapshot()
    full = (connection.settings_dict["NAME"], version)
    with _lock:
        if full not in _kept:
            _kept[full] = Snapshot()
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        return _kept[full]


__all__ = ["Firm", "Snapshot", "snapshot"]
