"""The HTTP API of the plan room."""

from ninja import Router

from lantian.plan.api import ledger, review, steps, texts

router = Router()
for part in (texts, review, ledger, steps):
    router.add_router("", part.router)
