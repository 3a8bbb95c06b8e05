"""What the air room keeps in the database. Measured values and flags lie in the observation store."""

from lantian.air.models.imports import ImportJob

__all__ = ["ImportJob"]
