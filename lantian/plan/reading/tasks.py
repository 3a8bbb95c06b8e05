"""Tasks from the running text: each with its groups, each group with its measures."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lantian.plan.reading.clauses import Clause
from lantian.plan.reading.clean import Document
from lantian.plan.reading.dates import YearContext
from lantian.plan.reading.groups import Inheritance, RoleReader, Roles, build_group, merge
from lantian.plan.reading.measures import Given, MeasureReader
from lantian.plan.reading.model import Field, Group, Measure, ReadingWarning, Task
from lantian.plan.reading.outline import Node
from lantian.plan.reading.subjects import settle

_MARKS = " \n\t，。；、：:;,.！（）"
_SURE_TITLE = 0.9
_BARE_TITLE = 0.6
Topics = list[tuple[int, str]]
"""(where it begins to hold, title) in the order of the text."""


@dataclass(frozen=True)
class TaskReader:
    """Reads the tasks of one document; all parts share its offsets and warnings."""

    document: Document
    roles: RoleReader
    measures: MeasureReader
    inherited: tuple[Inheritance, ...]
    general: tuple[tuple[int, int], ...]
    """Where clauses stand that only hand duties down."""
    warnings: list[ReadingWarning]

    def read(self, node: Node, end: int, clauses: list[Clause], context: YearContext) -> Task:
        """One task: the text from its title to `end`, cut into groups at its clauses."""
        begin, end = node.title.body, max(end, node.title.body)
        own = _within(clauses, node.begin, end)
        skips = [*self._sure_titles(node, end, own), *self._general(node.begin, end)]
        bare = self._is_bare(begin, end, own, skips)
        begin = node.title.begin if bare else begin
        # A title that is the duty itself names nothing.
        topics = [(0, "" if begin <= node.title.begin else node.title.text)]
        topics += [
            (inner.title.body, inner.title.text) for inner in node.walk() if inner is not node and _is_topic(inner)
        ]
        groups = tuple(self._groups(begin, end, own, sorted(skips), context.fresh(), topics, node.title.end))
        if bare:
            groups = tuple(_doubted(group) for group in groups)
        start, finish = self.document.source_span(node.begin, end)
        title = self.document.source_span(node.title.begin, node.title.end)
        if not any(group.clause_end > group.clause_start for group in groups):
            self._warn_unassigned(node, start, finish, groups)
        return Task(
            number=node.label,
            title=node.title.text,
            section=section_name(node, self.document),
            start=start,
            end=finish,
            title_start=title[0],
            title_end=title[1],
            groups=groups,
            confidence=min([node.title.confidence, *(group.confidence for group in groups)]),
            fields=(Field("title", node.title.text, *title, node.title.confidence),),
        )

    def _groups(
        self,
        begin: int,
        end: int,
        clauses: list[Clause],
        skips: list[tuple[int, int]],
        context: YearContext,
        topic: Topics,
        title_end: int,
    ) -> Iterator[Group]:
        position = begin
        for index, clause in enumerate(_joined(clauses, self.document.view)):
            text_end = max(clause.begin, position)
            following = clauses[index + 1].begin if index + 1 < len(clauses) else end
            above = self._is_blank(position, text_end) and clause.form in ("label", "sentence")
            in_title = len(clauses) == 1 and text_end <= title_end + 2
            if (above or in_title) and not self._is_blank(clause.end, following):
                # Labels above the text: 责任单位：… and then what is to be done; or 1.散煤治理（市能源局牵头）。….
                yield self._group(clause, clause.end, following, skips, context, topic)
                position = following
                continue
            yield self._group(clause, position, text_end, skips, context, topic)
            position = clause.end
        if not all(self._is_blank(*gap) for gap in _around(position, end, skips)):
            tail = self._group(None, position, end, skips, context, topic)
            if tail.measures or not clauses:
                self._warn_tail(tail, bool(clauses))
                yield tail

    def _group(
        self,
        clause: Clause | None,
        begin: int,
        end: int,
        skips: list[tuple[int, int]],
        context: YearContext,
        topic: Topics,
    ) -> Group:
        roles = self.roles.roles(clause) if clause else Roles()
        place = clause.begin if clause else begin
        for source in self.inherited:
            if source.begin <= place < source.end:
                self.roles.inherit(roles, source)
        group = build_group(roles, clause, self.document, begin, end)
        measures: list[Measure] = []
        given = self._given(clause, context)
        for piece_begin, piece_end in _around(begin, end, skips):
            measures.extend(self.measures.read(piece_begin, piece_end, context, given, _topic_at(topic, piece_begin)))
        capped = (replace(m, confidence=min(m.confidence, group.confidence)) for m in measures)
        return replace(group, measures=tuple(settle(capped, group.implement)))

    def _given(self, clause: Clause | None, context: YearContext) -> list[Given]:
        """Deadlines that the clause itself names: 完成时限：2020年底."""
        if clause is None:
            return []
        reader = self.measures.tools.dates
        return [
            Given(reader.read(self.document.view, begin, end, context, cell=True), self.document)
            for begin, end in clause.deadline_spans
        ]

    def _sure_titles(self, node: Node, end: int, clauses: list[Clause]) -> list[tuple[int, int]]:
        """Titles of items inside the task: no duties, so no measures, unless nothing but clauses follows them."""
        titles = []
        spans = [(clause.begin, clause.end) for clause in clauses]
        for inner in node.walk():
            title = inner.title
            if inner is node or inner.begin >= end or title.confidence < _SURE_TITLE or title.body <= title.begin:
                continue
            has_text = any(not self._is_blank(*gap) for gap in _around(title.body, min(inner.end, end), spans))
            if has_text:
                titles.append((inner.begin, title.body))
        return titles

    def _general(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Clauses that only hand duties down: no text of any group."""
        return [span for span in self.general if begin <= span[0] < end]

    def _is_bare(self, begin: int, end: int, clauses: list[Clause], skips: list[tuple[int, int]]) -> bool:
        """Is there nothing but clauses behind the title? Then the title is the duty."""
        taken = sorted([*skips, *((clause.begin, clause.end) for clause in clauses)])
        return bool(clauses) and all(self._is_blank(*gap) for gap in _around(begin, end, taken))

    def _is_blank(self, begin: int, end: int) -> bool:
        return not self.document.view[begin:end].strip(_MARKS)

    def _warn_tail(self, group: Group, after_clause: bool) -> None:
        if after_clause and not group.inherited:
            self.warnings.append(
                ReadingWarning(
                    "no-clause",
                    "text after the task's last responsibility clause has no clause of its own",
                    group.start,
                    group.end,
                    "say who is responsible, or merge it into the group before",
                )
            )

    def _warn_unassigned(self, node: Node, start: int, end: int, groups: tuple[Group, ...]) -> None:
        if any(group.inherited for group in groups):
            return
        self.warnings.append(
            ReadingWarning(
                "no-clause",
                f"task {node.label} “{node.title.text[:20]}” has no responsibility clause",
                start,
                end,
                "say who is responsible on the review page",
            )
        )


