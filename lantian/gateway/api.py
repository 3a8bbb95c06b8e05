"""The HTTP API of the gateway: readings pushed by programs, newest values."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from ninja import Field, Router, Schema

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.gateway import access, queries
from lantian.gateway.services.pushing import push
from lantian.kit.api import Line, Word

router = Router(tags=["Telemetry"])


class ReadingIn(Schema):
    """One value of one point."""

    point: Word = Field(description="key of the device's map of points: factor or factor-suffix", examples=["P"])
    time: Word = Field(
        description="begin of the interval, ISO 8601 with its zone", examples=["2026-11-01T08:00:00+08:00"]
    )
    seconds: int = Field(60, ge=1, le=2678400, description="length of the interval")
    value: float
    flag: Word = Field("", description="data flag of HJ 212 (N, D, M, …) or empty")


class PushIn(Schema):
    """Readings of one device. With an `Idempotency-Key` a repeat is kept once."""

    device: Word = Field(description="MN of the device", examples=["010000A8900016F000169DC0"])
    readings: list[ReadingIn] = Field(min_length=1, max_length=5000)


class PushOut(Schema):
    """What is on disk now."""

    readings: int


class LatestOut(Schema):
    """The newest value of a point."""

    source: Line
    quantity: Line
    place: Line
    valid_from: str
    valid_to: str
    value: float
    unit: Line
    flag: Line


@router.post("/telemetry", response=PushOut, auth=Guard("telemetry.push"))
def push_readings(request: SignedRequest, body: PushIn) -> dict[str, int]:
    """Keep readings of a meter that does not speak HJ 212. They are on disk when this answers."""
    kept = push(request.user, body.model_dump(), key=request.headers.get("Idempotency-Key"))
    return {"readings": kept}


@router.get("/telemetry/{mn}/latest", response=list[LatestOut], auth=Guard("device.view"))
def latest(request: SignedRequest, mn: Word) -> list[dict[str, Any]]:
    """The newest value of every point of a device."""
    if not access.visible(scope_of(request.user)).filter(mn=mn).exists():
        raise Http404
    rows = queries.latest(mn=mn)
    return [
        {**row, "valid_from": row["valid_from"].isoformat(), "valid_to": row["valid_to"].isoformat()} for row in rows
    ]
