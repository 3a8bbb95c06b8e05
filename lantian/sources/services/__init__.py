"""Verbs of the register: enter, change, end, take up again, take over plants."""

from lantian.sources.services.editing import change, end, enter, reopen
from lantian.sources.services.taking import take_plants
from lantian.sources.services.writing import Written

__all__ = ["Written", "change", "end", "enter", "reopen", "take_plants"]
