"""Rows of a CSV file, plain or gzipped, decoded line by line in the declared encoding: nothing is guessed."""

from __future__ import annotations

import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, cast

from lantian.air.reading.faults import Fault, FileFaultError
from lantian.air.reading.formats import Progress

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = (_ZIP, b"PAR1")
_BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 20
_TELL_EVERY = 20_000
# No row of measured values is longer; a file without line ends must not be read into memory whole.
_LONGEST = 1 << 20


def rows(path: Path, encoding: str, others: tuple[str, ...], progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """Yield (line in the file from 1, fields) of every row that is not blank; memory does not grow with the file.

    Raises FileFaultError for bytes that are not of the encoding (with the row), no text, damaged gzip, endless quotes.
    """
    size = path.stat().st_size
    with path.open("rb") as raw, _unpacked(raw) as stream:
        reader = csv.reader(_lines(stream, encoding, others))
        try:
            for fields in reader:
                if reader.line_num % _TELL_EVERY == 0:
                    progress(raw.tell(), size)
                if fields:
                    yield reader.line_num, fields
        except csv.Error as error:
            raise FileFaultError(Fault(reader.line_num, "", str(error), "quotes")) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileFaultError(Fault(0, "", str(error), "damaged")) from error
    progress(size, size)


def is_workbook(path: Path, *, allowed: bool) -> bool:
    """Tell whether a file is an Excel workbook of today; raises FileFaultError for an old one or when none is allowed."""
    with path.open("rb") as raw:
        start = raw.read(4)
    if start == _OLD_EXCEL:
        raise FileFaultError(Fault(0, "", "", "old_excel"))
    if start != _ZIP:
        return False
    if not allowed:
        raise FileFaultError(Fault(0, "", "", "not_text"))
    return True


def content_hash(path: Path, *declared: str) -> str:
    """SHA-256 of the unpacked content and of what was declared about it: names an import for ever."""
    found = hashlib.sha256("\0".join(declared).encode())
    try:
        with path.open("rb") as raw, _unpacked(raw, any_kind=True) as stream:
            while block := stream.read(_BLOCK):
                found.update(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFaultError(Fault(0, "", str(error), "damaged")) from error
    return found.hexdigest()


def _unpacked(raw: IO[bytes], *, any_kind: bool = False) -> AbstractContextManager[IO[bytes], bool | None]:
    start = raw.read(4)
    raw.seek(0)
    if start.startswith(_UTF_16) and not any_kind:
        raise FileFaultError(Fault(0, "", "", "utf_16"))
    if start.startswith(_NO_TEXT) and not any_kind:
        raise FileFaultError(Fault(0, "", "", "not_text"))
    return cast("IO[bytes]", gzip.open(raw)) if start.startswith(_GZIP) else nullcontext(raw)


def _lines(stream: IO[bytes], encoding: str, others: tuple[str, ...]) -> Iterator[str]:
    foreign, number = False, 0
    while line := stream.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST:
            raise FileFaultError(Fault(number, "", "", "endless"))
        if number == 1 and line.startswith(_BOM):
            if encoding != "utf-8":
                raise FileFaultError(Fault(1, "", "", "is_utf8", expected=encoding))
            line = line[len(_BOM) :]
        if encoding != "utf-8" and not foreign and not line.isascii():
            foreign = True
            _refuse_utf8(line, number, encoding)
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError as error:
            known = ", ".join(one for one in others if one != encoding)
            raise FileFaultError(Fault(number, "", "", "encoding", expected=encoding, other=known)) from error
        if "\0" in text:
            raise FileFaultError(Fault(number, "", "", "nul"))
        yield text


def _refuse_utf8(line: bytes, number: int, encoding: str) -> None:
    """Chinese in UTF-8 often decodes as GB18030 too, into other letters: the first line that is not ASCII decides."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return
    raise FileFaultError(Fault(number, "", "", "is_utf8", expected=encoding))
