"""File names of strangers: made harmless for display and download, kept as they came for the record."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 120
MAX_BYTES = 200  # file systems allow 255, and browsers add " (1)"
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
# Controls, formats (right-to-left override, zero width), surrogates, private use, unassigned, line and paragraph ends.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_name(raw: str, fallback: str = "file") -> str:
    """Return a name that is safe to show and to save on any system: no path, no invisible characters, not too long.

    The extension survives cutting; a name of which nothing is left becomes `fallback`.
    """
    text = unicodedata.normalize("NFC", raw.encode("utf-8", "replace").decode("utf-8"))
    text = re.split(r"[/\\]", text)[-1]
    text = "".join(" " if c in "\t\n\r" else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)
    text = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", text)).lstrip(" .-~").rstrip(" .")
    stem, dot, extension = text.rpartition(".")
    if not dot:
        stem, extension = text, ""
    if _RESERVED.fullmatch(stem.split(".")[0].strip()):
        stem = "_" + stem
    extension = extension[:10]
    return _cut(stem or fallback, extension)


def _cut(stem: str, extension: str) -> str:
    tail = f".{extension}" if extension else ""
    stem = stem[: MAX_CHARACTERS - len(tail)]
    while len((stem + tail).encode()) > MAX_BYTES:
        stem = stem[:-1]
    return stem.rstrip(" .") + tail


def extension_of(name: str) -> str:
    """Return the extension in lower case without its dot, of a cleaned name ("" when there is none)."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def escaped(raw: str, limit: int = 1000) -> str:
    """Return the name as it came, with what no database or page should hold written as escapes."""
    kept = [
        c if unicodedata.category(c) not in _INVISIBLE else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in raw[:limit]
    ]
    return "".join(kept)[:limit]
