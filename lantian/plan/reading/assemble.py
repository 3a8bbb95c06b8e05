"""`read_plan`: from a source to a plan. The order of work, nothing else."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, date, datetime

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.calendars import Calendar
from lantian.plan.reading.choosing import Chooser
from lantian.plan.reading.clean import Document, clean_document
from lantian.plan.reading.dates import DateReader, YearContext
from lantian.plan.reading.entities import PlaceFinder
from lantian.plan.reading.finding import Found, find_clauses
from lantian.plan.reading.front import Front, read_front, year_context
from lantian.plan.reading.groups import RoleReader, inheritances
from lantian.plan.reading.measures import MeasureReader, Tools
from lantian.plan.reading.model import Measure, ParsedPlan, ReadingWarning, Section, Task
from lantian.plan.reading.outline import Node, read_outline
from lantian.plan.reading.sources.base import SourceText
from lantian.plan.reading.subjects import SubjectFinder
from lantian.plan.reading.tables import TableReader
from lantian.plan.reading.tasks import TaskReader

_LONGEST_HEADING = 12


def read_plan(source: SourceText, gazetteer: Gazetteer | None = None, *, today: date | None = None) -> ParsedPlan:
    """Read a plan. Never fails on any text: what cannot be understood is left out and warned about.

    `gazetteer`: a city's names, or None for the national ones. `today` only matters for a document that
    names no year anywhere. All offsets in the result are code points of `source.text`.
    """
    names = gazetteer or Gazetteer.national()
    document = clean_document(source)
    root = read_outline(document, source.strong)
    front = read_front(document, root.own_end, source.name)
    context = year_context(front, document.view, today or datetime.now(UTC).date())
    warnings: list[ReadingWarning] = [
        ReadingWarning("source", note, 0, 0, "check the text against the original") for note in source.notes
    ]
    found = find_clauses(document.view, root.own_end if root.children else 0, root.end, names)
    learnt, own = _learnt(found), f"{names.city_name or ''} {front.title} {front.notice or ''}"
    tools = Tools(
        names,
        DateReader(Calendar.for_document(names, document.view)),
        PlaceFinder(names, learnt),
        SubjectFinder(names, learnt, own),
    )
    chosen = _without_captions(Chooser(found.clauses, document.view).tasks(root), found, document, source)
    tasks = _text_tasks(document, root, chosen, found, tools, warnings, context)
    tasks += TableReader(source, tools, warnings, context, _headings(document, root)).tasks()
    taken = {id(node) for node, _ in chosen}
    _warn(document, front, found, tasks, warnings)
    return ParsedPlan(
        title=front.title,
        number=front.number,
        issuer=front.issuer,
        date=front.date.isoformat() if front.date else None,
        tasks=tuple(tasks),
        warnings=tuple(sorted(warnings, key=lambda warning: (warning.start, warning.end))),
        sections=tuple(_sections(document, root, taken)),
        goals=tuple(_goals(document, root, taken, tools, context)),
        notice=front.notice,
        fields=tuple(front.fields),
        source_name=source.name,
        text_sha256=source.sha256,
        text_length=len(source.text),
    )


def _headings(document: Document, root: Node) -> list[tuple[int, str]]:
    """(source offset, heading as printed) of every heading, for the tables that stand below them."""
    found = []
    for node in root.walk():
        if node.rank >= 0:
            printed = document.text[node.begin : node.title.end].strip("。： ")
            found.append((document.source_span(node.begin, node.number_end)[0], printed))
    if root.end < len(document.text):
        found.append((document.starts[root.end], ""))
    return found


def _without_captions(
    chosen: list[tuple[Node, int]], found: Found, document: Document, source: SourceText
) -> list[tuple[Node, int]]:
    """Leave out items without a clause that only introduce a table: its rows are the tasks."""
    bearing = sorted(clause.begin for clause in found.clauses)
    tables = [table.start for table in source.tables]

    def keep(node: Node, end: int) -> bool:
        if bisect_left(bearing, end) > bisect_left(bearing, node.begin):
            return True
        start = document.source_span(node.begin, node.end)[0]
        following = document.starts[end] if end < len(document.starts) else len(source.text)
        return not any(start <= table < following for table in tables)

    return [(node, end) for node, end in chosen if keep(node, end)]


def _learnt(found: Found) -> frozenset[str]:
    """Areas that the document itself makes responsible, so that its text's mentions of them are recognised."""
    names: set[str] = set()
    for clause in found.clauses:
        for actor in clause.actors:
            if actor.phrase is not None and actor.phrase.mode == "named":
                names.update(name.removesuffix("人民政府").removesuffix("管委会") for name in actor.phrase.names)
    return frozenset(name for name in names if len(name) >= 2)


