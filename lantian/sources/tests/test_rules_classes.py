"""Classes of scattered polluters, proofs of works, grades and permits: tables, missing answers, and properties."""

import datetime as dt
import doctest
import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.sources.facts import GRADES
from lantian.sources.models import Grade, Scattered, Work
from lantian.sources.rules import classes
from lantian.sources.rules.classes import (
    classify,
    finished,
    grade_words,
    is_a_or_b,
    lacking,
    national_criteria,
    permit_state,
    proof_items,
    read_criteria,
)

QUESTIONS = [one.id for one in national_criteria().questions]
DAY = dt.date(2020, 9, 30)


def _answers(**given_: bool) -> dict[str, bool]:
    """All questions answered: in order, unless said otherwise; no cluster."""
    return {name: name != "cluster" for name in QUESTIONS} | given_


@pytest.mark.parametrize(
    ("answers", "cls", "why", "marks"),
    [
        (_answers(), None, "not_scattered", ()),
        (_answers(treatment=False), "upgrade", "class", ("polluting",)),
        (_answers(limits=False), "upgrade", "class", ("polluting",)),
        (_answers(approvals=False), "upgrade", "class", ("disorderly",)),
        (_answers(layout=False, cluster=True), "move", "class", ("scattered",)),
        (_answers(layout=False, treatment=False, improvable=False), "close", "class", ("scattered", "polluting")),
        (_answers(policy=False, treatment=False, improvable=False), "close", "class", ("disorderly", "polluting")),
        # the text has no class for these: people decide
        (_answers(layout=False), None, "none", ("scattered",)),
        (_answers(policy=False), None, "none", ("disorderly",)),
        (_answers(layout=True, treatment=False, improvable=False), None, "none", ("polluting",)),
        # and two for this one: cannot stay, and belongs to an industry that is to be moved
        (_answers(layout=False, treatment=False, improvable=False, cluster=True), None, "conflict", ("scattered", "polluting")),
    ],
)  # fmt: skip
def test_classes_by_the_answers(answers, cls, why, marks) -> None:
    got = classify(answers)
    assert (got.cls, got.why, got.marks) == (cls, why, marks)
    assert got.open == ()
    if cls:
        assert got.by


def test_an_answer_that_nobody_gave_is_not_a_no() -> None:
    nothing = classify({})
    assert (nothing.cls, nothing.why, nothing.scattered) == (None, "open", None)
    assert set(nothing.open) >= {"policy", "layout", "treatment", "improvable"}
    nearly = classify(_answers(treatment=False) | {"improvable": None})
    assert (nearly.cls, nearly.scattered, nearly.open) == (None, True, ("improvable",))
    assert classify(dict.fromkeys(QUESTIONS)) == nothing
    with pytest.raises(ValueError, match="nobody asks colour"):
        classify({"colour": True})


@given(st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from([True, False, None])))
def test_a_class_once_given_stays_whatever_the_missing_answers_are(answers) -> None:
    got = classify(answers)
    missing = [name for name in QUESTIONS if answers.get(name) is None]
    ends = [
        classify(answers | dict(zip(missing, rest, strict=True)))
        for rest in itertools.product([True, False], repeat=len(missing))
    ]
    if got.why in ("class", "not_scattered", "none"):
        assert {(one.cls, one.why) for one in ends} == {(got.cls, got.why)}
    if got.why == "open":
        assert set(got.open) <= set(missing)
        assert got.open
    assert all(one.why != "open" for one in ends)


def test_the_words_of_files_are_those_of_the_register() -> None:
    assert {one.id for one in national_criteria().classes} == {Scattered.CLOSE, Scattered.MOVE, Scattered.UPGRADE}
    assert {one.id for one in national_criteria().classes} <= set(Work.Programme.values)
    assert {name for name in Work.Programme.values if proof_items(name)} >= {
        "close",
        "move",
        "upgrade",
        "ultra_low_stack",
    }
    assert set(GRADES) == set(Grade.values)
    assert all(grade_words(one) for one in GRADES)
    assert [one for one in GRADES if is_a_or_b(one)] == ["A", "B", "leading"]


@pytest.mark.parametrize("broken", ['all = [["speed"]]', "all = []"])
def test_criteria_that_ask_what_is_no_question_are_refused(broken: str) -> None:
    text = f"""
version = "1"
[[question]]
id = "policy"
zh = "政策"
en = "policy"
[[mark]]
id = "m"
zh = "散"
en = "m"
{broken}
[[class]]
id = "close"
zh = "关停"
en = "close"
all = [["policy"]]
"""
    with pytest.raises(ValueError, match="its condition asks"):
        read_criteria(text)


def test_a_work_is_finished_with_every_proof() -> None:
    proofs = ["water", "power", "materials", "products", "equipment"]
    assert finished("close", proofs, DAY, DAY)
    assert not finished("close", proofs[:-1], DAY, DAY)
    assert [one.id for one in lacking("close", proofs[:-1])] == ["equipment"]
    assert not finished("close", proofs, DAY, DAY - dt.timedelta(days=1))
    assert not finished("close", proofs, None, DAY)
    assert finished("cluster", [], DAY, DAY)


@dataclass(frozen=True)
class _Permit:
    kind: str
    issued_on: dt.date | None = dt.date(2020, 1, 1)
    expires_on: dt.date | None = dt.date(2022, 12, 31)


@pytest.mark.parametrize(
    ("need", "permits", "day", "state"),
    [
        ("permit", [_Permit("permit")], DAY, "covered"),
        ("permit", [_Permit("registration")], DAY, "lower"),
        ("simple", [_Permit("permit")], DAY, "covered"),
        ("registration", [_Permit("registration", expires_on=None)], DAY, "covered"),
        ("", [_Permit("registration", issued_on=None)], DAY, "covered"),
        ("", [], DAY, "missing"),
        ("none", [], DAY, "not_needed"),
        ("permit", [_Permit("permit")], dt.date(2022, 12, 31), "covered"),
        ("permit", [_Permit("permit")], dt.date(2023, 1, 1), "expired"),
        ("permit", [_Permit("permit")], dt.date(2019, 12, 31), "missing"),
        ("permit", [_Permit("other")], DAY, "missing"),
        ("permit", [_Permit("permit", expires_on=dt.date(2020, 1, 2)), _Permit("permit")], DAY, "covered"),
    ],
)
def test_permits_on_a_day(need, permits, day, state) -> None:
    assert permit_state(need, permits, day) == state


def test_an_unknown_need_is_refused() -> None:
    with pytest.raises(KeyError):
        permit_state("licence", [], DAY)


def test_examples() -> None:
    assert doctest.testmod(classes).failed == 0
