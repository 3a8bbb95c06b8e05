"""The reader of plans: from a file to tasks, responsibility clauses and measures. Pure Python, no Django.

from lantian.plan.reading import parse, read_source
plan = parse(read_source("plan.txt"))
plan.to_json()
"""

from lantian.plan.reading.assemble import read_plan
from lantian.plan.reading.model import (
    Citation,
    Field,
    Group,
    Measure,
    MeasureAreas,
    ParsedPlan,
    Period,
    ReadingWarning,
    Section,
    Target,
    Task,
)
from lantian.plan.reading.sources import SourceError, SourceText, read_source
from lantian.plan.reading.stretch import read_heading, read_stretch

__all__ = [
    "Citation",
    "Field",
    "Group",
    "Measure",
    "MeasureAreas",
    "ParsedPlan",
    "Period",
    "ReadingWarning",
    "Section",
    "SourceError",
    "SourceText",
    "Target",
    "Task",
    "read_heading",
    "read_plan",
    "read_source",
    "read_stretch",
]
