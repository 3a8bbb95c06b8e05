"""PDF files with a text layer: lines in reading order, ruled tables as tables."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from lantian.plan.reading.sources.base import SourceError, SourceText, TextBuilder
from lantian.plan.reading.sources.pdf_grid import Box, RuledTable, find_tables

MAX_PAGES = 400


def read_pdf(data: bytes, name: str) -> SourceText:
    """The text of a PDF. Raises SourceError when it is locked, damaged, or only pictures of pages."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise SourceError(
            f"{name}: the PDF is damaged or locked ({error}); save it again without a password."
        ) from error
    try:
        if len(document) > MAX_PAGES:
            raise SourceError(f"{name}: {len(document)} pages are more than the {MAX_PAGES} accepted; split the file.")
        builder = TextBuilder()
        for page in document:
            _read_page(page, builder)
        pages = len(document)
    finally:
        document.close()
    text = builder.text()
    if pages and len(text.strip()) < 10 * min(pages, 3):
        raise SourceError(f"{name}: the PDF holds pictures of pages and no text; run text recognition (OCR) first.")
    return SourceText(text, name, "pdf", "utf-8", tuple(builder.tables), (), paged=True)


def _read_page(page: Any, builder: TextBuilder) -> None:
    width, height = page.get_size()
    text_page = page.get_textpage()
    try:
        top = height
        for table in find_tables(*_rulings(page)):
            _add_region(text_page, Box(0, table.box.top, width, top), builder)
            _add_table(text_page, table, builder)
            top = table.box.bottom
        _add_region(text_page, Box(0, 0, width, top), builder)
    finally:
        text_page.close()
        page.close()


def _add_region(text_page: Any, box: Box, builder: TextBuilder) -> None:
    if box.top - box.bottom < 2:
        return
    text = _bounded(text_page, box)
    if text.strip():
        builder.line_break()
        builder.add(text)
        builder.line_break()


def _add_table(text_page: Any, table: RuledTable, builder: TextBuilder) -> None:
    for row in table.rows:
        for cell in row:
            cell.grid.text = _bounded(text_page, cell.box).strip()
    builder.add_table([[cell.grid for cell in row] for row in table.rows])


def _bounded(text_page: Any, box: Box) -> str:
    text: str = text_page.get_text_bounded(box.left, box.bottom, box.right, box.top)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "")


@dataclass(slots=True)
class _Matrix:
    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def apply(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f


def _rulings(page: Any) -> tuple[list[tuple[float, float, float]], list[tuple[float, float, float]]]:
    """Horizontal lines as (y, left, right) and vertical ones as (x, bottom, top), from drawn paths."""
    horizontal: list[tuple[float, float, float]] = []
    vertical: list[tuple[float, float, float]] = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3):
        for x0, y0, x1, y1 in _segments(item):
            if abs(y1 - y0) <= 1.5 and abs(x1 - x0) > 4:
                horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x1 - x0) <= 1.5 and abs(y1 - y0) > 4:
                vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    return horizontal, vertical


def _segments(item: Any) -> list[tuple[float, float, float, float]]:
    matrix = _matrix(item)
    x, y = ctypes.c_float(), ctypes.c_float()
    lines, start, last = [], (0.0, 0.0), (0.0, 0.0)
    for index in range(raw.FPDFPath_CountSegments(item.raw)):
        segment = raw.FPDFPath_GetPathSegment(item.raw, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.apply(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        else:
            lines.append((*last, *point))
        if raw.FPDFPathSegment_GetClose(segment):
            lines.append((*point, *start))
        last = point
    return lines


def _matrix(item: Any) -> _Matrix:
    found = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item.raw, found):
        return _Matrix()
    return _Matrix(found.a, found.b, found.c, found.d, found.e, found.f)
