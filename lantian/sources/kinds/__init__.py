"""The kinds of rows of the register, in the order in which they can be written."""

from lantian.sources.kinds.catalogue import KINDS, Kind, kind_named
from lantian.sources.kinds.columns import Column
from lantian.sources.kinds.words import equipment_kinds, industries, industry_of_class, quantities

__all__ = [
    "KINDS",
    "Column",
    "Kind",
    "equipment_kinds",
    "industries",
    "industry_of_class",
    "kind_named",
    "quantities",
]
