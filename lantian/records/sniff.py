"""What a file really is, told by its content. The name is not asked; nothing is unpacked, decoded or run.

`sniff` returns the id of an entry of `data/kinds.toml`: a kind that is taken, or a refusal.
"""

from __future__ import annotations

import codecs
import re
import struct
import zipfile
import zlib
from typing import BinaryIO

import olefile

from lantian.records.kinds import Limits

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
             b"\xcf\xfa\xed\xfe", b"L\x00\x00\x00\x01\x14\x02\x00")  # fmt: skip
_GZIP = b"\x1f\x8b"
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"BZh", b"\xfd7zXZ\x00", b"MSCF", b"\x28\xb5\x2f\xfd")
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ",
                         b"M4VP", b"MSNV", b"dash", b"3gp4", b"3gp5"})  # fmt: skip
_OFFICE_PARTS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_MARKUP = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|iframe|object|embed)[\s>/]", re.IGNORECASE)
_SCRIPT_STARTS = (b"#!", b"<?php", b"<%", b"@echo", b"@powershell")


# What the readers of the containers raise on damaged or hostile files; each means the same.
_BROKEN_ZIP = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, ValueError, EOFError,
               NotImplementedError, RuntimeError)  # fmt: skip
_BROKEN_OLE = (OSError, ValueError, IndexError, TypeError, KeyError, AttributeError, RecursionError, struct.error)


def sniff(file: BinaryIO, limits: Limits) -> str:
    """Return the kind of a seekable binary file, read from its start; its position afterwards is undefined."""
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        return "empty"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(file, limits)
    if head.startswith(_OLE):
        return _ole_kind(file)
    return _magic_kind(head) or _pdf_kind(file, head) or _text_kind(file, head)


def _magic_kind(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _iso_media_kind(head)
    if head.startswith(_PROGRAMS):
        return "program"
    if head.startswith(_GZIP):
        return "gzip"
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        return "archive"
    return None


def _iso_media_kind(head: bytes) -> str:
    """Tell pictures from films by the major brand, then by the compatible ones."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    if brands[0] == b"qt  ":
        return "mov"
    if brands[0] in _HEIC_BRANDS:
        # An AVIF picture shares the general brands of HEIC; its codec is not the one that is checked here.
        return "unknown" if b"avif" in brands else "heic"
    return "mp4" if _MP4_BRANDS.intersection(brands) else "unknown"


def _pdf_kind(file: BinaryIO, head: bytes) -> str | None:
    if not head.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-"):
        return None
    file.seek(0, 2)
    file.seek(max(0, file.tell() - 2048))
    return "pdf" if b"%%EOF" in file.read() else "damaged"


def _zip_kind(file: BinaryIO, limits: Limits) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > limits.zip_entries:
                return "bomb"
            if sum(entry.file_size for entry in entries) > limits.zip_unpacked_bytes:
                return "bomb"
            return _zip_members_kind(archive, {entry.filename for entry in entries})
    except _BROKEN_ZIP:
        return "damaged"


def _zip_members_kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    lowered = {name.lower() for name in names}
    if "[Content_Types].xml" in names:
        with archive.open("[Content_Types].xml") as part:
            types = part.read(1024 * 1024)
        if b"macroEnabled" in types or any(n.endswith(("vbaproject.bin", ".bas", "vbadata.xml")) for n in lowered):
            return "macro"
        if any(n.startswith(("xl/macrosheets/", "xl/dialogsheets/")) for n in lowered):
            return "macro"
        for kind, folder in _OFFICE_PARTS.items():
            if any(name.startswith(folder) for name in names):
                return kind
    if "OFD.xml" in names:
        return "ofd"
    return "program" if "meta-inf/manifest.mf" in lowered or "androidmanifest.xml" in lowered else "archive"


def _ole_kind(file: BinaryIO) -> str:
    file.seek(0)
    try:
        with olefile.OleFileIO(file) as ole:
            parts = {part.lower() for path in ole.listdir(streams=True, storages=True) for part in path}
    except _BROKEN_OLE:
        return "damaged"
    if parts & {"encryptedpackage", "encryptioninfo"}:
        return "encrypted"
    if parts & {"vba", "_vba_project", "_vba_project_cur", "macros"}:
        return "macro"
    for kind, streams in (("doc", {"worddocument"}), ("xls", {"workbook", "book"}), ("ppt", {"powerpoint document"})):
        if parts & streams:
            return kind
    return "program" if any(part.startswith("\x05digitalsignature") for part in parts) else "unknown"


def _text_kind(file: BinaryIO, head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t ")
    lowered = start[:1024].lower()
    if lowered.startswith(_SCRIPT_STARTS):
        return "script"
    if not _is_text(file):
        return "unknown"
    if b"<svg" in lowered:
        return "svg"
    if _MARKUP.search(start):
        return "html"
    return "xml" if lowered.startswith((b"<?xml", b"mime-version:")) else "text"


def _is_text(file: BinaryIO) -> bool:
    """Tell whether the whole file is UTF-8, UTF-16 with its mark, or GB18030, without control characters."""
    file.seek(0)
    mark = file.read(2)
    encodings = ("utf-16",) if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ("utf-8", "gb18030")
    return any(_decodes(file, encoding) for encoding in encodings)


_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(1 << 16):
            if _CONTROL.search(decoder.decode(chunk)):
                return False
        return not _CONTROL.search(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        return False
