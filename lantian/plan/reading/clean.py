"""From raw text to clean paragraphs: page breaks healed, marks removed, every character traced to its source.

A `Document` holds three texts of one length: `text` (what people read), `view` (what the grammar matches,
see `normalise`) and the two offset tables `starts` and `ends` into the source. Paragraphs are parted by "\\n".
"""

from __future__ import annotations

import itertools
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lantian.plan.reading.joining import Line, joins
from lantian.plan.reading.latex import plain_formula
from lantian.plan.reading.normalise import view_of
from lantian.plan.reading.sources.base import SourceText

_LINE = re.compile(r"[^\r\n\f\v\x85\u2028\u2029]+")
_PAGE_NUMBER = re.compile(
    r"^\s*(?:[-—–―─－·•~]+\s*\d{1,3}\s*[-—–―─－·•~]+|第\s*\d{1,3}\s*页(?:\s*共\s*\d{1,3}\s*页)?|\d{1,3}\s*/\s*\d{1,3})\s*$"
)
# 责任单位：市生态环境局 and （市工信局牵头） come back on every page and are no running head.
_IS_CONTENT = re.compile(r"[。；，、：:（(\[【〔]|\d|牵头|负责|配合|落实|完成|单位|[局委办厅]$")
_GAZETTE = re.compile(r"公报|第\s*\d{1,3}\s*期")
_BARE_NUMBER = re.compile(r"^\s*\d{1,3}\s*$")
# Spans without content: blanks, zero-width characters, Markdown marks. A blank between two Latin words stays.
_NOISE = re.compile(
    r"\*{1,3}|(?<![A-Za-z0-9])_{2}|_{2}(?![A-Za-z0-9])|`+|<br\s*/?>|&nbsp;|&emsp;|&ensp;"
    r"|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+|[\s\u00a0\u2000-\u200f\u202a-\u202f\u2060\u3000\ufeff\u00ad]+"
)
_LINE_HEAD = re.compile(r"^\s*(?:#{1,6}\s+|[-*+]\s+(?=\S))")
_QUOTED_HEAD = re.compile(r"^\s*(?:>\s?)*(?:#{1,6}\s+|[-*+]\s+(?=\S))?")
_FORMULA = re.compile(r"\$([^$\n]{1,120})\$")
_WORD = re.compile(r"[A-Za-z]")
# Between the names of a clause a blank or a line's end is a mark: 市住建局 市城管局, 市工信局牵头 各县区落实.
_NAME_ENDS = re.compile(
    r"[\u4e00-\u9fffA-Za-z）]{2}(?:局|委|办|厅|院|部|公司|中心|支队|大队|政府|管委会|办事处|等单位|等部门|成员单位|牵头|配合|参与|负责|落实|（[县市区旗、，]{1,7}）)$"
)
_NAME_BEGINS = re.compile(
    r"(?:[市县区省]|国网|中国|各|相关|有关|属地)[\u4e00-\u9fff（(<]{2}"
    r"|(?:牵头|主责|主办|配合|协办|协同|参与|参加|责任|负责|实施|落实|承办|督导|监督|指导|完成|办结|整改)(?:单位|部门|主体|地区|领导|人|时限|期限|时间)[：:]|(?![会局部室委])[\u4e00-\u9fff]{2,8}(?:牵头|配合|参与|负责|落实)"
    r"|[\u4e00-\u9fff]{2,4}[市县区][\u4e00-\u9fff]{2,12}(?:局|委|办公室|政府)"
)
_MAX_FURNITURE = 40

