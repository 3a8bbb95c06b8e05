"""Word and Excel files from outside, looked at before any library opens them. No Django.

They are archives of XML: `check` refuses those that unpack to too much, declare XML entities, or are no such archive.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

_MEGABYTE = 1024 * 1024
# What the library raises on an archive that is cut off, garbled, locked or packed in an odd way.
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError,
    NotImplementedError,
)  # fmt: skip


class ContainerError(ValueError):
    """The file is refused: `code` is too_large, bomb, entities or damaged; `params` say with what."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Limits:
    """Bytes of the file, bytes that it unpacks to, number of parts."""

    size: int = 8 * _MEGABYTE
    unpacked: int = 80 * _MEGABYTE
    parts: int = 300


def check(content: bytes, limits: Limits) -> list[str]:
    """Return the names of the parts of a sound archive; raises ContainerError."""
    if len(content) > limits.size:
        raise ContainerError("too_large", limit=limits.size // _MEGABYTE)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.unpacked:
                raise ContainerError("bomb", limit=limits.unpacked // _MEGABYTE)
            for part in parts:
                _check_part(archive, part)
            return [part.filename for part in parts]
    except ContainerError:
        raise
    except _BROKEN as error:
        raise ContainerError("damaged") from error


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A part of an honest file declares no document type, so no entity can grow in it."""
    if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
        return
    with archive.open(part) as stream:
        tail = b""
        while piece := stream.read(_MEGABYTE):
            # UTF-16 and UTF-32, with their mark or without it, would hide the declaration from a search for bytes.
            wide = not tail and (piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in piece[:4])
            if wide or b"<!DOCTYPE" in tail + piece or b"<!ENTITY" in tail + piece:
                raise ContainerError("entities", part=part.filename)
            tail = piece[-16:]
