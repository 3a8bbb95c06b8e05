"""Every target of each pack's city plans is bound: the reader's numbers against the pack's bindings, without a database."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from lantian.city.pack import find_pack, load_pack, pack_names
from lantian.plan.reading.assemble import read_plan
from lantian.plan.reading.sources.load import read_source
from lantian.plan.rules.bindings import Binding, Match, Number, Sentence, match


@cache
def matched(name: str) -> list[tuple[Any, list[Match], list[Sentence]]]:
    """Return (document, matches, sentences) of each city plan of a pack; county plans are traced, not bound."""
    pack = load_pack(find_pack(name))
    found = []
    for document in (one for one in pack.documents if one.kind == "city-plan"):
        plan = read_plan(read_source(pack.root / document.file), pack.gazetteer())
        bindings = [
            Binding(b.id, b.task, b.quote, b.form, b.value, b.unit, b.target, b.target_unit)
            for b in pack.bindings
            if b.document == document.id
        ]
        sentences = _sentences(plan)
        found.append((document, match(read_source(pack.root / document.file).text, bindings, sentences), sentences))
    return found


def _sentences(plan: Any) -> list[Sentence]:
    sentences: list[Sentence] = []
    for task in plan.tasks:
        for measure in (m for group in task.groups for m in group.measures):
            at = len(sentences)
            numbers = tuple(
                Number(at * 100 + n, t.role, Decimal(str(t.value)), t.unit, t.start, t.end)
                for n, t in enumerate(measure.targets)
            )
            sentences.append(Sentence(at, task.number, measure.start, measure.end, numbers))
    return sentences


@pytest.mark.parametrize("name", pack_names())
def test_every_binding_finds_its_place(name):
    assert any(matches for _document, matches, _found in matched(name)), "a pack without a bound city plan"
    for document, matches, _found in matched(name):
        faults = {one.binding: one.fault for one in matches if one.fault}
        assert not faults, f"{document.file}: {faults}"


@pytest.mark.parametrize("name", pack_names())
def test_every_number_of_the_text_has_its_indicator(name):
    for document, matches, sentences in matched(name):
        bound, watched = {one.number for one in matches}, {one.measure for one in matches}
        loose = [
            (sentence.task, number.role, number.value, number.unit)
            for sentence in sentences
            for number in sentence.numbers
            if number.key not in bound and (number.role == "target" or sentence.key not in watched)
        ]
        assert not loose, f"{document.file}: {loose}"


@pytest.mark.parametrize("name", pack_names())
def test_a_binding_with_a_task_lies_in_a_measure(name):
    pack = load_pack(find_pack(name))
    tasks = {binding.id for binding in pack.bindings if binding.task is not None}
    for _document, matches, _found in matched(name):
        assert all(one.measure is not None for one in matches if one.binding in tasks)