def _doubted(group: Group) -> Group:
    """A group whose duty is only its title."""
    return replace(group, measures=tuple(replace(m, confidence=min(m.confidence, _BARE_TITLE)) for m in group.measures))


def section_name(node: Node, document: Document) -> str:
    """The nearest heading above, as printed with its number; "" at the top."""
    for above in node.ancestors():
        if above.rank >= 0:
            return document.text[above.begin : above.title.end].strip().strip("。：")
    return ""


def _within(clauses: list[Clause], begin: int, end: int) -> list[Clause]:
    low = bisect_left(clauses, begin, key=lambda clause: clause.begin)
    high = bisect_left(clauses, end, key=lambda clause: clause.begin)
    return clauses[low:high]


def _joined(clauses: list[Clause], view: str) -> list[Clause]:
    """Clauses with nothing between them become one."""
    joined: list[Clause] = []
    for clause in clauses:
        if joined and not view[joined[-1].end : clause.begin].strip(_MARKS):
            merge(joined[-1], clause)
        else:
            joined.append(clause)
    clauses[:] = joined
    return joined


def _is_topic(node: Node) -> bool:
    return node.title.confidence >= _SURE_TITLE and node.title.body > node.title.end


def _topic_at(topics: Topics, position: int) -> str:
    """The title of the nearest item above: what a number without an object is about."""
    return next(text for begin, text in reversed(topics) if begin <= position)


def _around(begin: int, end: int, skips: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    position = begin
    for low, high in skips:
        if high <= position or low >= end:
            continue
        if low > position:
            yield position, low
        position = high
    if position < end:
        yield position, end
