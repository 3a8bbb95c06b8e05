"""The HTTP API of quality control: flags, reviews, corrections."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["Air"])
