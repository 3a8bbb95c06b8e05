"""What can be wrong with a packet: codes, their kind, and their words (data/errors.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

REFUSAL, TOLERABLE, NOTE = "refusal", "tolerable", "note"


class Words(NamedTuple):
    """A deviation in words; `kind` is refusal, tolerable or note."""

    code: str
    kind: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


def load(name: str) -> dict[str, Any]:
    """Return a data file of this room (data/<name>.toml)."""
    return tomllib.loads((files("lantian.gateway") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def deviations() -> dict[str, Words]:
    """Return every code with its words."""
    rows = {code: row for code, row in load("errors").items() if isinstance(row, dict)}
    return {
        code: Words(code, row["kind"], row["zh"], row["en"], row.get("mend_zh", ""), row.get("mend_en", ""))
        for code, row in rows.items()
    }


def say(code: str, lang: str = "zh") -> str:
    """Return the words of a code; what follows a colon (`duplicate:w00000-Avg`) is repeated behind them."""
    head, colon, rest = code.partition(":")
    words = deviations().get(head)
    if words is None:
        return code
    text = words.zh if lang.startswith("zh") else words.en
    return f"{text}{colon}{rest}"


@cache
def tolerable() -> frozenset[str]:
    """Return the codes that a dialect may accept."""
    return frozenset(code for code, words in deviations().items() if words.kind == TOLERABLE)
