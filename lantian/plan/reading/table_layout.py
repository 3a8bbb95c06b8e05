"""How a table of tasks is laid out: its heading, what each column holds, its rows, and which rows are one task."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from lantian.plan.reading.clean import clean_piece
from lantian.plan.reading.normalise import view_of
from lantian.plan.reading.roles import Role
from lantian.plan.reading.sources.base import Cell, SourceText, Table

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
ROLE_COLUMNS: dict[str, Role] = {
    "lead": "lead",
    "cooperate": "cooperate",
    "each": "each",
    "supervise": "supervise",
    "leader": "leader",
}
_HEADER_DEPTH = 4
_NUMBER_CELL = re.compile(r"^[（(]?(\d{1,3}|[一二三四五六七八九十]{1,3})[）)]?[.、]?$")
NUMBERED_TITLE = re.compile(r"^(?:（[一二三四五六七八九十]{1,3}）|[一二三四五六七八九十]{1,3}、|\d{1,3}[.、])")


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


class TableLayout:
    """Lays out the tables of one source. `headings`: (source offset, heading as printed) of the running text."""

    def __init__(self, source: SourceText, headings: list[tuple[int, str]]) -> None:
        self.source, self.headings = source, headings

    def header(self, table: Table) -> Header | None:
        """The heading, or None for a table that names no work or nobody for it.

        It may cover several rows (责任单位 over 牵头 and 配合): the lowest word of a column counts.
        """
        found: dict[int, str] = {}
        first = 0
        open_columns: set[int] = set()
        for row in range(min(_HEADER_DEPTH, table.row_count)):
            cells = [cell for cell in table.cells if cell.row == row]
            if found and row >= first and not self._is_sub_heading(cells, open_columns):
                break
            named = {cell.column: kind for cell in cells if (kind := _kind(self.word(cell)))}
            if not found and (len(named) < 2 or any(_NUMBER_CELL.match(self.word(cell)) for cell in cells)):
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
        has_duty = any(kind in columns for kind in (*ROLE_COLUMNS, "deadline"))
        return Header(columns, first, table.column_count) if has_work and has_duty else None

    def _is_sub_heading(self, cells: list[Cell], open_columns: set[int]) -> bool:
        """Does a row below the heading still belong to it? Only under a heading that spreads over columns, or
        beside blanks where the format cannot merge cells; never where a row number stands."""
        filled = [cell for cell in cells if self.word(cell)]
        if any(_NUMBER_CELL.match(self.word(cell)) for cell in filled):
            return False
        return bool(filled) and all(cell.column in open_columns and _kind(self.word(cell)) for cell in filled)

    def word(self, cell: Cell) -> str:
        """What a cell says, without blanks, in the spelling of the view."""
        return re.sub(r"[\s\x00-\x1f]+", "", view_of(self.source.text[cell.start : cell.end]))

    def bundles(self, table: Table, header: Header) -> Iterator[Bundle]:
        """The rows below the heading, those of one task together."""
        current: Bundle | None = None
        for row in self._rows(table, header):
            section = row.section
            number, title = self._number(row), first_of(row.cells.get("title"))
            title = title if title and self.word(title) else None
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
            filled = [cell for cell in cells if self.word(cell)]
            if not filled:
                continue
            if len({cell.start for cell in filled}) == 1 and (filled[0].column_span > 1 or len(cells) > 1):
                wide = filled[0].column_span >= max(2, header.width - 2)
                if wide or NUMBERED_TITLE.match(self.word(filled[0])) or filled[0].column_span > 1:
                    section = self.text(filled[0])
                    continue
            kinds = {kind: [c for c in cells if _covers(c, columns)] for kind, columns in header.columns.items()}
            if previous is not None and kinds == previous:
                continue
            previous = kinds
            written = [self.text(cell) for cell in kinds.get("section", []) if self.word(cell)]
            section = written[0] if written else section
            yield Row(kinds, section, index)

    def _heading_above(self, table: Table) -> str:
        above = bisect_right(self.headings, (table.start, "\uffff")) - 1
        return self.headings[above][1] if above >= 0 else ""

    def _number(self, row: Row) -> str:
        cell = first_of(row.cells.get("number"))
        if cell is None:
            title = first_of(row.cells.get("title"))
            printed = NUMBERED_TITLE.match(self.word(title)) if title else None
            return printed.group().strip("（）、.") if printed else ""
        match = _NUMBER_CELL.match(self.word(cell))
        return match.group(1) if match else self.word(cell)

    def text(self, cell: Cell) -> str:
        """What a cell says, as people read it."""
        return clean_piece(self.source.text, cell.start, cell.end).text.strip()


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


def first_of(cells: list[Cell] | None) -> Cell | None:
    """The most special of several title columns: the one furthest to the right."""
    return cells[-1] if cells else None
