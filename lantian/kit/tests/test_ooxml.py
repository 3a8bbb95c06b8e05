"""Archives of Word and Excel from strangers: refused before a library opens them."""

from __future__ import annotations

import io
import zipfile

import pytest

from lantian.kit.ooxml import ContainerError, Limits, check

GROWING = '<?xml version="1.0" encoding="{}"?><!DOCTYPE a [<!ENTITY x "yyyy">]><a>&x;</a>'


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(ContainerError) as caught:
        check(content, Limits())
    return caught.value.code


def test_a_sound_archive_passes():
    assert check(archive(**{"word__document.xml": b"<a/>"}), Limits()) == ["word/document.xml"]


def test_a_garbled_stream_is_damaged():
    content = bytearray(archive(**{"word__document.xml": b"<a/>" * 1000}))
    for at in range(50, 60):
        content[at] ^= 0xFF
    assert refusal(bytes(content)) == "damaged"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_entities_are_found_in_every_encoding(encoding):
    content = GROWING.format(encoding.upper()).encode(encoding)
    assert refusal(archive(**{"word__document.xml": content})) == "entities"


def test_entities_are_found_whatever_the_letters_of_the_name():
    assert refusal(archive(**{"word__DOCUMENT.XML": GROWING.format("UTF-8").encode()})) == "entities"
