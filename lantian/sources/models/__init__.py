"""The register: enterprises and what stands in them, with its history."""

from lantian.sources.models.assets import Boiler, Camera, Chp, Gate, Meter, MicroStation, OrderRecord, Permit
from lantian.sources.models.base import Confidence, Datum
from lantian.sources.models.enterprise import Enterprise, Grade, PermitNeed, Scattered, State
from lantian.sources.models.history import Change, ImportRow, Merge, NotDuplicate, Paper, RegisterImport
from lantian.sources.models.plant import Equipment, Line, Outlet, OutletLimit, Pair
from lantian.sources.models.works import Furnace, Solvent, Work

__all__ = [
    "Boiler", "Camera", "Change", "Chp", "Confidence", "Datum", "Enterprise", "Equipment", "Furnace", "Gate", "Grade", "ImportRow",
    "Line", "Merge", "Meter", "MicroStation", "NotDuplicate", "OrderRecord", "Outlet", "OutletLimit", "Pair", "Paper",
    "Permit", "PermitNeed", "RegisterImport", "Scattered", "Solvent", "State", "Work",
]  # fmt: skip
