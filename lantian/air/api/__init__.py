"""The HTTP API of the air room: one module for each of its parts."""

from __future__ import annotations

from ninja import Router

from lantian.air.api import figures, imports, quality, targets

router = Router()
for part in (figures, imports, quality, targets):
    router.add_router("", part.router)
