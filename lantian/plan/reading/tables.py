"""Tasks from tables such as 序号 / 重点工作 / 主要任务 / 完成时限 / 责任单位, merged cells and all."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lantian.plan.reading.brackets import Shelter
from lantian.plan.reading.clauses import Assigned, Clause, read_clause
from lantian.plan.reading.clean import Document, clean_piece
from lantian.plan.reading.dates import YearContext
from lantian.plan.reading.finding import find_clauses
from lantian.plan.reading.groups import RoleReader, Roles, build_group
from lantian.plan.reading.measures import Given, MeasureReader, Tools
from lantian.plan.reading.model import Field, Group, Measure, ReadingWarning, Task
from lantian.plan.reading.normalise import view_of
from lantian.plan.reading.roles import Role
from lantian.plan.reading.sources.base import Cell, SourceText, Table
from lantian.plan.reading.subjects import settle

# What a column holds, by the words of its heading; tried in this order.
_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile(r"^(?:序号|编号|序|号|NO\.?|No\.?)$")),
    ("deadline", re.compile(r"时限|期限|完成时间|时间要求|时间节点|完成日期|进度要求|时间安排|整改时间|^时间$")),
    ("leader", re.compile(r"责任领导|牵头领导|分管领导|包保|责任人|联系人|牵头市领导|市领导|县领导")),
    ("lead", re.compile(r"牵头|主责|主办|主管(?:单位|部门)|第一责任")),
    ("cooperate", re.compile(r"配合|协办|参与|协同|协助|参加(?:单位|部门)")),
    ("supervise", re.compile(r"督导|监督(?:单位|部门)|监管(?:单位|部门)|督办|督促")),
    (
        "each",
        re.compile(
            r"(?:责任|负责|承担|承办|落实|实施|执行)(?:单位|部门|主体|地区|机构)|(?:单位|部门)及责任|责任分工|^责任$"
        ),
    ),
    ("note", re.compile(r"^备注$|说明$|进展|完成情况|检查|评分|分值")),
    (
        "content",
        re.compile(
            r"主要任务|具体(?:任务|措施|内容|工作)|工作(?:措施|内容|要求|目标|举措)|任务内容|措施|主要(?:内容|工作|措施)|目标任务|内容|举措|年度任务|工作任务(?=$)|要求|目标|任务"
        ),
    ),
    ("section", re.compile(r"^(?:类别|领域|板块|分类|大类|工作类别|任务类别|专项|类型)$")),
    (
        "title",
        re.compile(
            r"重点(?:工作|任务|项目|领域|行动|工程)|项目|任务名称|工作名称|事项|工作任务|名称|类别|分类|领域|行业|板块|类型|方面"
        ),
    ),
)
_ROLE_COLUMNS: dict[str, Role] = {
    "lead": "lead",
    "cooperate": "cooperate",
    "each": "each",
    "supervise": "supervise",
    "leader": "leader",
}
_HEADER_DEPTH = 4
_NUMBER_CELL = re.compile(r"^[（(]?(\d{1,3}|[一二三四五六七八九十]{1,3})[）)]?[.、]?$")
_NUMBERED_TITLE = re.compile(r"^(?:（[一二三四五六七八九十]{1,3}）|[一二三四五六七八九十]{1,3}、|\d{1,3}[.、])")


@dataclass(frozen=True, slots=True)
class Header:
    """Columns by what they hold, and the first row below the heading."""

    columns: dict[str, list[int]]
    first_row: int
    width: int


@dataclass(slots=True)
class Row:
    """One line of work: which cell stands in which kind of column (merged cells repeat), and its own content cells."""

    cells: dict[str, list[Cell]]
    section: str
    index: int


@dataclass(slots=True)
class Bundle:
    """The rows of one task."""

    number: str
    title: Cell | None
    section: str
    rows: list[Row] = field(default_factory=list)


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
        self.headings = headings

    def tasks(self) -> list[Task]:
        """Tasks of all tables with a heading that names work and who does it, in order."""
        tasks: list[Task] = []
        header: Header | None = None
        for table in self.source.tables:
            own = self._header(table)
            if own is None and (header is None or table.column_count != header.width):
                header = None
                continue
            header = own or Header(header.columns, 0, header.width) if header else own
            assert header is not None
            bundles = list(self._bundles(table, header))
            if bundles and own is None and tasks and not bundles[0].number:
                self._warn_continued(table)
            tasks.extend(task for bundle in bundles if (task := self._task(bundle)) is not None)
        return tasks

    def _header(self, table: Table) -> Header | None:
        """The heading may cover several rows (责任单位 over 牵头 and 配合): the lowest word of a column counts."""
        found: dict[int, str] = {}
        first = 0
        open_columns: set[int] = set()
        for row in range(min(_HEADER_DEPTH, table.row_count)):
            cells = [cell for cell in table.cells if cell.row == row]
            if found and row >= first and not self._is_sub_heading(cells, open_columns):
                break
            named = {cell.column: kind for cell in cells if (kind := _kind(self._word(cell)))}
            if not found and (len(named) < 2 or any(_NUMBER_CELL.match(self._word(cell)) for cell in cells)):
                continue
            for cell in cells:
                spread = range(cell.column, cell.column + cell.column_span)
                if cell.column in named:
                    found |= dict.fromkeys(spread, named[cell.column])
                    first = max(first, row + cell.row_span)
            open_columns = _below(cells, row)
        columns: dict[str, list[int]] = {}
        for column in sorted(found):
            columns.setdefault(found[column], []).append(column)
        _settle_titles(columns)
        has_work = "content" in columns or "title" in columns
        has_duty = any(kind in columns for kind in (*_ROLE_COLUMNS, "deadline"))
        return Header(columns, first, table.column_count) if has_work and has_duty else None

    def _is_sub_heading(self, cells: list[Cell], open_columns: set[int]) -> bool:
        """Does a row below the heading still belong to it? Only under a heading that spreads over columns, or
        beside blanks where the format cannot merge cells; never where a row number stands."""
        filled = [cell for cell in cells if self._word(cell)]
        if any(_NUMBER_CELL.match(self._word(cell)) for cell in filled):
            return False
        return bool(filled) and all(cell.column in open_columns and _kind(self._word(cell)) for cell in filled)

    def _word(self, cell: Cell) -> str:
        return re.sub(r"[\s\x00-\x1f]+", "", view_of(self.source.text[cell.start : cell.end]))

    def _bundles(self, table: Table, header: Header) -> Iterator[Bundle]:
        current: Bundle | None = None
        for row in self._rows(table, header):
            section = row.section
            number, title = self._number(row), _first(row.cells.get("title"))
            title = title if title and self._word(title) else None
            if current is None or self._is_new(current, number, title, header):
                if current is not None:
                    yield current
                current = Bundle(number, title, section)
            current.rows.append(row)
        if current is not None:
            yield current

    def _is_new(self, current: Bundle, number: str, title: Cell | None, header: Header) -> bool:
        """Another number, another title, or no columns for either; a blank cell means the same as above."""
        if number:
            return number != current.number
        if title is None:
            return "title" not in header.columns
        return current.title is None or title.start != current.title.start

    def _rows(self, table: Table, header: Header) -> Iterator[Row]:
        by_row: dict[int, list[Cell]] = {}
        for cell in table.cells:
            for line in range(cell.row, cell.row + cell.row_span):
                by_row.setdefault(line, []).append(cell)
        section, previous = self._heading_above(table), None
        for index in range(header.first_row, table.row_count):
            cells = sorted(by_row.get(index, []), key=lambda cell: cell.column)
            filled = [cell for cell in cells if self._word(cell)]
            if not filled:
                continue
            if len({cell.start for cell in filled}) == 1 and (filled[0].column_span > 1 or len(cells) > 1):
                wide = filled[0].column_span >= max(2, header.width - 2)
                if wide or _NUMBERED_TITLE.match(self._word(filled[0])) or filled[0].column_span > 1:
                    section = self._text(filled[0])
                    continue
            kinds = {kind: [c for c in cells if _covers(c, columns)] for kind, columns in header.columns.items()}
            if previous is not None and kinds == previous:
                continue
            previous = kinds
            written = [self._text(cell) for cell in kinds.get("section", []) if self._word(cell)]
            section = written[0] if written else section
            yield Row(kinds, section, index)

    def _heading_above(self, table: Table) -> str:
        above = bisect_right(self.headings, (table.start, "\uffff")) - 1
        return self.headings[above][1] if above >= 0 else ""

    def _number(self, row: Row) -> str:
        cell = _first(row.cells.get("number"))
        if cell is None:
            title = _first(row.cells.get("title"))
            printed = _NUMBERED_TITLE.match(self._word(title)) if title else None
            return printed.group().strip("（）、.") if printed else ""
        match = _NUMBER_CELL.match(self._word(cell))
        return match.group(1) if match else self._word(cell)

    def _task(self, bundle: Bundle) -> Task | None:
        context = self.context.fresh()
        groups = _same_duty_once([group for row in bundle.rows if (group := self._group(row, bundle, context))])
        if not groups:
            return None
        cell = bundle.title or _first(bundle.rows[0].cells.get("content"))
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
        number = _NUMBERED_TITLE.match(piece.view)
        begin = number.end() if number else 0
        stop = re.compile(r"[。；：（]|，").search(piece.view, begin)
        long = len(piece.view) - begin > 40
        end = min(stop.start() if stop and long else len(piece.view), begin + 60)
        return piece.text[begin:end].strip("。"), *piece.source_span(begin, end)

    def _group(self, row: Row, bundle: Bundle, context: YearContext) -> Group | None:
        contents = [cell for cell in row.cells.get("content", []) if self._word(cell)] or (
            [bundle.title] if bundle.title is not None else []
        )
        if not contents:
            return None
        cell = contents[-1]
        piece = clean_piece(self.source.text, cell.start, cell.end)
        reader = MeasureReader(piece, self.tools, self.warnings, Shelter(piece.view))
        clause_cells = [c for kind in _ROLE_COLUMNS for c in row.cells.get(kind, []) if self._word(c)]
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
        for kind, role in _ROLE_COLUMNS.items():
            for cell in row.cells.get(kind, []):
                if not self._word(cell):
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
                from lantian.plan.reading.clauses import Actor

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

    def _text(self, cell: Cell) -> str:
        return clean_piece(self.source.text, cell.start, cell.end).text.strip()

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


def _below(cells: list[Cell], row: int) -> set[int]:
    """Columns in which a heading's row leaves room for a second line: under wide cells and beside blank ones."""
    wide = {c for cell in cells if cell.column_span > 1 for c in range(cell.column, cell.column + cell.column_span)}
    if wide or any(cell.row_span > 1 for cell in cells):
        return wide
    blank = {cell.column for cell in cells if cell.start == cell.end}
    return blank | {column - 1 for column in blank}


def _kind(word: str) -> str | None:
    if not word or len(word) > 16:
        return None
    return next((kind for kind, pattern in _COLUMNS if pattern.search(word)), None)


def _settle_titles(columns: dict[str, list[int]]) -> None:
    """Of several columns with content the last holds the duties and those before are titles; one alone is content."""
    content = columns.get("content", [])
    if len(content) > 1:
        columns["title"] = sorted({*columns.get("title", []), *content[:-1]})
        columns["content"] = content[-1:]
    if "content" not in columns and len(columns.get("title", [])) > 1:
        columns["content"] = [columns["title"].pop()]


def _covers(cell: Cell, columns: list[int]) -> bool:
    return any(cell.column <= column < cell.column + cell.column_span for column in columns)


def _first(cells: list[Cell] | None) -> Cell | None:
    """The most special of several title columns: the one furthest to the right."""
    return cells[-1] if cells else None


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
