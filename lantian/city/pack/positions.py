"""Where each key of a TOML or JSON text stands. The parsers of the standard library give values without lines.

The TOML scanner walks over text that `tomllib` has already accepted, so it needs to know where things begin and end
and nothing about whether they are right. A test compares its key paths with those of `tomllib` on generated texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right

Path = tuple[str | int, ...]
Position = tuple[int, int]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_STRINGS = [
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\]|\\.)*"'),
    re.compile(r"'[^']*'"),
]
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\btnfre]))')
_SHORT_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


class Lines:
    """Offsets of a text as (line, column), both from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def toml_positions(text: str) -> dict[Path, Position]:
    """Map the path of every table, key and array element to the (line, column) where it is written.

    `text` must be valid TOML. An array of tables `[[area]]` gives `("area",)` and `("area", 0)`, `("area", 1)` ...
    """
    return _TomlScanner(text).scan()


class _TomlScanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines = Lines(text)
        self._found: dict[Path, Position] = {}
        self._lengths: dict[Path, int] = {}  # arrays of tables -> how many so far

    def scan(self) -> dict[Path, Position]:
        table: Path = ()
        self._blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._blank()
        return self._found

    def _blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _mark(self, path: Path, offset: int) -> None:
        self._found.setdefault(path, self._lines.at(offset))

    def _header(self) -> Path:
        start = self._at
        width = 2 if self._text.startswith("[[", start) else 1
        self._at += width
        *parents, last = self._key()
        self._at = self._text.index("]", self._at) + width
        path = self._enter(parents, (), start)
        path = (*path, last)
        self._mark(path, start)
        if width == 2:
            number = self._lengths.get(path, 0)
            self._lengths[path] = number + 1
            path = (*path, number)
            self._mark(path, start)
        return path

    def _enter(self, keys: list[str], base: Path, offset: int) -> Path:
        """Follow `keys` from `base`; inside an array of tables that is its newest element."""
        path = base
        for key in keys:
            path = (*path, key)
            self._mark(path, offset)
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        start = self._at
        *parents, last = self._key()
        path = (*self._enter(parents, table, start), last)
        self._mark(path, start)
        self._at = self._text.index("=", self._at) + 1
        self._skip_space()
        self._value(path)

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip_space()
            if self._text[self._at] in "\"'":
                parts.append(_unquote(self._string()))
            else:
                match = _BARE_KEY.match(self._text, self._at)
                parts.append(match.group() if match else "")
                self._at = match.end() if match else self._at + 1
            self._skip_space()
            if not self._text.startswith(".", self._at):
                return parts
            self._at += 1

    def _string(self) -> str:
        for pattern in _STRINGS:
            match = pattern.match(self._text, self._at)
            if match:
                self._at = match.end()
                return match.group()
        raise ValueError(f"no string at offset {self._at}")

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            match = _SCALAR.match(self._text, self._at)
            self._at = match.end() if match else self._at + 1

    def _array(self, path: Path) -> None:
        self._at += 1
        number = 0
        self._blank()
        while self._text[self._at] != "]":
            self._mark((*path, number), self._at)
            self._value((*path, number))
            number += 1
            self._comma()
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._blank()
        while self._text[self._at] != "}":
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._blank()
        if self._text[self._at] == ",":
            self._at += 1
            self._blank()


def _unquote(raw: str) -> str:
    """The text of a one-line TOML string, quotes included in `raw`."""
    if raw.startswith("'"):
        return raw[1:-1]

    def replace(match: re.Match[str]) -> str:
        short, long, letter = match.groups()
        return chr(int(short or long, 16)) if short or long else _SHORT_ESCAPES[letter]

    return _ESCAPE.sub(replace, raw[1:-1])


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_FEATURES = re.compile(r'"features"\s*:\s*\[')


def feature_positions(text: str) -> list[Position]:
    """Return the (line, column) of each element of the first "features" array of a valid JSON text."""
    opening = _FEATURES.search(text)
    if not opening:
        return []
    lines, found, depth = Lines(text), [], 0
    for token in _JSON_TOKEN.finditer(text, opening.end()):
        mark = token.group()
        if mark in "[{":
            if depth == 0:
                found.append(lines.at(token.start()))
            depth += 1
        elif mark in "]}":
            depth -= 1
            if depth < 0:
                break
    return found
