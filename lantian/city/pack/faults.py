"""What is wrong with a pack: one fault per line, with the place in the file and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault. `line` and `column` count from 1; line 1 with no column also stands for "the file as a whole"."""

    file: str
    line: int
    column: int | None
    message: str
    hint: str = ""
    kind: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")
        return f"{place}: {self.message}" + (f" {self.hint}" if self.hint else "")


class PackError(ValueError):
    """The pack cannot be used; `faults` says why, in the order of files and lines."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"city pack {name}: {count}\n" + "\n".join(str(fault) for fault in faults))


class Faults:
    """A collector that keeps every fault once."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}

    def add(self, kind: str, file: str, line: int, message: str, hint: str = "", *, column: int | None = None) -> None:
        self._found[Fault(file, line, column, message, hint, kind)] = None

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(self._found, key=lambda fault: (fault.file, fault.line, fault.column or 0, fault.message)))
