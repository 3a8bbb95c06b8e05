"""The HTTP API of figures: places, series, assessments, rankings."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["Air"])
