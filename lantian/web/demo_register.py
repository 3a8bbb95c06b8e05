"""The demonstration's boilers, heat and power plants, permits, furnaces and works: invented, beside the twin's plants.

Everything hangs on enterprises that are marked as invented; the same seed makes the same rows.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from shapely.geometry import Point, shape

from lantian.city import clock
from lantian.city.models import Place
from lantian.records.services import audit
from lantian.sources.kinds import kind_named
from lantian.sources.models import Enterprise
from lantian.sources.services.writing import Wanted, write
from lantian.sources.snapshot import snapshot
from lantian.sources.spatial import zones

SEED = 11
SOURCE = "invented for the demonstration"
_CLASSES = ("close", "close", "move", "upgrade", "upgrade")
_PROOFS = {
    "close": ["water", "power", "materials", "products", "equipment"],
    "move": ["moved", "cleared", "approvals"],
    "upgrade": ["approvals", "treatment", "limits"],
}


@transaction.atomic
def make_register() -> int:
    """Write the invented rows in one transaction; return how many there are. Without boundaries of areas there are none."""
    rng = random.Random(SEED)  # noqa: S311 - invented rows, no secrets
    areas = [one for one in Place.objects.areas() if one.boundary]
    if not areas:
        return 0
    plants = list(Enterprise.objects.filter(synthetic=True, merged_into__isnull=True).order_by("code"))
    wanted = [
        *(row for at, area in enumerate(areas) for row in _heating(rng, area, at)),
        *_chps(areas),
        *(row for one in plants for row in _of_plant(rng, one)),
    ]
    done = write(None, wanted, reason=SOURCE)
    first = next(row for row in done.rows if isinstance(row, Enterprise))
    audit(None, "sources.take", first, reason=SOURCE, data={"created": done.created, "source": SOURCE})
    return done.created


def _wanted(what: str, /, **values: Any) -> Wanted:
    return Wanted(kind_named(what), {"source": SOURCE, **values})


def _within(rng: random.Random, area: Place, near: tuple[float, float] | None = None) -> dict[str, Any]:
    """A position inside the area, near a place where one is given."""
    outline = shape(area.boundary)
    west, south, east, north = outline.bounds
    for _try in range(500):
        if near is None:
            lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        else:
            lon, lat = near[0] + rng.gauss(0, 0.05), near[1] + rng.gauss(0, 0.04)
        if outline.contains(Point(lon, lat)):
            return {"lon": round(lon, 5), "lat": round(lat, 5), "datum": "WGS-84"}
    inside = outline.representative_point()
    return {"lon": round(inside.x, 5), "lat": round(inside.y, 5), "datum": "WGS-84"}


def _seat(area: Place) -> tuple[float, float]:
    """The middle of the area's invented built-up area, else a point inside the area."""
    drawn = [one for one in zones(snapshot()).zones.values() if one.kind == "built_up" and one.area == area.code]
    point = drawn[0].geometry.centroid if drawn else shape(area.boundary).representative_point()
    return point.x, point.y


def _heating(rng: random.Random, area: Place, at: int) -> Iterable[Wanted]:
    """A heat supplier of the area with its boilers, many of them gone by the plan's day."""
    code = f"DH{at + 1:02}"
    yield _wanted(
        "enterprise", code=code, name=f"{area.name}演示供热公司", name_en=f"{area.name_en} demo heat supply",
        industry="heating", area=area.code, synthetic=True, permit_need="simple", **_within(rng, area, _seat(area)),
    )  # fmt: skip
    yield _permit(rng, code, "simple", late=at % 5 == 4)
    today = clock.today()
    for number in range(rng.randint(4, 9)):
        coal = rng.random() < 0.6
        size = rng.choice([2, 4, 6, 10, 10, 20, 35, 40] if coal else [4, 10, 20])
        gone = coal and size <= 10 and rng.random() < 0.55
        values: dict[str, Any] = {
            "code": f"{code}.B{number + 1}", "name": f"{number + 1}号锅炉", "enterprise": code, "capacity_th": float(size),
            "fuel": "coal" if coal else "gas", "purpose": rng.choice(["heating", "heating", "industry", "both"]),
            "low_nox": not coal and rng.random() < 0.7,
        }  # fmt: skip
        if gone:
            values |= {
                "removed_on": (today - dt.timedelta(days=rng.randint(5, 200))).isoformat(),
                "removal": "拆除（演示）",
            }
        if rng.random() < 0.9:  # some have no position: their enterprise's counts
            values |= _within(rng, area, _seat(area))
        yield _wanted("boiler", **values)


