"""The HTTP API of imports: files and pushed values."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["Air"])
