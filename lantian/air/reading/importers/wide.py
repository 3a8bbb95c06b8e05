"""A row for each place and hour (or day), a column for each quantity."""

from __future__ import annotations

import polars as pl

from lantian.air.reading.columns import Finder, Header
from lantian.air.reading.declaring import factor
from lantian.air.reading.faults import Faults
from lantian.air.reading.formats import Format, importer
from lantian.air.reading.parsing import amounts, keyed, texts
from lantian.air.reading.tables import Chunk


@importer("cnemc-city-hourly", "cnemc-station-hourly", "openair", "daily-aqi")
class Wide:
    """Several values in a row share its place and time."""

    part_rows = 100_000

    def __init__(self, form: Format) -> None:
        self._form = form

    def understand(self, names: list[str]) -> Header:
        """Find time, place and at least one column of values (all of them where the format says so)."""
        finder = Finder(names, self._form)
        finder.find("time", self._form.time)
        finder.place()
        for one in self._form.values:
            finder.find_value(one)
        quantities = tuple(one.quantity for one in self._form.values)
        finder.some(quantities)
        return finder.header(quantities)

    def parse(self, chunk: Chunk, header: Header, faults: Faults) -> pl.DataFrame:
        """Return place, label, line and a column for each quantity that the file has."""
        frame = keyed(texts(chunk), header, self._form, faults)
        values = [
            amounts(frame, one, factor(one, header.columns[one].unit), header, self._form, faults).alias(one)
            for one in header.quantities
        ]
        return frame.select("place", "label", "line").with_columns(values)
