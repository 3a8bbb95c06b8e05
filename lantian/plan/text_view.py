"""The source text as HTML: cut at every span, each piece saying which measure, clause and field it belongs to.

Pieces are plain elements; the review page's script joins them to the cards. `data-o` is the offset in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lantian.plan.models import Clause, DocumentVersion, Measure, Task
from lantian.plan.rules.segments import Segment, Span, segments

# Names of the reader's fields -> the family that gives their colour on the page.
FIELD_KINDS = {
    "deadline": "time",
    "recurrence": "time",
    "period": "time",
    "lead": "who",
    "cooperate": "who",
    "each": "who",
    "implement": "who",
    "supervise": "who",
    "enterprise": "name",
    "place": "name",
    "cites": "name",
}


# Below this a single value is underlined as doubtful; whether its measure must be reviewed is a threshold of the pack.
UNSURE = 0.7


@dataclass(frozen=True)
class Block:
    """A stretch of the text that is drawn again as a whole: one task, or what lies between two."""

    id: str
    start: int
    end: int
    html: SafeString


def blocks(version: DocumentVersion, only_tasks: Iterable[int] | None = None) -> list[Block]:
    """Return the text in blocks (all of it, or just the tasks named by id); five queries."""
    tasks = list(Task.objects.filter(version=version).order_by("start", "position"))
    clauses = list(Clause.objects.filter(task__version=version))
    measures = list(Measure.objects.filter(clause__task__version=version).prefetch_related("targets"))
    spans = [*_clause_spans(clauses), *_measure_spans(measures)]
    states = {str(m.pk): m.review for m in measures}
    anchors = {t.start for t in tasks} | {c.start for c in clauses} | {m.start for m in measures}
    wanted = None if only_tasks is None else {f"b{pk}" for pk in only_tasks}
    drawn = []
    for name, start, end in _stretches(tasks, len(version.text)):
        if wanted is None or name in wanted:
            drawn.append(Block(name, start, end, _draw(version.text, start, end, spans, states, anchors)))
    return drawn


def _stretches(tasks: Sequence[Task], length: int) -> list[tuple[str, int, int]]:
    found, at = [], 0
    for task in tasks:
        if task.start > at:
            found.append((f"b{at}-", at, task.start))
        if task.end > max(at, task.start):
            found.append((f"b{task.pk}", max(at, task.start), task.end))
        at = max(at, task.end)
    return [*found, (f"b{at}-", at, length)] if at < length else found


def _clause_spans(clauses: Iterable[Clause]) -> Iterable[Span]:
    for clause in clauses:
        if clause.clause_start is not None and clause.clause_end is not None:
            yield Span(clause.clause_start, clause.clause_end, "clause", str(clause.pk))
        yield from _field_spans(clause.fields)


def _measure_spans(measures: Iterable[Measure]) -> Iterable[Span]:
    for measure in measures:
        yield Span(measure.start, measure.end, "measure", str(measure.pk))
        yield from _field_spans(measure.fields)
        for target in measure.targets.all():
            if target.start is not None and target.end is not None:
                yield from _marked(target.start, target.end, "number", target.confidence)


def _field_spans(fields: Iterable[dict[str, Any]]) -> Iterable[Span]:
    for one in fields:
        kind, start, end = FIELD_KINDS.get(one["name"]), one.get("start"), one.get("end")
        if kind is not None and start is not None and end is not None:
            yield from _marked(start, end, kind, one.get("confidence", 1))


def _marked(start: int, end: int, kind: str, confidence: float) -> Iterable[Span]:
    """A value that the reader was unsure of is marked as such besides its kind."""
    yield Span(start, end, "field", kind)
    if confidence < UNSURE:
        yield Span(start, end, "field", "unsure")


def _draw(
    text: str, start: int, end: int, spans: Iterable[Span], states: dict[str, str], anchors: set[int]
) -> SafeString:
    parts = [_piece(text, segment, states, anchors) for segment in segments(start, end, spans)]
    return mark_safe("".join(parts))  # noqa: S308 - every piece of text is escaped


def _piece(text: str, segment: Segment, states: dict[str, str], anchors: set[int]) -> str:
    measures, clauses = segment.keys("measure"), segment.keys("clause")
    classes = [f"lt-f-{kind}" for kind in segment.keys("field")]
    attributes = f' data-o="{segment.start}"'
    if segment.start in anchors:
        attributes += f' id="o{segment.start}"'
    if measures:
        classes += ["lt-m", f"lt-r-{states[measures[-1]]}"]
        attributes += f' data-m="{" ".join(measures)}"'
    elif clauses:
        classes.append("lt-c")
    if clauses:
        attributes += f' data-c="{clauses[-1]}"'
    if classes:
        attributes += f' class="{" ".join(dict.fromkeys(classes))}"'
    # A carriage return written as itself would be swallowed by the browser, and all offsets behind it would shift.
    content = escape(text[segment.start : segment.end]).replace("\r", "&#13;")
    return f"<span{attributes}>{content}</span>"
