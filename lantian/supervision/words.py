"""Names, explanations and sentences of rules in the language of the page, filled with the numbers of a finding."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from lantian.supervision.rules.parameters import RuleText, house_parameters


def chinese() -> bool:
    """Tell whether the page is Chinese."""
    return (get_language() or "zh-hans").startswith("zh")


def text(rule: str) -> RuleText | None:
    """Return the words of a rule; None for one that the house no longer has (an old alarm may name it)."""
    return house_parameters().rules.get(rule)


def _name(rule: str) -> str:
    found = text(rule)
    return rule if found is None else found.zh if chinese() else found.en


rule_name = lazy(_name, str)


def measured(rule: str) -> Mapping[str, Any] | None:
    """Return what was measured of a rule on the synthetic city (`data/measured.toml`): right, other, false, false_rate."""
    found: Mapping[str, Any] | None = _measured().get(rule)
    return found


@cache
def _measured() -> Mapping[str, Any]:
    raw = (resources.files("lantian.supervision") / "data" / "measured.toml").read_text(encoding="utf-8")
    made: Mapping[str, Any] = tomllib.loads(raw).get("rule", {})
    return made


class _Numbers(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def sentence(rule: str, numbers: Mapping[str, Any]) -> str:
    """Return what a rule found, as a sentence; a number that lacks is shown as –."""
    found = text(rule)
    if found is None:
        return rule
    said = found.finding_zh if chinese() else found.finding_en
    return said.format_map(_Numbers({name: _shown(value) for name, value in numbers.items()}))


def _shown(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


__all__ = ["chinese", "measured", "rule_name", "sentence", "text"]
