"""What is known of a plant, as plain facts: the language that the register, rules, gateway and twin share.

Codes are unique in the city: a plant `E0001`, its line `E0001.L1`, its equipment `E0001.P01`, its outlet `E0001.DA001`.
The code of an outlet or of equipment is the `source` of its telemetry, the code of the plant its `place`.
Times are aware; `None` is "without end".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

# The roles that a metered point can have (用电监控 point types).
PRODUCTION, TREATMENT, BOTH, INDIRECT, TOTAL = "production", "treatment", "both", "indirect", "total"
ROLES = (PRODUCTION, TREATMENT, BOTH, INDIRECT, TOTAL)
GRADES = ("A", "B", "B-", "C", "D", "leading", "livelihood", "")
ORDERS = ("stop", "limit", "close")


@dataclass(frozen=True, slots=True)
class Line:
    """A production line or process of a plant."""

    code: str
    name: str
    process: str = ""


@dataclass(frozen=True, slots=True)
class Equipment:
    """A metered piece of equipment. `kind` is a word of `data/kinds.toml` (kiln, fan, pump, baghouse ...); the load
    levels are kW: below `off_kw` it is off, from `run_kw` it runs, between them it idles (None: not known)."""

    code: str
    name: str
    role: str
    kind: str = ""
    line: str = ""
    rated_kw: float | None = None
    off_kw: float | None = None
    run_kw: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """What must run together: while any of `production` runs, `treatment` runs (all of them, or any one).
    Minutes: treatment starts `lead_minutes` before production and stops `lag_minutes` after it."""

    code: str
    production: tuple[str, ...]
    treatment: tuple[str, ...]
    needs: str = "all"
    lead_minutes: int | None = None
    lag_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of an outlet, with where it stands. `period` is "hour" or "day"; value in `unit` at the reference oxygen."""

    quantity: str
    value: float
    unit: str = "mg/m3"
    period: str = "hour"
    clause: str = ""
    source: str = ""
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    ultra_low: bool = False


@dataclass(frozen=True, slots=True)
class Outlet:
    """A stack. `oxygen` is the reference oxygen in % (None: no conversion); `denitration` is scr, sncr, scr+sncr or ""."""

    code: str
    name: str
    process: str = ""
    lines: tuple[str, ...] = ()
    oxygen: float | None = None
    denitration: str = ""
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """An order that is in force over plant, line or equipment (`subjects`: codes; empty: the whole plant).
    `kind`: stop, limit (to `share` of normal, 0..1) or close (until further notice)."""

    id: str
    kind: str
    start: dt.datetime
    end: dt.datetime | None = None
    subjects: tuple[str, ...] = ()
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """One enterprise with everything that rules need to know of it."""

    code: str
    name: str
    industry: str
    grade: str = ""
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    lines: tuple[Line, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    pairs: tuple[Pair, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    orders: tuple[Order, ...] = field(default=())
    closed_since: dt.date | None = None
    synthetic: bool = False
