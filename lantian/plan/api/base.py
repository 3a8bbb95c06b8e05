"""The one router of the plan room: reading and changing share addresses, so they must share the router."""

from ninja import Router

router = Router()