_Add = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Document:
    """Clean text with its way back to the source."""

    text: str
    view: str
    starts: array[int]
    ends: array[int]
    source: str = field(repr=False, default="")
    headings: tuple[tuple[int, int], ...] = ()
    """(begin, level) of lines marked as headings in Markdown."""

    def breaks_line(self, position: int) -> bool:
        """Did the source break the line between this character and the one before?"""
        return "\n" in self.source[self.ends[position - 1] : self.starts[position]]

    def source_span(self, begin: int, end: int) -> tuple[int, int]:
        """Source offsets of clean[begin:end], blanks at either side left out."""
        while begin < end and self.text[begin].isspace():
            begin += 1
        while end > begin and self.text[end - 1].isspace():
            end -= 1
        if begin >= end:
            point = self.starts[begin] if begin < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return point, point
        return self.starts[begin], self.ends[end - 1]

    def paragraphs(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of each paragraph, in clean offsets."""
        begin = 0
        for match in re.finditer("\n", self.text):
            yield begin, match.start()
            begin = match.end()
        if begin < len(self.text):
            yield begin, len(self.text)


def clean_document(source: SourceText) -> Document:
    """Clean paragraphs of everything outside tables."""
    return _assemble(source.text, _paragraph_lines(source))


def clean_piece(text: str, start: int, end: int) -> Document:
    """One piece (a table cell) as a single paragraph, its lines joined."""
    lines = [Line(text, match.start(), match.end()) for match in _LINE.finditer(text, start, end)]
    return _assemble(text, [lines] if lines else [])


def _paragraph_lines(source: SourceText) -> Iterator[list[Line]]:
    """Lines grouped into paragraphs: a line joins the one before unless one of them says otherwise."""
    lines = [line for line in _lines(source) if line.stripped]
    width = _full_width(lines) if len(lines) > 8 else 0
    paragraph: list[Line] = []
    depth = 0
    for line in lines:
        if line.is_barrier:
            if paragraph:
                yield paragraph
            paragraph, depth = [], 0
            continue
        if paragraph and not joins(paragraph[0], paragraph[-1], line, depth=depth, width=width):
            yield paragraph
            paragraph, depth = [], 0
        paragraph.append(line)
        depth = _depth(line.view, depth)
    if paragraph:
        yield paragraph


def _depth(view: str, depth: int) -> int:
    """Brackets open at the end of a line; an opening that a full stop leaves behind is forgotten."""
    tail = view[view.rfind("。") + 1 :]
    opened = tail.count("（") - tail.count("）")
    return max(0, opened + (depth if tail is view else 0))


def _lines(source: SourceText) -> Iterator[Line]:
    furniture = _page_furniture(source) if source.paged else frozenset()
    drop_numbers = source.paged or _has_bare_page_numbers(source.text)
    tables = iter(source.tables)
    table = next(tables, None)
    for match in _LINE.finditer(source.text):
        while table is not None and match.start() >= table.end:
            table = next(tables, None)
        if table is not None and match.start() >= table.start:
            yield Line(source.text, match.start(), match.start(), is_barrier=True)
            continue
        raw = match.group()
        if _PAGE_NUMBER.match(raw) or (drop_numbers and _BARE_NUMBER.match(raw)) or raw.strip() in furniture:
            continue
        head = (_QUOTED_HEAD if source.media == "md" else _LINE_HEAD).match(raw)
        begin = match.start() + (head.end() if head else 0)
        mark = head.group().count("#") if head else 0
        yield Line(source.text, begin, match.end(), mark=mark, printed=source.paged)


def _page_furniture(source: SourceText) -> frozenset[str]:
    """Short lines that return on page after page (running heads); only where the source has pages."""
    seen: dict[str, int] = {}
    for match in _LINE.finditer(source.text):
        line = match.group().strip()
        content = _IS_CONTENT.search(line) and not _GAZETTE.search(line)
        if 4 <= len(line) <= _MAX_FURNITURE and not content:
            seen[line] = seen.get(line, 0) + 1
    return frozenset(line for line, count in seen.items() if count >= 3)


def _has_bare_page_numbers(text: str) -> bool:
    """Lines that are only a number, counting up by one through the text: pages, not content."""
    numbers = [int(match.group()) for match in re.finditer(r"^[ \t\u3000]*(\d{1,3})[ \t\u3000]*$", text, re.M)]
    steps = sum(after - before == 1 for before, after in itertools.pairwise(numbers))
    return len(numbers) >= 3 and steps >= 0.8 * (len(numbers) - 1)


def _full_width(lines: list[Line]) -> int:
    """Length of a full line where the text is broken at a fixed width, otherwise 0."""
    lengths = sorted(line.size for line in lines)
    widest = int(lengths[int(len(lengths) * 0.95)])
    if not 15 <= widest <= 60:
        return 0
    full = sum(length >= widest - 3 for length in lengths)
    # A printed page always cuts its lines; of other files only many full lines prove it.
    return widest if full >= len(lengths) * (0.15 if lines[0].printed else 0.35) else 0


def _assemble(text: str, paragraphs: Iterable[list[Line]]) -> Document:
    pieces: list[str] = []
    starts, ends = array("q"), array("q")

    def add(piece: str, begin: int, end: int) -> None:
        pieces.append(piece)
        if len(piece) == end - begin:
            starts.extend(range(begin, end))
            ends.extend(range(begin + 1, end + 1))
        else:
            starts.extend([begin] * len(piece))
            ends.extend([end] * len(piece))

    headings: list[tuple[int, int]] = []
    for paragraph in paragraphs:
        if pieces:
            add("\n", paragraph[0].start, paragraph[0].start)
        if paragraph[0].mark:
            headings.append((len(starts), paragraph[0].mark))
        for line in paragraph:
            if line is not paragraph[0] and _parts_names(
                _tail(pieces), text[line.start : min(line.end, line.start + 40)].lstrip()
            ):
                add(" ", line.start, line.start)
            _add_line(text, line, pieces, add)
    joined = "".join(pieces)
    return Document(joined, view_of(joined), starts, ends, text, tuple(headings))


def _tail(pieces: list[str]) -> str:
    """The last dozen characters of what was written so far."""
    return "".join(piece[-12:] for piece in pieces[-12:])[-12:]


def _parts_names(before: str, after: str) -> bool:
    """Does the blank between two stretches part two names of a clause?"""
    return bool(_NAME_ENDS.search(before) and _NAME_BEGINS.match(after))


def _add_line(text: str, line: Line, pieces: list[str], add: _Add) -> None:
    position = line.start
    for formula in _FORMULA.finditer(text, line.start, line.end):
        _add_plain(text, position, formula.start(), pieces, add)
        for piece, begin, end in plain_formula(formula.group(1), formula.start(1)):
            add(piece, begin, end)
        position = formula.end()
    _add_plain(text, position, line.end, pieces, add)


def _add_plain(text: str, start: int, end: int, pieces: list[str], add: _Add) -> None:
    position = start
    for noise in _NOISE.finditer(text, start, end):
        if noise.start() > position:
            add(text[position : noise.start()], position, noise.start())
        between = text[noise.end()] if noise.end() < end else ""
        before = pieces[-1][-1:] if pieces else ""
        is_mark = noise.group()[0].isspace() or noise.group().startswith(("<br", "&"))
        words = is_mark and _WORD.match(before) and _WORD.match(between)
        if words or (is_mark and _parts_names(_tail(pieces), text[noise.end() : min(end, noise.end() + 20)])):
            add(" ", noise.start(), noise.end())
        position = noise.end()
    if end > position:
        add(text[position:end], position, end)
