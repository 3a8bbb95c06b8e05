"""HTML pages: the visible text, blocks on lines of their own, tables with their merged cells."""

from __future__ import annotations

import re
from typing import Any

from lantian.plan.reading.sources.base import GridCell, SourceError, SourceText, TextBuilder
from lantian.plan.reading.sources.decode import decode

_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?([\w-]{2,20})", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BOXES = re.compile(
    r"</?(?:div|section|article|center|blockquote|main|form|fieldset|p|ul|ol|li|dl|dd|dt)\b[^>]*>", re.I
)
_INLINE = re.compile(r"</?(?:span|font|b|i|u|em|strong|a|big|small|label|o:p)\b[^>]*>", re.I)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_HIDDEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "nav",
        "select",
        "option",
        "button",
        "textarea",
        "svg",
        "iframe",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "tr",
        "ul",
        "caption",
    ]
)
_STRONG = frozenset(["b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"])
_MAX_HEIGHT, _MAX_WIDTH = 300, 30


def read_html(data: bytes, name: str) -> SourceText:
    """The text of a page. The declared character set is tried first."""
    from lxml import etree

    found = _CHARSET.search(data[:4096])
    text, encoding = decode(data, name, found.group(1).decode("ascii") if found else None)
    markup = _DECLARATION.sub("", text)
    if not markup.strip():
        return SourceText("", name, "html", encoding)
    notes: tuple[str, ...] = ()
    try:
        root, complete = _parse(markup)
        if not complete:
            notes = ("the page nests too deep for its structure to be trusted; boxes were taken as line breaks",)
            root, complete = _parse(_BOXES.sub("<br>", _INLINE.sub("", markup)))
        if not complete:
            root, complete = _parse(f"<pre>{_TAG.sub(' ', markup)}</pre>")
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise SourceError(f"{name}: the page cannot be read ({error}); save it again from the browser.") from error
    builder = TextBuilder()
    _write(root, builder)
    tables, strong = tuple(builder.tables), tuple(builder.strong)
    return SourceText(builder.text(), name, "html", encoding, tables, strong, notes=notes)


def _parse(markup: str) -> tuple[Any, bool]:
    """The tree of a page, and whether all of it is there: the parser gives up below a certain depth."""
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(huge_tree=True)
    root = document_fromstring(markup, parser=parser)
    return root, not any("depth" in entry.message for entry in parser.error_log)


def _write(root: Any, builder: TextBuilder) -> None:
    """Walk the tree with a stack of our own: pages nest deeper than Python's call stack allows."""
    stack: list[tuple[Any, str, bool]] = [(root, "open", False)]
    while stack:
        node, step, strong = stack.pop()
        if step == "text":
            _add_text(builder, node, strong)
            continue
        tag = node.tag if isinstance(node.tag, str) else None
        if step == "close":
            if tag in _BLOCKS:
                builder.line_break()
            continue
        if tag is None or tag in _HIDDEN or _is_hidden(node):
            continue
        if tag == "br":
            builder.line_break()
        elif tag == "table" and _is_data_table(node):
            builder.add_table(_grid(node))
        else:
            if tag in _BLOCKS:
                builder.line_break()
            stack.append((node, "close", strong))
            _push_content(stack, node, strong or tag in _STRONG)


def _push_content(stack: list[tuple[Any, str, bool]], node: Any, strong: bool) -> None:
    content: list[tuple[Any, str, bool]] = []
    if node.text:
        content.append((node.text, "text", strong))
    for child in node:
        content.append((child, "open", strong))
        if child.tail:
            content.append((child.tail, "text", strong))
    stack.extend(reversed(content))


def _add_text(builder: TextBuilder, raw: str, strong: bool) -> None:
    text = _SPACE.sub(" ", raw)
    if text.startswith(" ") and (not builder.length or builder.tail(1) in {"\n", " "}):
        text = text[1:]
    builder.add(text, strong=strong)


def _is_hidden(node: Any) -> bool:
    style = (node.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or node.get("hidden") is not None


def _is_data_table(node: Any) -> bool:
    """A table of two or more rows and columns without a table inside; the rest is page layout."""
    if node.find(".//table") is not None:
        return False
    rows = node.findall(".//tr")
    return len(rows) >= 2 and max(len(row.findall("td")) + len(row.findall("th")) for row in rows) >= 2


def _grid(node: Any) -> list[list[GridCell]]:
    rows: list[list[GridCell]] = []
    covered: dict[tuple[int, int], bool] = {}
    for number, row in enumerate(node.findall(".//tr")):
        cells: list[GridCell] = []
        column = 0
        for element in row:
            if element.tag not in ("td", "th"):
                continue
            while (number, column) in covered:
                column += 1
            height, width = _span(element, "rowspan", _MAX_HEIGHT), _span(element, "colspan", _MAX_WIDTH)
            cells.append(GridCell(column, _cell_text(element), height, width))
            for down in range(height):
                for right in range(width):
                    covered[number + down, column + right] = True
            column += width
        rows.append(cells)
    return rows


def _span(element: Any, attribute: str, limit: int) -> int:
    value = (element.get(attribute) or "1").strip()
    return min(max(int(value), 1), limit) if value.isascii() and value.isdigit() else 1


def _cell_text(element: Any) -> str:
    inner = TextBuilder()
    stack: list[tuple[Any, str, bool]] = []
    _push_content(stack, element, False)
    while stack:
        node, step, _ = stack.pop()
        if step == "text":
            _add_text(inner, node, False)
        elif step == "close":
            inner.line_break()
        elif isinstance(node.tag, str) and node.tag not in _HIDDEN:
            if node.tag in _BLOCKS or node.tag == "br":
                inner.line_break()
                stack.append((node, "close", False))
            _push_content(stack, node, False)
    return inner.text().strip()
