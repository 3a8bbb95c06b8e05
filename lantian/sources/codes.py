"""Codes that are made up where none is given: E0001 for an enterprise, E0001.L1 for its lines, E0001.DA001 for a stack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lantian.sources.kinds import KINDS, Kind
from lantian.sources.models import Enterprise

_UNSAFE = re.compile(r"[^A-Za-z0-9._:-]+")
_NUMBERED = re.compile(r"(.*?)([0-9]{1,8})")


class Codes:
    """Gives out codes that are free, remembering those it gave. With `bulk` every table is asked once and kept."""

    def __init__(self, *, bulk: bool = False) -> None:
        self._bulk = bulk
        self._given: set[str] = set()
        self._highest: dict[tuple[str, str], int] = {}
        self._held: dict[str, set[str]] = {}

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
            self._highest[kind.name, start] = self._last(kind, start)
        while True:
            self._highest[kind.name, start] += 1
            code = f"{start}{self._highest[kind.name, start]:0{width}}"
            if not self._is_taken(kind, code):
                self._given.add(code)
                return code

    def _last(self, kind: Kind, start: str) -> int:
        """Return the highest number behind a beginning."""
        if self._bulk:
            self._all(kind)
            return self._highest.get((kind.name, start), 0)
        held = kind.model.objects.filter(code__startswith=start).values_list("code", flat=True)
        tails = [code[len(start) :] for code in held]
        return max((int(tail) for tail in tails if tail.isdecimal() and len(tail) < 9), default=0)

    def _all(self, kind: Kind) -> set[str]:
        """Learn all codes of a kind, and the highest number behind each beginning."""
        if kind.name not in self._held:
            self._held[kind.name] = set(kind.model.objects.values_list("code", flat=True))
            for code in self._held[kind.name]:
                if match := _NUMBERED.fullmatch(code):
                    key = (kind.name, match[1])
                    self._highest[key] = max(self._highest.get(key, 0), int(match[2]))
        return self._held[kind.name]

    def _free(self, kind: Kind, base: str) -> str:
        code, number = base, 1
        while self._is_taken(kind, code):
            number += 1
            code = f"{base}-{number}"
        self._given.add(code)
        return code

    def _is_taken(self, kind: Kind, code: str) -> bool:
        from lantian.sources.known import taken

        if code in self._given:
            return True
        if not self._bulk:
            return bool(taken(kind, {code}))
        kinds = [one for one in KINDS if one.unique] if kind.unique else [kind]
        return any(code in self._all(one) for one in kinds)


def next_code(kind: Kind, values: Mapping[str, Any]) -> str:
    """Return the next free code for one row."""
    return Codes().next(kind, values)


def merged_codes() -> dict[str, str]:
    """Return {code: code of the one into which it was merged}."""
    rows = Enterprise.objects.filter(merged_into__isnull=False)
    return dict(rows.values_list("code", "merged_into__code"))
