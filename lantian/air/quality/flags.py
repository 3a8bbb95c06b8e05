"""The names of flags (`data/flags.toml`): what they mean and whether they make a value void."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

# Everything that rules do in the store is done under a name that begins so; people's names never do.
RULES = "rules:"


@dataclass(frozen=True, slots=True)
class Flag:
    """`by` is rule, person, import or list (of dust); `void`: the value does not count; `rule` sets it (by = rule)."""

    name: str
    by: str
    void: bool
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    rule: str = ""

    def label(self, lang: str) -> str:
        return self.zh if lang.startswith("zh") else self.en

    def meaning(self, lang: str) -> str:
        return self.meaning_zh if lang.startswith("zh") else self.meaning_en


@cache
def flags() -> dict[str, Flag]:
    """Return every flag by name, in the file's order."""
    text = resources.files("lantian.air").joinpath("data/flags.toml").read_text(encoding="utf-8")
    return {one["name"]: Flag(**one) for one in tomllib.loads(text)["flag"]}


def automatic() -> tuple[str, ...]:
    """Names of the flags that rules set."""
    return tuple(name for name, one in flags().items() if one.by == "rule")


def void_names() -> tuple[str, ...]:
    """Names of the flags that make a value void."""
    return tuple(name for name, one in flags().items() if one.void)


def deciding() -> tuple[str, ...]:
    """Names by which a person makes a value void, and the one by which a person accepts it."""
    return tuple(name for name, one in flags().items() if one.by == "person")


def by_rule(who: str) -> bool:
    """Tell whether a rule set a flag (or took it back), and not a person."""
    return who.startswith(RULES)


def split(names: str) -> tuple[str, ...]:
    """The flags in force as the store joins them: "a,b" -> ("a", "b")."""
    return tuple(name for name in names.split(",") if name)
