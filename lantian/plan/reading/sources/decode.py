"""Bytes to text: a declared or marked encoding is believed, otherwise the first plausible one is taken."""

from __future__ import annotations

import codecs
import re

from lantian.plan.reading.sources.base import SourceError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GB18030_MARK = "\ufeff".encode("gb18030")
# GB18030 maps nearly every pair of bytes to something, so success alone proves nothing.
_GUESSES = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
_COMMON = frozenset(
    "的一是在市和等年月日县区不以为及与对中国人大工作完成生态环境，。、：；（）《》“”的國縣區環境業與對"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_PRINTABLE = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_MIN_COMMON = 0.03
_MAX_ODD = 0.02


def decode(data: bytes, name: str, declared: str | None = None) -> tuple[str, str]:
    """Text and the name of the encoding; line ends are kept as they are, a byte-order mark is not text.

    Raises SourceError with the place of the first byte that makes no sense as UTF-8 when nothing fits.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding, name), encoding
    if data.startswith(_GB18030_MARK):
        return _strictly(data[len(_GB18030_MARK) :], "gb18030", name), "gb18030"
    if declared and (known := _known(declared)):
        try:
            return data.decode(known), known
        except UnicodeDecodeError:
            pass  # A page that declares GB2312 and is UTF-8 is common; the content decides.
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        where = error.start
    for encoding in _GUESSES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _plausible(text):
            return text, encoding
    raise _undecodable(data, name, where)


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, name, error.start) from error


def _known(declared: str) -> str | None:
    lowered = declared.strip().strip("\"'").lower()
    if lowered in {"gb2312", "gbk", "gb_2312-80", "x-gbk"}:
        return "gb18030"
    try:
        return codecs.lookup(lowered).name
    except LookupError:
        return None


def _plausible(text: str) -> bool:
    """Does this read as Chinese: few odd characters, and enough of those that every document has?"""
    sample = text[:20000]
    if not sample:
        return True
    odd = len(_CONTROL.findall(sample))
    wide = len(_PRINTABLE.findall(sample))
    common = sum(character in _COMMON for character in sample)
    return odd / len(sample) <= _MAX_ODD and (wide == 0 or common / wide >= _MIN_COMMON)


def _undecodable(data: bytes, name: str, where: int) -> SourceError:
    line = data.count(b"\n", 0, where) + 1
    return SourceError(
        f"{name}: byte {where} (line {line}, value 0x{data[where]:02X}) is neither UTF-8 nor GB18030 text; "
        "open the file in an editor and save it as UTF-8."
    )
