"""Names of strangers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.records.names import MAX_BYTES, MAX_CHARACTERS, clean_name, escaped, extension_of


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("照片 1.jpg", "照片 1.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\..\\秘密.docx", "秘密.docx"),
        ("/absolute/x.pdf", "x.pdf"),
        ("报告\u202egpj.exe", "报告gpj.exe"),
        ("zero\u200bwidth\ufeff.png", "zerowidth.png"),
        ("nul\x00byte.pdf", "nulbyte.pdf"),
        ("line\r\nbreak.pdf", "line break.pdf"),
        ("...hidden.jpg", "hidden.jpg"),
        ("-rf.jpg", "rf.jpg"),
        ("trailing.exe. . .", "trailing.exe"),
        ("CON.jpg", "_CON.jpg"),
        ("com1.tar.pdf", "_com1.tar.pdf"),
        ("lpt9", "_lpt9"),
        ("a<b>|c?.jpg", "a_b__c_.jpg"),
        ("x.jpg::$DATA", "x.jpg__$DATA"),
        ("", "file"),
        ("///", "file"),
        (".jpg", "jpg"),
        ("\ud800.jpg", "_.jpg"),
        ("e\u0301.jpg", "é.jpg"),
    ],
)
def test_known_tricks(raw, clean):
    assert clean_name(raw) == clean


def test_a_very_long_name_keeps_its_extension():
    assert clean_name("长" * 500 + ".docx").endswith("长.docx")
    assert len(clean_name("a" * 5000 + ".jpg")) == MAX_CHARACTERS
    assert len(clean_name("x." + "y" * 5000)) <= 20


@given(st.text(st.characters(), max_size=400))
def test_whatever_comes_in_is_harmless_and_stays_so(raw):
    name = clean_name(raw)
    assert name
    assert len(name) <= MAX_CHARACTERS
    assert len(name.encode()) <= MAX_BYTES
    assert not set(name) & set('/\\<>:"|?*\x00')
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert not name.startswith((".", "-", " "))
    assert not name.endswith((".", " "))
    assert clean_name(name) == name
    kept = escaped(raw)
    assert "\x00" not in kept
    kept.encode()


def test_the_original_is_kept_with_escapes():
    assert escaped("报告\u202egpj.exe") == "报告\\u202egpj.exe"
    assert escaped("a\x00b") == "a\\x00b"


@pytest.mark.parametrize(("name", "extension"), [("a.JPG", "jpg"), ("a.tar.gz", "gz"), ("none", "")])
def test_extensions(name, extension):
    assert extension_of(name) == extension
