"""The HTTP API of the plan room. Importing a part registers its operations."""

from lantian.plan.api import counties, escalation, ledger, review, rounds, steps, texts
from lantian.plan.api.base import router

__all__ = ["counties", "escalation", "ledger", "review", "rounds", "router", "steps", "texts"]
