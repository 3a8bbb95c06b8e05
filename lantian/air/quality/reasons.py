"""Why a rule set a flag, as one line that people and programs can read, and as a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lantian.air.quality.registry import settings_of

_LINE = re.compile(r"(?P<rule>[a-z]+) (?P<version>[a-z0-9.-]+):(?P<rest>.*)")
_BLANK = "–"


@dataclass(frozen=True, slots=True)
class Reason:
    """The rule, the version of its numbers, and the numbers of this value."""

    rule: str
    version: str
    numbers: Mapping[str, str]

    def line(self) -> str:
        """What the store keeps.

        >>> Reason("stuck", "qc-1", {"value": "12", "least": "8"}).line()
        'stuck qc-1: value=12; least=8'
        """
        return f"{self.rule} {self.version}: " + "; ".join(f"{name}={text}" for name, text in self.numbers.items())

    def sentence(self, lang: str) -> str:
        """What it says in words ("zh…" or another language)."""
        words = settings_of(self.rule).table["explain_zh" if lang.startswith("zh") else "explain_en"]
        return str(words).format_map(_Numbers(self.numbers))


class _Numbers(dict[str, str]):
    """A number that an older version did not keep is shown as a dash."""

    def __missing__(self, key: str) -> str:
        return _BLANK


def read(line: str) -> Reason | None:
    """Return the reason that a line tells; None for what a person wrote."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    try:
        settings_of(found["rule"])
    except KeyError:
        return None
    parts = (one.partition("=") for one in found["rest"].strip().split("; ") if one)
    return Reason(found["rule"], found["version"], {name.strip(): text for name, _, text in parts})


def in_words(line: str, lang: str) -> str:
    """Return the sentence of a rule's reason; what a person wrote stays as it is."""
    reason = read(line)
    return line if reason is None else reason.sentence(lang)
