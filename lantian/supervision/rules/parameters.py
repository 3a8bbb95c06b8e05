"""Words and numbers of the rules (`data/rules.toml`), with what holds for an industry or one plant."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any


class ParameterError(ValueError):
    """A file of parameters that cannot be used: says which entry, what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of a rule, with its unit, bounds, meaning and where it comes from."""

    name: str
    value: float
    unit: str
    zh: str
    en: str
    least: float
    most: float
    source: str = ""
    confidence: str = "H"


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule's name, explanation and sentence for a finding, in both languages; how grave it is; whom it concerns."""

    id: str
    kind: str
    severity: str
    zh: str
    en: str
    what_zh: str
    what_en: str
    finding_zh: str
    finding_en: str
    source: str
    confidence: str
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class Override:
    """Other numbers for a rule: of an industry or of one plant (the plant wins)."""

    rule: str
    numbers: Mapping[str, float]
    industry: str = ""
    plant: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of one rule for one plant."""

    rule: str
    version: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]


@dataclass(frozen=True, slots=True)
class Parameters:
    """All rules with their numbers and what overrides them."""

    version: str
    rules: Mapping[str, RuleText]
    overrides: tuple[Override, ...] = ()

    def settings(self, rule: str, *, industry: str = "", plant: str = "") -> Settings:
        """Return the numbers that hold for a plant. Raises KeyError for a rule that is not there."""
        numbers = {name: one.value for name, one in self.rules[rule].parameters.items()}
        version = self.version
        for wanted, value in (("industry", industry), ("plant", plant)):
            for one in self.overrides:
                if one.rule == rule and value and getattr(one, wanted) == value:
                    numbers.update(one.numbers)
                    version = f"{self.version}+{wanted}:{value}"
        return Settings(rule, version, numbers)

    def with_overrides(self, more: Iterable[Override]) -> Parameters:
        """Return these parameters with further overrides (later ones win). Raises ParameterError."""
        added = tuple(more)
        for one in added:
            check_override(self, one)
        return Parameters(self.version, self.rules, (*self.overrides, *added))


def check_override(parameters: Parameters, one: Override) -> None:
    """Raise ParameterError for an override of an unknown rule or number, or outside the number's bounds."""
    text = parameters.rules.get(one.rule)
    if text is None:
        raise ParameterError(f"there is no rule {one.rule!r}; rules: {', '.join(sorted(parameters.rules))}")
    if bool(one.industry) == bool(one.plant):
        raise ParameterError(f"an override of {one.rule} names an industry or a plant (one of the two)")
    for name, value in one.numbers.items():
        known = text.parameters.get(name)
        if known is None:
            raise ParameterError(f"rule {one.rule} has no number {name!r}; it has {', '.join(sorted(text.parameters))}")
        if not known.least <= value <= known.most:
            raise ParameterError(
                f"{one.rule}.{name} = {value:g} {known.unit} is not within {known.least:g} to {known.most:g}"
            )


def _parameter(name: str, raw: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name,
        float(raw["value"]),
        str(raw.get("unit", "")),
        str(raw["zh"]),
        str(raw["en"]),
        float(raw["least"]),
        float(raw["most"]),
        str(raw.get("source", "")),
        str(raw.get("confidence", "H")),
    )


def _text(rule: str, raw: Mapping[str, Any], common: Mapping[str, Any]) -> RuleText:
    words = {
        name: str(raw[name])
        for name in ("kind", "severity", "zh", "en", "what_zh", "what_en", "finding_zh", "finding_en")
    }
    numbers = {name: _parameter(name, one) for name, one in {**common, **raw.get("parameters", {})}.items()}
    return RuleText(id=rule, source=str(raw["source"]), confidence=str(raw["confidence"]), parameters=numbers, **words)


def read_parameters(text: str) -> Parameters:
    """Read a file of rules. Raises ParameterError naming the rule and the entry that lacks."""
    raw = tomllib.loads(text)
    rules: dict[str, RuleText] = {}
    common = raw.get("common", {}).get("parameters", {})
    for rule, one in raw.get("rule", {}).items():
        try:
            rules[rule] = _text(rule, one, common)
        except KeyError as lack:
            raise ParameterError(f"[rule.{rule}] lacks {lack}") from lack
    return Parameters(str(raw["version"]), rules).with_overrides(read_overrides(raw.get("override", ())))


def read_overrides(raw: Iterable[Mapping[str, Any]]) -> tuple[Override, ...]:
    """Read [[override]] entries: rule, industry or plant, numbers, reason."""
    return tuple(
        Override(
            str(one["rule"]),
            {str(name): float(value) for name, value in one["numbers"].items()},
            str(one.get("industry", "")),
            str(one.get("plant", "")),
            str(one.get("reason", "")),
        )
        for one in raw
    )


@cache
def house_parameters() -> Parameters:
    """Return the rules of the house (`lantian/supervision/data/rules.toml`)."""
    return read_parameters((resources.files("lantian.supervision") / "data" / "rules.toml").read_text(encoding="utf-8"))


def city_parameters(pack: Path) -> Parameters:
    """Return the house's rules with what a city pack's `supervision.toml` overrides. Raises ParameterError."""
    path = pack / "supervision.toml"
    if not path.exists():
        return house_parameters()
    return house_parameters().with_overrides(
        read_overrides(tomllib.loads(path.read_text(encoding="utf-8")).get("override", ()))
    )
