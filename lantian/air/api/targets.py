"""The HTTP API of targets and what is left of them."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["Air"])
