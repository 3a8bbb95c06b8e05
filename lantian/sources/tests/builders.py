"""An invented brick works and others, for tests of the register."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lantian.city import clock
from lantian.sources.models import Enterprise, Equipment, Line, OrderRecord, Outlet, OutletLimit, Pair


def make_enterprise(code: str = "E0001", name: str = "青川砖厂", **values: Any) -> Enterprise:
    defaults = {"industry": "brick", "changed_at": clock.now(), "synthetic": True}
    return Enterprise.objects.create(code=code, name=name, **{**defaults, **values})


def make_plant(code: str = "E0001", name: str = "青川砖厂", **values: Any) -> Enterprise:
    """Make an enterprise with a line, a kiln with its scrubber, a stack with two limits and an order."""
    one = make_enterprise(code, name, **values)
    line = Line.objects.create(enterprise=one, code=f"{code}.L1", name="隧道窑一线", process="烧成")
    kiln = Equipment.objects.create(
        enterprise=one, code=f"{code}.P01", name="隧道窑风机", role="production", kind="kiln", line=line,
        rated_kw=90, off_kw=5, run_kw=30,
    )  # fmt: skip
    scrubber = Equipment.objects.create(
        enterprise=one,
        code=f"{code}.T01",
        name="脱硫浆液泵",
        role="treatment",
        kind="slurry_pump",
        line=line,
        rated_kw=45,
    )
    pair = Pair.objects.create(enterprise=one, code=f"{code}.R1", name="窑与脱硫", lead_minutes=10, lag_minutes=30)
    pair.production.add(kiln)
    pair.treatment.add(scrubber)
    outlet = Outlet.objects.create(
        enterprise=one, code=f"{code}.DA001", number="DA001", name="窑尾烟囱", oxygen=18, height_m=30
    )
    outlet.lines.add(line)
    for quantity, value in (("a34013", 30), ("a21026", 150)):
        OutletLimit.objects.create(
            enterprise=one, outlet=outlet, code=f"{code}.DA001.{quantity}", quantity=quantity, value=value,
            clause="排污许可证", source="许可证副本",
        )  # fmt: skip
    start = dt.datetime(2020, 5, 1, tzinfo=dt.UTC)
    OrderRecord.objects.create(
        enterprise=one, code=f"{code}.O1", kind="limit", share=0.5, start=start, end=start + dt.timedelta(days=3),
        subjects=[line.code],
    )  # fmt: skip
    return one
