"""Word documents: paragraphs in order, with the numbers that Word computes, and tables with merged cells."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from lantian.plan.reading.sources.base import GridCell, SourceError, SourceText, TextBuilder
from lantian.plan.reading.sources.docx_numbers import Numbering

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAX_UNPACKED = 300 * 1024 * 1024
_CONTAINERS = frozenset(
    [f"{W}{tag}" for tag in ("sdt", "sdtContent", "ins", "hyperlink", "smartTag", "customXml", "moveTo")]
)


def read_docx(data: bytes, name: str) -> SourceText:
    """The text of a Word document. Insertions under review count as text, deletions do not."""
    parts = _unpack(data, name)
    body = parts["word/document.xml"].find(f"{W}body")
    if body is None:
        raise SourceError(f"{name}: the Word file has no body; open it in Word or WPS and save it again.")
    numbering = Numbering(parts.get("word/numbering.xml"), parts.get("word/styles.xml"))
    builder = TextBuilder()
    for block in _blocks(body):
        if block.tag == f"{W}p":
            builder.add(numbering.label(block))
            _add_runs(block, builder)
            builder.add("\n")
        else:
            builder.add_table(_grid(block, numbering))
    return SourceText(builder.text(), name, "docx", "utf-8", tuple(builder.tables), tuple(builder.strong))


def _unpack(data: bytes, name: str) -> dict[str, Any]:
    wanted = ("word/document.xml", "word/numbering.xml", "word/styles.xml")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            present = {info.filename: info.file_size for info in archive.infolist() if info.filename in wanted}
            if sum(present.values()) > _MAX_UNPACKED:
                raise SourceError(f"{name}: unpacked, the text alone is larger than 300 MB; this is no plan.")
            return {part: etree.fromstring(archive.read(part), parser) for part in present}
    except (zipfile.BadZipFile, etree.XMLSyntaxError, RuntimeError, OSError) as error:
        raise SourceError(f"{name}: the Word file is damaged or locked ({error}); save it again from Word.") from error


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in document order, looking through content controls and accepted insertions."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in _CONTAINERS:
            yield from _blocks(child)


def _add_runs(paragraph: Any, builder: TextBuilder) -> None:
    for text, strong in _runs(paragraph):
        builder.add(text, strong=strong)


def _runs(parent: Any) -> Iterator[tuple[str, bool]]:
    for child in parent:
        if child.tag == f"{W}r":
            yield "".join(_run_text(child)), _is_strong(child)
        elif child.tag in _CONTAINERS or child.tag == f"{W}fldSimple":
            yield from _runs(child)


def _run_text(run: Any) -> Iterator[str]:
    for node in run:
        if node.tag == f"{W}t":
            yield node.text or ""
        elif node.tag in (f"{W}tab", f"{W}ptab"):
            yield " "
        elif node.tag in (f"{W}br", f"{W}cr"):
            yield "\n"
        elif node.tag == f"{W}noBreakHyphen":
            yield "-"


def _is_strong(run: Any) -> bool:
    bold = run.find(f"{W}rPr/{W}b")
    return bold is not None and bold.get(f"{W}val", "1") not in ("0", "false", "none")


def _grid(table: Any, numbering: Numbering) -> list[list[GridCell]]:
    """Rows of cells; a cell that Word marks as continuing the one above makes that one taller."""
    rows: list[list[GridCell]] = []
    open_cells: dict[int, GridCell] = {}
    for row in table.iter(f"{W}tr"):
        if next(row.iterancestors(f"{W}tbl")) is not table:
            continue  # A row of a table inside a cell: its text belongs to the cell.
        cells: list[GridCell] = []
        column = _number(row.find(f"{W}trPr/{W}gridBefore"))
        for element in row.iterchildren(f"{W}tc", f"{W}sdt"):
            cell = element if element.tag == f"{W}tc" else element.find(f"{W}sdtContent/{W}tc")
            if cell is None:
                continue
            width = _number(cell.find(f"{W}tcPr/{W}gridSpan")) or 1
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val", "continue") == "continue" and column in open_cells:
                open_cells[column].row_span += 1
            else:
                open_cells[column] = GridCell(column, _cell_text(cell, numbering), 1, width)
                cells.append(open_cells[column])
            column += width
        rows.append(cells)
    return rows


def _number(element: Any) -> int:
    value = element.get(f"{W}val", "0") if element is not None else "0"
    return int(value) if value.isascii() and value.isdigit() else 0


def _cell_text(cell: Any, numbering: Numbering) -> str:
    lines = []
    for paragraph in cell.iter(f"{W}p"):
        line = numbering.label(paragraph) + "".join(text for text, _ in _runs(paragraph))
        if line.strip():
            lines.append(line.strip())
    return "\n".join(lines)
