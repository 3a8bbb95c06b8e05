"""Tasks from tables such as 序号 / 重点工作 / 主要任务 / 完成时限 / 责任单位, merged cells and all."""

from __future__ import annotations

import re
from dataclasses import replace

from lantian.plan.reading.brackets import Shelter
from lantian.plan.reading.clauses import Actor, Assigned, Clause, read_clause
from lantian.plan.reading.clean import Document, clean_piece
from lantian.plan.reading.dates import YearContext
from lantian.plan.reading.finding import find_clauses
from lantian.plan.reading.groups import RoleReader, Roles, build_group
from lantian.plan.reading.measures import Given, MeasureReader, Tools
from lantian.plan.reading.model import Field, Group, Measure, ReadingWarning, Task
from lantian.plan.reading.roles import Role
from lantian.plan.reading.sources.base import Cell, SourceText, Table
from lantian.plan.reading.subjects import settle
from lantian.plan.reading.table_layout import NUMBERED_TITLE, ROLE_COLUMNS, Bundle, Header, Row, TableLayout, first_of


class TableReader:
    """Reads the tables of one source."""

    def __init__(
        self,
        source: SourceText,
        tools: Tools,
        warnings: list[ReadingWarning],
        context: YearContext,
        headings: list[tuple[int, str]],
    ) -> None:
        self.source, self.tools, self.warnings, self.context = source, tools, warnings, context
        self.layout = TableLayout(source, headings)

    def tasks(self) -> list[Task]:
        """Tasks of all tables with a heading that names work and who does it, in order."""
        tasks: list[Task] = []
        header: Header | None = None
        for table in self.source.tables:
            own = self.layout.header(table)
            if own is None and (header is None or table.column_count != header.width):
                header = None
                continue
            header = own or Header(header.columns, 0, header.width) if header else own
            assert header is not None
            bundles = list(self.layout.bundles(table, header))
            if bundles and own is None and tasks and not bundles[0].number:
                self._warn_continued(table)
            tasks.extend(task for bundle in bundles if (task := self._task(bundle)) is not None)
        return tasks

    def _task(self, bundle: Bundle) -> Task | None:
        context = self.context.fresh()
        groups = _same_duty_once([group for row in bundle.rows if (group := self._group(row, bundle, context))])
        if not groups:
            return None
        cell = bundle.title or first_of(bundle.rows[0].cells.get("content"))
        title, start, end = self._title(cell)
        if not any(group.lead or group.each or group.cooperate or group.implement for group in groups):
            self._warn_unassigned(bundle, groups)
        return Task(
            number=bundle.number,
            title=title,
            section=bundle.section,
            start=min([group.start for group in groups] + [start]),
            end=max([group.end for group in groups] + [end]),
            title_start=start,
            title_end=end,
            groups=tuple(groups),
            kind="table",
            confidence=min([0.95 if bundle.title else 0.7, *(group.confidence for group in groups)]),
            fields=(Field("title", title, start, end, 0.95 if bundle.title else 0.7),),
        )

    def _title(self, cell: Cell | None) -> tuple[str, int, int]:
        if cell is None:
            return "", 0, 0
        piece = clean_piece(self.source.text, cell.start, cell.end)
        number = NUMBERED_TITLE.match(piece.view)
        begin = number.end() if number else 0
        stop = re.compile(r"[。；：（]|，").search(piece.view, begin)
        long = len(piece.view) - begin > 40
        end = min(stop.start() if stop and long else len(piece.view), begin + 60)
        return piece.text[begin:end].strip("。"), *piece.source_span(begin, end)

    def _group(self, row: Row, bundle: Bundle, context: YearContext) -> Group | None:
        contents = [cell for cell in row.cells.get("content", []) if self.layout.word(cell)] or (
            [bundle.title] if bundle.title is not None else []
        )
        if not contents:
            return None
        cell = contents[-1]
        piece = clean_piece(self.source.text, cell.start, cell.end)
        reader = MeasureReader(piece, self.tools, self.warnings, Shelter(piece.view))
        clause_cells = [c for kind in ROLE_COLUMNS for c in row.cells.get(kind, []) if self.layout.word(c)]
        roles, text_end, sure = self._roles(row, piece)
        given = self._given(row, context)
        topic = self._title(bundle.title)[0]
        measures: list[Measure] = []
        for content in contents[:-1]:
            other = clean_piece(self.source.text, content.start, content.end)
            measures += MeasureReader(other, self.tools, self.warnings).read(0, len(other.view), context, given, topic)
        measures += reader.read(0, text_end, context, given, topic)
        group = build_group(roles, None, piece, 0, text_end)
        spans = [(c.start, c.end) for c in clause_cells]
        clause_start = min((s for s, _ in spans), default=group.text_end)
        clause_end = max((e for _, e in spans), default=group.text_end)
        certain = min(
            [sure if spans or not roles.is_empty() else 0.5, *(item.confidence + 0.2 for item in roles.fields)]
        )
        return replace(
            group,
            start=min([group.start, *(c.start for c in contents)]),
            end=max(group.end, clause_end if spans else group.end),
            clause_start=clause_start,
            clause_end=clause_end,
            measures=tuple(
                settle((replace(m, confidence=min(m.confidence, certain)) for m in measures), group.implement)
            ),
            confidence=certain,
        )

    def _roles(self, row: Row, piece: Document) -> tuple[Roles, int, float]:
        """Roles from the columns; where there are none, from a clause inside the content cell."""
        merged, sure, text_end = Roles(), 0.95, len(piece.view)
        for kind, role in ROLE_COLUMNS.items():
            for cell in row.cells.get(kind, []):
                if not self.layout.word(cell):
                    continue
                own = clean_piece(self.source.text, cell.start, cell.end)
                clause = self._cell_clause(own, role)
                sure = min(sure, clause.confidence())
                _absorb(merged, RoleReader(own, self.tools.gazetteer, self.warnings).roles(clause))
        if merged.is_empty():
            inner = find_clauses(piece.view, 0, len(piece.view), self.tools.gazetteer).clauses
            for clause in inner:
                _absorb(merged, RoleReader(piece, self.tools.gazetteer, self.warnings).roles(clause))
                text_end, sure = min(text_end, clause.begin), min(sure, clause.confidence())
        if merged.cooperate and not merged.lead and merged.each:
            merged.lead, merged.each = merged.each, []
            merged.fields = [replace(item, name="lead") if item.name == "each" else item for item in merged.fields]
        return merged, text_end or len(piece.view), sure

    def _cell_clause(self, cell: Document, role: Role) -> Clause:
        if role == "leader":
            clause = Clause(0, len(cell.view), form="table", has_role_word=True)
            for name in re.finditer(r"[^、，；\s\n]+", cell.view):
                clause.assigned.append(Assigned("leader", Actor(*name.span(), name.group())))
            return clause
        clause = read_clause(cell.view, 0, len(cell.view), self.tools.gazetteer, column=role)
        clause.form = "table"
        return clause

    def _given(self, row: Row, context: YearContext) -> list[Given]:
        given = []
        for cell in row.cells.get("deadline", []):
            piece = clean_piece(self.source.text, cell.start, cell.end)
            given.append(Given(self.tools.dates.read(piece.view, 0, len(piece.view), context, cell=True), piece))
        return given

    def _warn_unassigned(self, bundle: Bundle, groups: list[Group]) -> None:
        self.warnings.append(
            ReadingWarning(
                "no-clause",
                f"table row {bundle.number or bundle.rows[0].index + 1} names nobody responsible",
                groups[0].start,
                groups[-1].end,
                "say who is responsible on the review page",
            )
        )

    def _warn_continued(self, table: Table) -> None:
        self.warnings.append(
            ReadingWarning(
                "table-continued",
                "a table without heading was read as the continuation of the table before",
                table.start,
                table.end,
                "check that its columns are the same",
            )
        )


def _same_duty_once(groups: list[Group]) -> list[Group]:
    """Rows that share one merged cell of responsible units are one clause."""
    kept: list[Group] = []
    for group in groups:
        before = kept[-1] if kept else None
        if before and group.clause_end > group.clause_start and before.clause_start == group.clause_start:
            kept[-1] = replace(
                before,
                end=max(before.end, group.end),
                text_end=max(before.text_end, group.text_end),
                measures=before.measures + group.measures,
                confidence=min(before.confidence, group.confidence),
            )
        else:
            kept.append(group)
    return kept


def _absorb(into: Roles, more: Roles) -> None:
    for name in ("lead", "cooperate", "each", "supervise", "leaders", "implement", "excluded"):
        holders: list[str] = getattr(into, name)
        holders.extend(value for value in getattr(more, name) if value not in holders)
    into.modes |= more.modes
    into.fields.extend(more.fields)
