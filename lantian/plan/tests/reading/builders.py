"""Make Word and PDF files for the tests, so that no binary file lies in the repository."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

Rows = Sequence[Sequence[str]]
_FONT = "STSong-Light"


def word_file(
    paragraphs: Sequence[str], tables: Sequence[Rows] = (), merges: Sequence[tuple[int, tuple, tuple]] = ()
) -> bytes:
    """A .docx with paragraphs (`**bold**` at the front becomes bold) and tables; `merges`: (table, from, to) cells."""
    document = Document()
    for text in paragraphs:
        paragraph = document.add_paragraph()
        if text.startswith("**"):
            bold, text = text[2:].split("**", 1)
            paragraph.add_run(bold).bold = True
        paragraph.add_run(text)
    made = []
    for rows in tables:
        table = document.add_table(len(rows), max(len(row) for row in rows))
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                table.cell(r, c).text = text
        made.append(table)
    for number, first, last in merges:
        made[number].cell(*first).merge(made[number].cell(*last))
    return _saved(document)


def numbered_word_file(paragraphs: Sequence[tuple[int, str]]) -> bytes:
    """A .docx whose numbers Word computes: level 0 is 一、 level 1 （一） level 2 1. and -1 plain text."""
    document = Document()
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for level, (kind, pattern) in enumerate(
        [("chineseCountingThousand", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")]
    ):
        node = OxmlElement("w:lvl")
        node.set(qn("w:ilvl"), str(level))
        for tag, value in (("start", "1"), ("numFmt", kind), ("lvlText", pattern)):
            child = OxmlElement(f"w:{tag}")
            child.set(qn("w:val"), value)
            node.append(child)
        abstract.append(node)
    numbering.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "77")
    link = OxmlElement("w:abstractNumId")
    link.set(qn("w:val"), "77")
    number.append(link)
    numbering.append(number)
    for level, text in paragraphs:
        paragraph = document.add_paragraph(text)
        if level >= 0:
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = level
            properties.get_or_add_numId().val = 77
    return _saved(document)


def pdf_file(text: str, rows: Rows = (), *, width: int = 28, lines: int = 22) -> bytes:
    """A .pdf as offices print it: lines cut at `width` characters, page numbers, then a ruled table."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    page, used = 1, 0
    canvas.setFont(_FONT, 15)
    for line in _cut(text, width):
        if used == lines:
            page, used = _turn(canvas, page), 0
        canvas.drawString(80, 760 - used * 28, line)
        used += 1
    if rows:
        page = _turn(canvas, page)
        table = Table([list(row) for row in rows])
        table.setStyle(
            TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONT", (0, 0), (-1, -1), _FONT, 10)])
        )
        _, height = table.wrap(500, 700)
        table.drawOn(canvas, 40, 740 - height)
    _turn(canvas, page)
    canvas.save()
    return buffer.getvalue()


def _cut(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters; the first of a paragraph is indented by two."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        rest = paragraph if len(paragraph) < 20 and "。" not in paragraph else "　　" + paragraph
        while rest:
            lines.append(rest[:width])
            rest = rest[width:]
    return lines


def _turn(canvas: Canvas, page: int) -> int:
    canvas.setFont(_FONT, 10)
    canvas.drawCentredString(300, 60, f"— {page} —")
    canvas.showPage()
    canvas.setFont(_FONT, 15)
    return page + 1


def _saved(document) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()
