"""The HTTP API of the plan room. Importing a part registers its operations."""

from lantian.plan.api import ledger, review, steps, texts
from lantian.plan.api.base import router

__all__ = ["ledger", "review", "router", "steps", "texts"]