def _text_tasks(
    document: Document,
    root: Node,
    chosen: list[tuple[Node, int]],
    found: Found,
    tools: Tools,
    warnings: list[ReadingWarning],
    context: YearContext,
) -> list[Task]:
    roles = RoleReader(document, tools.gazetteer, warnings)
    inherited = tuple(inheritances(found, document, tools.gazetteer, root))
    general = tuple((clause.begin, clause.end) for clause in found.general)
    reader = TaskReader(document, roles, MeasureReader(document, tools, warnings), inherited, general, warnings)
    if not chosen and found.clauses:
        # Clauses without any heading: an excerpt. The whole text is one task.
        lone = _lone_task(root, document)
        return [reader.read(lone, root.end, found.clauses, context)]
    return [reader.read(node, end, found.clauses, context) for node, end in chosen]


def _lone_task(root: Node, document: Document) -> Node:
    """A stand-in heading for a text without headings: its first words are the title, all of it the body."""
    first = next(iter(document.paragraphs()), (0, 0))
    title = replace(root.title, begin=first[0], end=min(first[1], first[0] + 30), body=0, confidence=0.4)
    title = replace(title, text=document.text[title.begin : title.end])
    return Node("root", -1, 0, "", 0, 0, end=root.end, own_end=root.end, title=title)


def _sections(document: Document, root: Node, taken: set[int]) -> list[Section]:
    """Headings that are not tasks and not inside one."""
    found: list[Section] = []
    pending = list(reversed(root.children))
    while pending:
        node = pending.pop()
        if id(node) in taken:
            continue
        start, end = document.source_span(node.begin, node.end)
        kind = node.kind
        if kind == "other":
            kind = next((above.kind for above in node.ancestors() if above.rank >= 0 and above.kind != "other"), kind)
        found.append(Section(node.label, node.title.text, node.rank, start, end, kind))
        pending.extend(reversed(node.children))
    return found


def _goals(document: Document, root: Node, taken: set[int], tools: Tools, context: YearContext) -> list[Measure]:
    """What the chapters of aims promise in numbers."""
    reader = MeasureReader(document, tools, [])
    goals: list[Measure] = []
    for chapter in root.children:
        if chapter.kind != "aims" or any(id(node) in taken for node in chapter.walk()):
            continue
        for node in chapter.walk():
            # 1. 全市综合指数排名前移，…: what looks like a title is the goal itself.
            is_goal = len(node.title.text) > _LONGEST_HEADING and not node.children
            begin = node.number_end if is_goal else node.title.body
            goals.extend(reader.read(begin, node.own_end, context.fresh()))
    return [goal for goal in goals if goal.targets or goal.deadlines]


def _warn(document: Document, front: Front, found: Found, tasks: list[Task], warnings: list[ReadingWarning]) -> None:
    for begin, end in found.suspects:
        text = document.text[begin:end]
        warnings.append(
            ReadingWarning(
                "suspect-clause",
                f"{text[:60]} looks like a responsibility clause but could not be read",
                *document.source_span(begin, end),
                "add it by hand on the review page if it is one",
            )
        )
    for clause in found.clauses:
        if not clause.closed:
            warnings.append(
                ReadingWarning(
                    "bracket",
                    "a bracket of this responsibility clause is missing",
                    *document.source_span(clause.begin, clause.end),
                    "check where the clause begins and ends",
                )
            )
        for begin, end in clause.unread:
            warnings.append(
                ReadingWarning(
                    "clause-words",
                    f"“{document.text[begin:end]}” in a responsibility clause was not understood",
                    *document.source_span(begin, end),
                    "check the roles of this clause",
                )
            )
    if not tasks:
        message = "the document is empty" if not document.text.strip() else "no task was found; this may be no plan"
        hint = "a plan has numbered tasks with responsibility clauses, or a table of tasks"
        warnings.append(ReadingWarning("no-tasks", message, 0, 0, hint))
    elif front.date is None:
        hint = "write the date of the document on the review page; deadlines without a year depend on it"
        warnings.append(ReadingWarning("no-date", "the document's date was not found", 0, 0, hint))
