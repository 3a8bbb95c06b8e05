"""From a file of any accepted kind to plain text with tables: `read_source`."""

from lantian.plan.reading.sources.base import Cell, SourceError, SourceText, Table
from lantian.plan.reading.sources.load import MEDIA, read_source

__all__ = ["MEDIA", "Cell", "SourceError", "SourceText", "Table", "read_source"]
