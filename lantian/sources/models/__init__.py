"""The register: enterprises and what stands in them, with its history."""

from lantian.sources.models.assets import Boiler, Camera, Chp, Gate, Meter, MicroStation, OrderRecord, Permit
from lantian.sources.models.base import Confidence, Datum
from lantian.sources.models.enterprise import Enterprise, Grade, Scattered, State
from lantian.sources.models.history import Change, ImportRow, Merge, NotDuplicate, Paper, RegisterImport
from lantian.sources.models.plant import Equipment, Line, Outlet, OutletLimit, Pair

__all__ = [
    "Boiler", "Camera", "Change", "Chp", "Confidence", "Datum", "Enterprise", "Equipment", "Gate", "Grade", "ImportRow",
    "Line", "Merge", "Meter", "MicroStation", "NotDuplicate", "OrderRecord", "Outlet", "OutletLimit", "Pair", "Paper",
    "Permit", "RegisterImport", "Scattered", "State",
]  # fmt: skip
