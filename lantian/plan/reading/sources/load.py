"""Choose the right reader for a file by what it is, not only by what it is called."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from lantian.plan.reading.sources.base import SourceError, SourceText

MEDIA = ("txt", "md", "html", "docx", "pdf")
MAX_BYTES = 60 * 1024 * 1024

_SUFFIXES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".shtml": "html",
    ".docx": "docx",
    ".pdf": "pdf",
}


def read_source(source: Path | str | bytes, name: str = "") -> SourceText:
    """Read a plan from a path, or from bytes with the file's `name` (its ending helps to tell the kind).

    Raises SourceError for files that are missing, too large, of another kind, damaged or undecodable.
    """
    if isinstance(source, bytes):
        data = source
    else:
        path = Path(source)
        name = name or path.name
        try:
            if path.stat().st_size > MAX_BYTES:
                raise _too_large(name, path.stat().st_size)
            data = path.read_bytes()
        except OSError as error:
            raise SourceError(f"{path}: cannot be opened ({error.strerror}); check the path and its rights.") from error
    if len(data) > MAX_BYTES:
        raise _too_large(name, len(data))
    return _reader(_media(data, name))(data, name)


def _too_large(name: str, size: int) -> SourceError:
    return SourceError(
        f"{name}: {size / 1048576:.0f} MB is more than the {MAX_BYTES // 1048576} MB accepted for a plan; "
        "take out pictures or save the text alone."
    )


def _media(data: bytes, name: str) -> str:
    head = data[:2048].lstrip()
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(f"{name}: this is an old Word file (.doc); open it in Word or WPS and save it as .docx.")
    if head.startswith(b"{\\rtf"):
        raise SourceError(f"{name}: this is an RTF file; open it in Word or WPS and save it as .docx.")
    if head.startswith(b"PK\x03\x04"):
        return _zip_media(data, name)
    media = _SUFFIXES.get(Path(name).suffix.lower())
    if media in {"pdf", "docx"}:
        raise SourceError(
            f"{name}: the content is not {media.upper()} although the name says so; "
            "save the document again or give the file its right ending."
        )
    looks_html = head[:200].lower().startswith((b"<!doctype html", b"<html", b"\xef\xbb\xbf<!doctype html"))
    return "html" if looks_html else media or "txt"


def _zip_media(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if "word/document.xml" in archive.namelist():
                return "docx"
    except zipfile.BadZipFile as error:
        raise SourceError(f"{name}: the file is damaged ({error}); save the document again.") from error
    raise SourceError(f"{name}: this is a packed file but no Word document; accepted are {', '.join(MEDIA)}.")


def _reader(media: str) -> Callable[[bytes, str], SourceText]:
    # Imported on demand: a text file needs neither lxml nor PDFium.
    if media == "pdf":
        from lantian.plan.reading.sources.pdf import read_pdf

        return read_pdf
    if media == "docx":
        from lantian.plan.reading.sources.docx import read_docx

        return read_docx
    if media == "html":
        from lantian.plan.reading.sources.html import read_html

        return read_html
    from lantian.plan.reading.sources.plain import read_markdown, read_plain

    return read_markdown if media == "md" else read_plain
