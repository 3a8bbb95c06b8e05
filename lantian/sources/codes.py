"""Codes that are made up where none is given: E0001 for an enterprise, E0001.L1 for its lines, E0001.DA001 for a stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lantian.sources.kinds import Kind
from lantian.sources.models import Enterprise

_UNSAFE = re.compile(r"[^A-Za-z0-9._:-]+")


class Codes:
    """Gives out codes that are free, remembering those it gave (several rows of one file)."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._highest: dict[tuple[str, str], int] = {}

    def next(self, kind: Kind, values: Mapping[str, Any]) -> str:
        """Return the next free code for a row with these values."""
        if kind.is_enterprise:
            return self._numbered(kind, "E", 4)
        plant = str(values["enterprise"])
        if kind.name == "limit":
            base = f"{values['outlet']}.{values['quantity']}.{values['period']}"
            return self._free(kind, base)
        if kind.name in ("outlet", "permit") and values.get("number"):
            number = _UNSAFE.sub("-", str(values["number"])).strip("-")
            if number:
                return self._free(kind, f"{plant}.{number}"[:60])
        letter = "T" if kind.name == "equipment" and values.get("role") == "treatment" else kind.letter
        width = {"outlet": 3, "equipment": 2}.get(kind.name, 1)
        return self._numbered(kind, f"{plant}.{letter}", width)

    def _numbered(self, kind: Kind, start: str, width: int) -> str:
        if (kind.name, start) not in self._highest:
            held = kind.model.objects.filter(code__startswith=start).values_list("code", flat=True)
            tails = [code[len(start) :] for code in {*held, *(c for c in self._taken if c.startswith(start))}]
            self._highest[kind.name, start] = max((int(t) for t in tails if t.isdecimal() and len(t) < 9), default=0)
        while True:
            self._highest[kind.name, start] += 1
            code = f"{start}{self._highest[kind.name, start]:0{width}}"
            if not self._is_taken(kind, code):
                self._taken.add(code)
                return code

    def _free(self, kind: Kind, base: str) -> str:
        code, number = base, 1
        while self._is_taken(kind, code):
            number += 1
            code = f"{base}-{number}"
        self._taken.add(code)
        return code

    def _is_taken(self, kind: Kind, code: str) -> bool:
        from lantian.sources.known import taken

        return code in self._taken or bool(taken(kind, {code}))


def next_code(kind: Kind, values: Mapping[str, Any]) -> str:
    """Return the next free code for one row."""
    return Codes().next(kind, values)


def merged_codes() -> dict[str, str]:
    """Return {code: code of the one into which it was merged}."""
    rows = Enterprise.objects.filter(merged_into__isnull=False)
    return dict(rows.values_list("code", "merged_into__code"))
