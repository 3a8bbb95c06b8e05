"""Dialects: which deviations from the standard one kind of device may have. They are data (data/dialects.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from lantian.gateway.wire import words

READINGS = frozenset({"gbk", "key_case", "time_fraction", "surface_water"})
SENDINGS = frozenset({"modbus_crc", "swapped_crc", "lower_case_crc", "length_plus_6"})


@dataclass(frozen=True)
class Dialect:
    """What is taken from a device beyond the standard, and how it wants to be spoken to.

    `accepts`: codes of tolerable deviations; `reads`: contents interpreted beyond the standard (READINGS);
    `sends`: deviations of what we send to it (SENDINGS); placeholders: constants instead of length and CRC.
    Raises ValueError for names that do not exist.
    """

    name: str
    accepts: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    sends: frozenset[str] = frozenset()
    length_placeholders: frozenset[int] = frozenset()
    crc_placeholders: frozenset[str] = frozenset()
    zh: str = ""
    en: str = ""
    devices: bool = True

    def __post_init__(self) -> None:
        for given, known in (
            (self.accepts, words.tolerable()),
            (self.reads, READINGS),
            (self.sends, SENDINGS),
        ):
            if unknown := given - known:
                raise ValueError(f"dialect {self.name}: unknown {', '.join(sorted(unknown))}")

    def extended(self, *codes: str) -> Dialect:
        """Return this dialect with more tolerances or readings (a device may need several)."""
        readings = READINGS.intersection(codes)
        return Dialect(
            f"{self.name}+{'+'.join(codes)}",
            self.accepts | (set(codes) - readings),
            self.reads | readings,
            self.sends,
            self.length_placeholders,
            self.crc_placeholders,
            self.zh,
            self.en,
            self.devices,
        )


def _made(name: str, row: dict[str, Any], placeholders: dict[str, Any]) -> Dialect:
    own = row.get("placeholders", placeholders)
    accepts = frozenset(row.get("accepts", ()))
    reads = frozenset(row.get("reads", ()))
    return Dialect(
        name,
        words.tolerable() if "*" in accepts else accepts,
        READINGS if "*" in reads else reads,
        frozenset(row.get("sends", ())),
        frozenset(own["length"]),
        frozenset(own["crc"]),
        row["zh"],
        row["en"],
        row.get("devices", True),
    )


@cache
def dialects() -> dict[str, Dialect]:
    """Return the dialects by name."""
    data = words.load("dialects")
    return {name: _made(name, row, data["placeholders"]) for name, row in data["dialects"].items()}


def dialect(name: str) -> Dialect:
    """Return a dialect, or several joined by `+` (names of dialects or of tolerances: `standard+lf_only`).

    Raises LookupError with the names that there are.
    """
    first, *rest = name.split("+")
    if first not in dialects():
        raise LookupError(f"no dialect {first!r}; there are {', '.join(dialects())}")
    found = dialects()[first]
    for part in rest:
        found = _joined(found, part)
    return found


def _joined(base: Dialect, part: str) -> Dialect:
    if part in words.tolerable() or part in READINGS:
        return base.extended(part)
    other = dialect(part)
    return Dialect(
        f"{base.name}+{other.name}",
        base.accepts | other.accepts,
        base.reads | other.reads,
        base.sends | other.sends,
        base.length_placeholders | other.length_placeholders,
        base.crc_placeholders | other.crc_placeholders,
        base.zh,
        base.en,
        base.devices and other.devices,
    )


STANDARD: Dialect = dialect("standard")
