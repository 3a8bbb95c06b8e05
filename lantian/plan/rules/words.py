"""What changed between two wordings of a sentence, in pieces that a reader can follow. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["keep", "gone", "new"]
# Numbers and Latin words stay whole; Chinese is compared character by character.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[A-Za-z]+|\s+|.", re.DOTALL)
_SHORTEST_KEPT = 2


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of text: kept, gone (only in the old wording) or new."""

    op: Op
    text: str


def word_difference(old: str, new: str) -> tuple[Word, ...]:
    """Return the stretches in reading order: "keep" and "gone" make up `old`, "keep" and "new" make up `new`."""
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    words: list[Word] = []
    gone = came = ""
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    for at, (tag, i1, i2, j1, j2) in enumerate(blocks):
        before, after = "".join(a[i1:i2]), "".join(b[j1:j2])
        inside = 0 < at < len(blocks) - 1
        # A single character kept between two changes only makes the reading harder.
        if tag == "equal" and not (inside and len(before) < _SHORTEST_KEPT):
            words += _flush(gone, came)
            gone = came = ""
            words.append(Word("keep", after))
        else:
            gone, came = gone + before, came + after
    return tuple(words + _flush(gone, came))


def _flush(gone: str, came: str) -> list[Word]:
    return [word for word in (Word("gone", gone), Word("new", came)) if word.text]
