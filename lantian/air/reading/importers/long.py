"""A row for each value: time, place, pollutant, value, unit."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from lantian.air.reading.columns import Finder, Header
from lantian.air.reading.declaring import factor
from lantian.air.reading.faults import Faults
from lantian.air.reading.formats import Format, importer
from lantian.air.reading.parsing import amounts, kept, keyed, texts
from lantian.air.reading.tables import Chunk
from lantian.standards.pollutants import UnknownPollutantError, core_codes, pollutant


@importer("long")
class Long:
    """Every row has its own pollutant and unit; the unit's column may be lacking when units are declared."""

    part_rows = 500_000

    def __init__(self, form: Format) -> None:
        self._form = form
        self._units = dict(form.units)

    def understand(self, names: list[str]) -> Header:
        """Find time, perhaps hour, place, pollutant, value, unit."""
        form = self._form
        finder = Finder(names, form)
        finder.find("time", form.time)
        finder.find("hour", form.hour, needed=False)
        finder.place()
        finder.find("pollutant", form.pollutant)
        finder.find("value", form.value)
        finder.find("unit", form.unit, needed=not self._units)
        return finder.header()

    def parse(self, chunk: Chunk, header: Header, faults: Faults) -> pl.DataFrame:
        """Return place, label, line, quantity and value (null is missing)."""
        frame = texts(chunk)
        frame = frame.filter(~pl.col("pollutant").is_in(list(self._form.leave_out)))
        if "unit" not in frame.columns:
            frame = frame.with_columns(pl.lit("").alias("unit"))
        frame = self._known(keyed(frame, header, self._form, faults), header, faults)
        value = amounts(frame, "value", frame.select("numerator", "denominator"), header, self._form, faults)
        return frame.select("place", "label", "line", "quantity").with_columns(value.alias("value"))

    def _known(self, frame: pl.DataFrame, header: Header, faults: Faults) -> pl.DataFrame:
        """Add the quantity and the factor of its unit; of each pair that is there the law is asked once."""
        pairs = frame.select("pollutant", "unit").unique()
        read = [(*pair, *self._read(*pair)) for pair in pairs.iter_rows()]
        schema = {
            "pollutant": pl.String, "unit": pl.String, "quantity": pl.String, "numerator": pl.Int64,
            "denominator": pl.Int64,
        }  # fmt: skip
        table = pl.DataFrame(read, schema=schema, orient="row")
        frame = frame.join(table, on=["pollutant", "unit"], how="left", maintain_order="left")
        known = ", ".join(core_codes())
        frame = kept(frame, pl.col("quantity").is_null(), "pollutant", header, "pollutant", faults, known)
        bad = pl.col("numerator").is_null()
        role = "unit" if "unit" in header.columns else "pollutant"
        return kept(frame, bad, role, header, "unit", faults, "µg/m3, mg/m3")

    def _read(self, name: str, unit: str) -> tuple[str | None, int | None, int | None]:
        try:
            code = pollutant(name).code
        except UnknownPollutantError:
            return None, 1, 1
        if code not in core_codes():
            return None, 1, 1
        try:
            times: Fraction = factor(code, unit or self._units.get(code, self._units.get("", "")))
        except ValueError:
            return code, None, None
        return code, times.numerator, times.denominator
