"""The official list of dust as a file (CSV or Excel): place, from, to, document. Every fault with its row and column."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lantian.air.assessing.dust_list import Entry

COLUMNS = ("place", "from", "to", "document")
_NAMES = {
    "place": ("place", "city", "地区", "城市", "地点"),
    "from": ("from", "begin", "start", "开始", "开始时间", "起始时间"),
    "to": ("to", "end", "until", "结束", "结束时间", "终止时间"),
    "document": ("document", "source", "依据", "依据文件", "文件", "来源"),
}
ENCODINGS = ("utf-8", "gb18030")
_MOST = 10_000
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M")
_DAYS = ("%Y-%m-%d", "%Y/%m/%d")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ListFault:
    """What is wrong in a row (1 is the header, 0 the file) and column; `kind` names it (see `WORDS`)."""

    row: int
    column: str
    kind: str
    value: str = ""

    def sentence(self, lang: str = "zh") -> str:
        """Where, what, how to mend it."""
        zh, en = WORDS[self.kind]
        text = (zh if lang.startswith("zh") else en).format(value=self.value)
        if lang.startswith("zh"):
            where = f"第 {self.row} 行" if self.row else "文件"
            return where + (f"“{self.column}”列" if self.column else "") + "：" + text
        where = f"row {self.row}" if self.row else "the file"
        return where + (f", column {self.column}" if self.column else "") + ": " + text


WORDS = {
    "encoding": ("不是 {value} 编码，请另选编码或另存文件", "not in {value}: choose the other encoding, or save it anew"),
    "workbook": ("无法作为 Excel 工作簿打开", "cannot be opened as an Excel workbook"),
    "no_column": ("缺少此列（可写作：{value}）", "the column is missing (may be called {value})"),
    "twice": ("此列出现两次", "the column is there twice"),
    "empty": ("为空", "is empty"),
    "time": ("“{value}”不是时间：写作 2020-05-11 或 2020-05-11 14:00（整点）",
             "{value!r} is no time: write 2020-05-11 or 2020-05-11 14:00 (a full hour)"),
    "order": ("结束不晚于开始", "ends before it begins"),
    "many": ("超过 {value} 行", "has more than {value} rows"),
    "none": ("没有任何一行", "has no row at all"),
}  # fmt: skip


class ListFileError(ValueError):
    """The list cannot be taken; `faults` says why. Nothing was written."""

    def __init__(self, faults: Sequence[ListFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(one.sentence("en") for one in faults))


def read_list(
    content: bytes, *, offset: dt.timedelta, encoding: str = "utf-8", document: str = ""
) -> tuple[Entry, ...]:
    """Return the entries of a list; `document` is that of rows (or a whole file) without one. Raises ListFileError.

    A day stands for all of its hours, "to" included; a moment for the hours between the two moments.
    """
    faults: list[ListFault] = []
    rows = list(_rows(content, encoding))
    if len(rows) > _MOST:
        raise ListFileError([ListFault(0, "", "many", str(_MOST))])
    if not rows:
        raise ListFileError([ListFault(0, "", "none")])
    (_, header), body = rows[0], rows[1:]
    at = _columns(header, faults, needs_document=not document)
    if faults:
        raise ListFileError(faults)
    found = []
    for line, cells in body:
        texts = {name: cells[n].strip() if n < len(cells) else "" for name, n in at.items()}
        if any(texts.values()):
            found.append(_entry(line, texts, document, dt.timezone(offset), faults))
    if not found and not faults:
        faults.append(ListFault(0, "", "none"))
    if faults:
        raise ListFileError(faults)
    return tuple(one for one in found if one is not None)


def _entry(line: int, texts: dict[str, str], document: str, zone: dt.timezone, faults: list[ListFault]) -> Entry | None:
    said = texts.get("document") or document
    for column, text in (("place", texts["place"]), ("document", said)):
        if not text:
            faults.append(ListFault(line, column, "empty"))
    begin, end = (_moment(line, column, texts[column], zone, faults) for column in ("from", "to"))
    if begin is not None and end is not None and end <= begin:
        faults.append(ListFault(line, "to", "order"))
    return None if begin is None or end is None else Entry(texts["place"], begin, end, said)


def _moment(line: int, column: str, text: str, zone: dt.timezone, faults: list[ListFault]) -> dt.datetime | None:
    for form in _DAYS:
        try:
            day = dt.datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
        return day + _DAY if column == "to" else day
    for form in _FORMS:
        try:
            moment = dt.datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
        if (moment.minute, moment.second) == (0, 0):
            return moment
    faults.append(ListFault(line, column, "time" if text else "empty", text))
    return None


def _columns(header: Sequence[str], faults: list[ListFault], *, needs_document: bool) -> dict[str, int]:
    names = [cell.strip().casefold() for cell in header]
    found = {}
    for column, spellings in _NAMES.items():
        at = [n for n, name in enumerate(names) if name in spellings]
        if len(at) > 1:
            faults.append(ListFault(1, column, "twice"))
        elif at:
            found[column] = at[0]
        elif column != "document" or needs_document:
            faults.append(ListFault(1, column, "no_column", ", ".join(spellings)))
    return found


def _rows(content: bytes, encoding: str) -> Iterator[tuple[int, list[str]]]:
    if content.startswith(b"PK"):
        yield from _sheet_rows(content)
        return
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise ListFileError([ListFault(0, "", "encoding", encoding)]) from None
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _sheet_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    import openpyxl

    from lantian.air.reading.workbook import LIMITS
    from lantian.kit.ooxml import ContainerError, check

    try:
        check(content, LIMITS)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (ContainerError, KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise ListFileError([ListFault(0, "", "workbook")]) from error
    try:
        for number, cells in enumerate(book.worksheets[0].iter_rows(), start=1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield number, texts
    finally:
        book.close()


def _text(cell: Any) -> str:
    """A cell as it would be typed: a day where its form shows no hours, else a moment."""
    value = cell.value
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if "h" in str(cell.number_format).lower() else f"{value:%Y-%m-%d}"
    return "" if value is None else str(value)
