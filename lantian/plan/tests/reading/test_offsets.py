"""Every offset leads back to the source: the text of a measure is what stands there, less marks and breaks."""

from __future__ import annotations

import re

import pytest

from lantian.plan.reading import read_plan, read_source
from lantian.plan.tests.reading import shapes
from lantian.plan.tests.reading import xinzhou_expected as expected
from lantian.plan.tests.reading.builders import pdf_file, word_file

_NOISE = re.compile(r"— ?\d+ ?—|\\text|\\mathrm|[\s*_`#>|${}^\\]")


def bare(text: str) -> str:
    """Without blanks, Markdown marks, LaTeX commands and page numbers."""
    return _NOISE.sub("", text)


def sources(xinzhou_source):
    yield xinzhou_source
    for name, text in shapes.TEXTS.items():
        yield read_source(text.encode(), f"{name}.txt")
        yield read_source(text.replace("\n", "\r\n").encode("gb18030"), f"{name} crlf.txt")
    yield read_source(shapes.MARKDOWN.encode(), "plan.md")
    yield read_source(shapes.HTML_TABLE.encode(), "list.html")
    yield read_source(pdf_file(shapes.LABELS, shapes.TABLE_ROWS), "plan.pdf")
    yield read_source(word_file(shapes.RUNNING_NUMBERS.split("\n"), [shapes.TABLE_ROWS]), "plan.docx")


def test_offsets_lead_to_what_was_read(xinzhou_source):
    for source in sources(xinzhou_source):
        plan = read_plan(source)
        assert plan.tasks, source.name
        for task in plan.tasks:
            assert bare(task.title) in bare(source.text[task.title_start : task.title_end])
            for group in task.groups:
                assert 0 <= group.start <= group.text_end <= len(source.text)
                assert group.start <= group.clause_end <= group.end <= len(source.text)
                for measure in group.measures:
                    assert bare(source.text[measure.start : measure.end]) == bare(measure.text), source.name
                    for item in (*measure.fields, *measure.targets, *measure.cites, *measure.periods):
                        assert 0 <= item.start <= item.end <= len(source.text)


def test_order_and_nesting(xinzhou):
    end = 0
    for task in xinzhou.tasks:
        assert task.start >= end
        end = task.end
        inner = task.title_end
        for group in task.groups:
            assert inner <= group.start <= group.end <= task.end
            inner = group.end
            position = group.start
            for measure in group.measures:
                assert position <= measure.start < measure.end <= group.text_end
                position = measure.end


def test_clause_spans_hold_the_clause(xinzhou, xinzhou_source):
    for task in xinzhou.tasks:
        for group in task.groups:
            clause = xinzhou_source.text[group.clause_start : group.clause_end]
            assert clause[0] in "（("
            assert clause[-1] in "）)"
            assert "负责" in clause


def test_role_fields_point_at_the_names(xinzhou, xinzhou_source, xinzhou_names):
    seen = 0
    for task in xinzhou.tasks:
        for group in task.groups:
            for field in group.fields:
                written = xinzhou_source.text[field.start : field.end]
                if field.name in ("lead", "cooperate", "each"):
                    assert xinzhou_names.agency(written) == field.value, written
                    seen += 1
    wanted = sum(len(f"{c.lead} {c.cooperate} {c.each}".split()) for c in expected.CLAUSES)
    assert seen == wanted


def test_target_and_deadline_fields_point_at_their_words(xinzhou, xinzhou_source):
    for task in xinzhou.tasks:
        for group in task.groups:
            for measure in group.measures:
                for target in measure.targets:
                    words = xinzhou_source.text[target.start : target.end]
                    assert re.search(r"\d|百分之百|全覆盖", words), words
                for field in measure.fields:
                    if field.name == "deadline":
                        words = xinzhou_source.text[field.start : field.end]
                        assert re.search(r"年|月底|采暖季前", words), words


def test_the_text_is_proved_by_its_hash(xinzhou, xinzhou_source):
    assert xinzhou.text_sha256 == xinzhou_source.sha256
    assert xinzhou.text_length == len(xinzhou_source.text)


@pytest.mark.parametrize("text", [shapes.LABELS, shapes.COUNTY])
def test_every_value_has_a_field(text):
    """The review page highlights fields; a value without one could not be shown."""
    plan = read_plan(read_source(text.encode(), "plan.txt"))
    for task in plan.tasks:
        for group in task.groups:
            names = {(field.name, field.value) for field in group.fields}
            assert {("lead", name) for name in group.lead} <= names
            assert {("each", name) for name in group.each} <= names
            assert {("cooperate", name) for name in group.cooperate} <= names
            for measure in group.measures:
                values = [field.value for field in measure.fields if field.name == "deadline"]
                assert list(dict.fromkeys(values)) == list(measure.deadlines)
                assert len(measure.targets) == sum(f.name in ("target", "criterion") for f in measure.fields)
