"""Which class an enterprise belongs to, whether its works are proven, its permit in order, its grade reached. By data, pure.

    >>> found = classify({"policy": False, "treatment": False, "improvable": False})
    >>> found.cls, found.open
    ('close', ())
    >>> classify({"policy": True}).cls is None
    True

An answer that nobody gave is not "no": where it would decide, the class stays open and the question is named. Where two
classes fit, or none, people decide; the rule says so and does not choose.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Protocol

Answers = Mapping[str, bool | None]
Condition = tuple[tuple[str, ...], ...]
PACKAGE = "lantian.sources"


@dataclass(frozen=True, slots=True)
class Word:
    """Something with a name in two languages, where it stands, and how sure we are of it."""

    id: str
    zh: str
    en: str
    source: str = ""
    confidence: str = ""
    all: Condition = ()


@dataclass(frozen=True, slots=True)
class Criteria:
    """Questions, marks and classes of scattered polluters. `version` names the edition."""

    version: str
    questions: tuple[Word, ...]
    marks: tuple[Word, ...]
    classes: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Classified:
    """What follows from the answers.

    `scattered`: whether it is a scattered polluter at all (None: open). `marks`: those that hold. `cls`: the one class that
    fits, or None. `fits`: all classes that fit. `open`: questions whose answers could still change it. `by`: the answers
    that made the class. `why`: "class", "not_scattered", "open", "conflict" (several fit) or "none" (no class fits).
    """

    scattered: bool | None
    marks: tuple[str, ...]
    cls: str | None
    fits: tuple[str, ...]
    open: tuple[str, ...]
    by: tuple[str, ...]
    why: str


def classify(answers: Answers, criteria: Criteria | None = None) -> Classified:
    """Return mark and class of an enterprise from the answers given (True, False, None or missing: not known).

    Raises ValueError for an answer to a question that nobody asks.
    """
    rules = criteria or national_criteria()
    if unknown := set(answers) - {one.id for one in rules.questions}:
        raise ValueError(f"nobody asks {', '.join(sorted(unknown))}")
    marks = {one.id: _holds(one.all, answers) for one in rules.marks}
    scattered = _any(marks.values())
    holding = tuple(name for name, holds in marks.items() if holds)
    if scattered is False:
        return Classified(False, (), None, (), (), (), "not_scattered")
    states = {one.id: _holds(one.all, answers) for one in rules.classes}
    fits = tuple(name for name, holds in states.items() if holds)
    undecided = [one for one in rules.classes if states[one.id] is None]
    # A class that may still come to fit beside the one that does would make a conflict: it keeps the question open.
    questions = _questions(undecided, answers)
    if len(fits) == 1 and not undecided and scattered:
        chosen = next(one for one in rules.classes if one.id == fits[0])
        return Classified(True, holding, fits[0], fits, (), _deciding(chosen.all, answers), "class")
    if len(fits) > 1:
        return Classified(scattered, holding, None, fits, questions, (), "conflict")
    if undecided or scattered is None:
        missing = questions or _questions(rules.marks, answers)
        return Classified(scattered, holding, None, fits, missing, (), "open")
    return Classified(scattered, holding, None, (), (), (), "none")


def _holds(condition: Condition, answers: Answers) -> bool | None:
    """Whether every line of a condition holds; None while a missing answer could decide it."""
    lines = [_any(_says(word, answers) for word in line) for line in condition]
    if False in lines:
        return False
    return None if None in lines else True


def _any(states: Iterable[bool | None]) -> bool | None:
    seen = list(states)
    if True in seen:
        return True
    return None if None in seen else False


def _says(word: str, answers: Answers) -> bool | None:
    answer = answers.get(word.lstrip("!"))
    if answer is None:
        return None
    return not answer if word.startswith("!") else answer


def _questions(rules: Iterable[Word], answers: Answers) -> tuple[str, ...]:
    """The unanswered questions of rules that are not decided yet, in order of first use."""
    words = (word.lstrip("!") for one in rules for line in one.all for word in line)
    return tuple(dict.fromkeys(word for word in words if answers.get(word) is None))


def _deciding(condition: Condition, answers: Answers) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for line in condition for word in line if _says(word, answers)))


def read_criteria(text: str) -> Criteria:
    """Read criteria from TOML text; raises ValueError for a condition that asks what is no question, or an id used twice."""
    data = tomllib.loads(text)
    questions, marks, classes = (tuple(_word(row) for row in data[name]) for name in ("question", "mark", "class"))
    asked = {one.id for one in questions}
    for one in (*marks, *classes):
        used = {word.lstrip("!") for line in one.all for word in line}
        if not used or not used <= asked:
            raise ValueError(f"{one.id}: its condition asks {', '.join(sorted(used - asked)) or 'nothing'}")
    for group in (questions, marks, classes):
        if len({one.id for one in group}) != len(group):
            raise ValueError("an id stands there twice")
    return Criteria(data["version"], questions, marks, classes)


def _word(row: Mapping[str, Any]) -> Word:
    condition = tuple(tuple(line) for line in row.get("all", ()))
    return Word(row["id"], row["zh"], row["en"], row.get("source", ""), row.get("confidence", ""), condition)


@cache
def national_criteria() -> Criteria:
    """Return the criteria that come with this project."""
    return read_criteria(_text("scattered"))


# --- works and their proofs


@cache
def _items() -> dict[str, tuple[Word, ...]]:
    programmes = tomllib.loads(_text("works"))["programme"]
    return {name: tuple(_word(item) for item in body["items"]) for name, body in programmes.items()}


def proof_items(programme: str) -> tuple[Word, ...]:
    """Return what must be seen before a work of a programme is finished; empty where a day is enough."""
    return _items().get(programme, ())


def lacking(programme: str, proofs: Collection[str]) -> tuple[Word, ...]:
    """Return the items of a programme that have not been proven.

    >>> [one.id for one in lacking("close", ["water", "power", "materials"])]
    ['products', 'equipment']
    """
    return tuple(one for one in proof_items(programme) if one.id not in proofs)


def finished(programme: str, proofs: Collection[str], done_on: dt.date | None, day: dt.date) -> bool:
    """Tell whether a work was finished by the end of a day: done by then, with every proof."""
    return done_on is not None and done_on <= day and not lacking(programme, proofs)


# --- grades


@cache
def _grades() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = tomllib.loads(_text("grades"))["grade"]
    return table


def grade_words(grade: str) -> tuple[str, str]:
    """Return how a grade is called in Chinese and English; raises KeyError for one that is none."""
    row = _grades()[grade]
    return row["zh"], row["en"]


def is_a_or_b(grade: str) -> bool:
    """Tell whether a plan's "grade A or B" is reached; raises KeyError."""
    return bool(_grades()[grade]["a_or_b"])