def _chps(areas: list[Place]) -> Iterable[Wanted]:
    """Two large heat and power plants and a small one, near the seats of the first areas."""
    chosen = ((0, 350.0, 700.0), (len(areas) // 2, 300.0, 600.0), (1, 12.0, 24.0))
    for number, (at, unit, total) in enumerate(chosen, 1):
        area = areas[at % len(areas)]
        lon, lat = _seat(area)
        place = {"lon": round(lon + 0.02, 5), "lat": round(lat + 0.01, 5), "datum": "WGS-84"}
        code = f"DP{number}"
        yield _wanted(
            "enterprise", code=code, name=f"{area.name}演示热电厂", name_en=f"{area.name_en} demo CHP", industry="chp",
            area=area.code, synthetic=True, permit_need="permit", **place,
        )  # fmt: skip
        yield _wanted(
            "chp",
            code=f"{code}.H1",
            name=f"{area.name}演示热电厂",
            enterprise=code,
            units=2,
            unit_mw=unit,
            total_mw=total,
            **place,
        )
        yield _permit(random.Random(number), code, "permit")  # noqa: S311


def _permit(rng: random.Random, code: str, kind: str, *, late: bool = False) -> Wanted:
    """A permit of three years; `late`: it ran out some weeks ago."""
    today = clock.today()
    end = today - dt.timedelta(days=30) if late else today + dt.timedelta(days=rng.randint(200, 900))
    return _wanted(
        "permit", code=f"{code}.K1", enterprise=code, number=f"演示证{code}", kind=kind,
        issued_on=(end - dt.timedelta(days=1095)).isoformat(), expires_on=end.isoformat(), authority="演示审批局",
    )  # fmt: skip


_FURNACES = {
    "coking": "coke_oven", "brick": "brick_kiln", "forging": "forging_furnace", "casting": "casting_furnace",
    "refractory": "refractory_kiln", "pellet": "pellet", "alumina": "roaster", "lime": "lime_kiln",
}  # fmt: skip


def _of_plant(rng: random.Random, plant: Enterprise) -> Iterable[Wanted]:
    """What the plan has to do with one of the twin's plants."""
    code, today = plant.code, clock.today()
    need = rng.choice(["permit", "permit", "simple", "registration", ""])
    chosen = rng.random()
    listed = rng.choice(_CLASSES) if chosen < 0.2 else ("no" if chosen < 0.8 else "")
    yield Wanted(kind_named("enterprise"), {"code": code, "permit_need": need, "scattered": listed}, row=plant)
    if rng.random() < 0.85:
        yield _permit(rng, code, need or "simple", late=rng.random() < 0.08)
    if listed in _PROOFS:
        done = rng.random()
        proofs = _PROOFS[listed] if done < 0.5 else _PROOFS[listed][: rng.randint(0, 2)]
        day = (today - dt.timedelta(days=rng.randint(3, 60))).isoformat() if done < 0.8 else None
        yield _wanted(
            "work", code=f"{code}.W1", enterprise=code, programme=listed, name="散乱污整治", proofs=proofs, done_on=day
        )
    if plant.industry in ("steel", "pellet", "sintering", "coking"):
        proofs = ["rebuilt", "assessed"] if rng.random() < 0.4 else ["rebuilt"]
        yield _wanted(
            "work", code=f"{code}.W2", enterprise=code, programme="ultra_low_stack", name="有组织超低排放改造", proofs=proofs,
            done_on=(today - dt.timedelta(days=20)).isoformat(), due_on=f"{today.year}-09-30",
        )  # fmt: skip
    if plant.industry in ("forging", "casting", "pellet"):
        day = (today - dt.timedelta(days=9)).isoformat() if rng.random() < 0.5 else None
        yield _wanted(
            "work",
            code=f"{code}.W3",
            enterprise=code,
            programme="cluster",
            name="集群整治",
            group="演示产业集群",
            done_on=day,
        )
    if kind := _FURNACES.get(plant.industry):
        size = rng.choice([4.3, 5.5, 6.0]) if kind == "coke_oven" else None
        path = "eliminate" if size == 4.3 else rng.choice(["treat", "replace", "treat"])
        day = (today - dt.timedelta(days=rng.randint(1, 90))).isoformat() if rng.random() < 0.5 else None
        yield _wanted(
            "furnace",
            code=f"{code}.F1",
            enterprise=code,
            name="1号炉窑",
            kind=kind,
            size_m=size,
            path=path,
            done_on=day,
        )
