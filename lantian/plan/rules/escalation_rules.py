"""The escalation rules as data: read from the national file, with a city pack's settings laid over them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import operator
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

LEVELS = ("remind", "warn", "circular", "interview", "inspection", "accountability")
_BIGGEST = 1_000_000
SETTINGS = ("threshold", "level", "minimum", "quiet_days", "answer_days", "enabled")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `threshold` is in `unit` (the unit of its fact); `own` tells that the pack changed it."""

    id: str
    family: str
    fact: str
    per: str
    level: str
    comparator: str
    threshold: Decimal
    unit: str
    minimum: int
    quiet_days: int
    answer_days: int
    enabled: bool
    of: str
    text_zh: str
    text_en: str
    explanation_zh: str
    explanation_en: str
    source: str
    confidence: str
    version: str
    own: bool = False

    def meets(self, figure: Decimal) -> bool:
        """Tell whether a figure meets the threshold."""
        return _COMPARE[self.comparator](figure, self.threshold)


@dataclass(frozen=True, slots=True)
class FactKind:
    name: str
    unit: str
    zh: str
    en: str


class RuleError(ValueError):
    """The pack's escalation settings contradict the rules; `faults` lists every one of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@cache
def _data() -> dict[str, Any]:
    text = (Path(__file__).parent.parent / "data" / "escalation.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


@cache
def facts_known() -> dict[str, FactKind]:
    """Return what can be measured, by name."""
    return {name: FactKind(name, row["unit"], row["zh"], row["en"]) for name, row in _data()["fact"].items()}


@cache
def national_rules() -> tuple[Rule, ...]:
    """Return the national rules in the order of the file."""
    return tuple(_rule(row, _data()["version"]) for row in _data()["rule"])


def _rule(row: Mapping[str, Any], version: str) -> Rule:
    return Rule(
        id=row["id"], family=row["family"], fact=row["fact"], per=row["per"], level=row["level"],
        comparator=row["comparator"], threshold=Decimal(row["threshold"]), unit=facts_known()[row["fact"]].unit,
        minimum=row.get("minimum", 1), quiet_days=row["quiet_days"], answer_days=row["answer_days"],
        enabled=row.get("enabled", True), of=row.get("of", ""), text_zh=row["text_zh"], text_en=row["text_en"],
        explanation_zh=row["explanation_zh"], explanation_en=row["explanation_en"], source=row["source"],
        confidence=row["confidence"], version=version,
    )  # fmt: skip


def load_rules(overrides: Iterable[Mapping[str, Any]] = ()) -> tuple[Rule, ...]:
    """Return the rules with a pack's overrides ({rule, settings, source, confidence} each) laid over them.

    Raises RuleError that names every fault: an unknown rule, an unknown setting, a value of the wrong kind.
    """
    rules = {rule.id: rule for rule in national_rules()}
    faults: list[str] = []
    for override in overrides:
        name, settings = str(override.get("rule", "")), override.get("settings") or {}
        found = [f"{message} {hint}" for _setting_, message, hint in override_troubles(name, settings)]
        faults += found
        if not found:
            values = {key: _setting(key, value) for key, value in settings.items()}
            origin = {"source": override.get("source", ""), "confidence": override.get("confidence", "")}
            version = f"{rules[name].version}+{_digest(values)}"
            rules[name] = dataclasses.replace(rules[name], **values, **origin, version=version, own=True)
    if faults:
        raise RuleError(faults)
    return tuple(rules.values())


def override_troubles(rule: str, settings: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is wrong with a pack's settings of a rule: (setting or "" for the rule, what, how to mend it)."""
    known = [one.id for one in national_rules()]
    if rule not in known:
        return [("", f"the escalation rule {rule!r} is unknown.", f"One of: {', '.join(known)}.")]
    found = []
    for name, value in settings.items():
        if name not in SETTINGS:
            found.append((name, f"{rule}: the setting {name!r} is unknown.", f"One of: {', '.join(SETTINGS)}."))
            continue
        try:
            _setting(name, value)
        except (ValueError, InvalidOperation) as error:
            how = "Write a number." if isinstance(error, InvalidOperation) else f"{error}."
            found.append((name, f"{rule}: {name} cannot be {str(value)[:40]!r}.", how[0].upper() + how[1:]))
    return found


def _setting(name: str, value: Any) -> Any:
    if name == "enabled":
        if not isinstance(value, bool):
            raise ValueError("write true or false")
        return value
    if name == "level":
        if value not in LEVELS:
            raise ValueError(f"one of: {', '.join(LEVELS)}")
        return value
    number = Decimal(str(value))
    if isinstance(value, bool) or not number.is_finite() or not 0 <= number <= _BIGGEST:
        raise ValueError(f"write a number from 0 to {_BIGGEST}")
    if name == "threshold":
        return number
    if number != int(number):
        raise ValueError("write a whole number")
    return int(number)


def _digest(values: Mapping[str, Any]) -> str:
    plain = json.dumps({key: str(value) for key, value in values.items()}, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:8]