# --- permits


class PermitRow(Protocol):
    """What a permit must say to be judged."""

    @property
    def kind(self) -> str: ...
    @property
    def issued_on(self) -> dt.date | None: ...
    @property
    def expires_on(self) -> dt.date | None: ...


# Which permits fulfil which need: a higher one does for a lower one.
_FULFILS = {
    "permit": frozenset({"permit"}),
    "simple": frozenset({"permit", "simple"}),
    "registration": frozenset({"permit", "simple", "registration"}),
    "": frozenset({"permit", "simple", "registration"}),
}


def permit_state(need: str, permits: Sequence[PermitRow], day: dt.date) -> str:
    """Return where an enterprise stands on a day: covered, lower (a lower kind than it needs), expired, missing, not_needed.

    `need`: permit, simple, registration, none, or "" (not looked up: any kind covers, none is missing). A permit without
    a day of issue counts as issued, one without a last day as not expired. Raises KeyError for an unknown need.
    """
    if need == "none":
        return "not_needed"
    good = _FULFILS[need]
    mine = [one for one in permits if one.kind in _FULFILS[""] and (one.issued_on is None or one.issued_on <= day)]
    live = [one for one in mine if one.expires_on is None or one.expires_on >= day]
    if any(one.kind in good for one in live):
        return "covered"
    if live:
        return "lower"
    return "expired" if mine else "missing"


def _text(name: str) -> str:
    return resources.files(PACKAGE).joinpath(f"data/{name}.toml").read_text(encoding="utf-8")
