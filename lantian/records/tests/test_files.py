"""What is taken, what is refused and why, and that a refusal leaves nothing behind."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lantian.cli import main
from lantian.records.files import (
    BadFile,
    FileTooLarge,
    check_stored,
    examine,
    open_stored,
    path_of,
    store_file,
    strays,
    thumb_of,
)
from lantian.records.kinds import catalogue
from lantian.records.models import StoredFile
from lantian.records.pictures import _degrees
from lantian.records.tests.samples import archive, exif_of, office, pdf, picture, upload

FILES = Path(__file__).parent / "files"


def ole(*streams: str) -> bytes:
    """Return a compound document with empty streams: one directory sector, one allocation sector."""
    sector = 512
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16))
    header += struct.pack(
        "<HHHHHHLLLLLLLLLL", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    )
    header += struct.pack("<L", 0) + b"\xff" * (sector - len(header) - 4)
    table = struct.pack("<LL", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * (sector - 8)

    def entry(name: str, kind: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
        coded = name.encode("utf-16-le") + b"\x00\x00"
        return (
            coded.ljust(64, b"\x00") + struct.pack("<HBBLLL", len(coded), kind, 1, 0xFFFFFFFF, right, child)
            + bytes(36) + struct.pack("<LQ", 0xFFFFFFFE, 0)
        )  # fmt: skip

    names = list(streams)[:3]
    entries = entry("Root Entry", 5, child=1 if names else 0xFFFFFFFF)
    for at, name in enumerate(names, start=1):
        entries += entry(name, 2, right=at + 1 if at < len(names) else 0xFFFFFFFF)
    return bytes(header) + table + entries.ljust(sector, b"\x00")


def film(brand: bytes, *compatible: bytes) -> bytes:
    content = b"ftyp" + brand + bytes(4) + b"".join(compatible)
    return struct.pack(">L", len(content) + 4) + content + struct.pack(">L", 8) + b"mdat"


def bomb(width: int, height: int) -> bytes:
    """Return the few bytes of a PNG that claims to be enormous."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jpg", picture(), "jpeg"),
        ("a.JPEG", picture(), "jpeg"),
        ("a.png", picture("PNG"), "png"),
        ("a.webp", picture("WEBP"), "webp"),
        ("a.heic", (FILES / "green.heic").read_bytes(), "heic"),
        ("a.pdf", pdf(), "pdf"),
        ("a.docx", office("word"), "docx"),
        ("a.xlsx", office("xl"), "xlsx"),
        ("a.pptx", office("ppt"), "pptx"),
        ("a.ofd", archive({"OFD.xml": "<ofd/>", "Doc_0/Document.xml": "<x/>"}), "ofd"),
        ("a.doc", ole("WordDocument", "1Table"), "doc"),
        ("a.wps", ole("WordDocument"), "doc"),
        ("a.xls", ole("Workbook"), "xls"),
        ("a.et", ole("Workbook"), "xls"),
        ("a.ppt", ole("PowerPoint Document"), "ppt"),
        ("a.txt", "报告：已完成。".encode(), "text"),
        ("a.txt", "报告：已完成。\r\n".encode("gb18030"), "text"),
        ("a.txt", "报告：已完成。".encode("utf-16"), "text"),
        ("a.csv", "\ufeff日期,数值\n2020-06-01,3\n".encode(), "text"),
        ("a.mp4", film(b"isom", b"mp42"), "mp4"),
        ("a.mov", film(b"qt  "), "mov"),
    ],
)
def test_what_is_taken(name, content, kind):
    assert examine(upload(content, name)).kind.id == kind


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jpg", b"", "empty"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ("a.txt", b"\n <?xml version='1.0'?><svg onload='alert(1)'/>", "SVG"),
        ("a.html", b"<html><script>alert(1)</script>", "Web pages"),
        ("a.txt", b"<!DOCTYPE html><title>x</title>", "Web pages"),
        ("a.csv", b"a,b\n<script>alert(1)</script>", "Web pages"),
        ("a.xml", b"<?xml version='1.0'?><x/>", "Web pages"),
        ("a.jpg", b"MZ\x90\x00" + bytes(100), "program"),
        ("a.pdf", b"\x7fELF" + bytes(100), "program"),
        ("a.exe", picture(), "program"),
        ("报告\u202egpj.exe", picture(), "program"),
        ("a.sh", b"echo 1", "script"),
        ("a.txt", b"#!/bin/sh\nrm -rf /", "script"),
        ("a.txt", b"<?php system($_GET['x']);", "script"),
        ("a.js", b"alert(1)", "script"),
        ("a.docm", office("word"), "macros"),
        ("a.docx", office("word", types="application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
        ("a.docx", office("word", extra={"word/vbaProject.bin": b"x"}), "macros"),
        ("a.xlsx", office("xl", extra={"xl/macrosheets/sheet1.xml": b"x"}), "macros"),
        ("a.doc", ole("WordDocument", "_VBA_PROJECT"), "macros"),
        ("a.xls", ole("Workbook", "_VBA_PROJECT_CUR"), "macros"),
        ("a.docx", ole("EncryptedPackage", "EncryptionInfo"), "password"),
        ("a.doc", ole("Something"), "not known"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(2000), "damaged"),
        ("a.zip", archive({"a.txt": "x"}), "archive"),
        ("a.docx", archive({"a.txt": "x"}), "archive"),
        ("a.docx", archive({"META-INF/MANIFEST.MF": "x"}), "program"),
        ("a.docx", office("word")[:-30], "damaged"),
        ("a.rar", b"Rar!\x1a\x07\x00", "archive"),
        ("a.pdf", pdf()[:200], "damaged"),
        ("a.jpg", picture(size=(400, 400))[:-200], "damaged"),
        ("a.png", picture("PNG")[:60], "damaged"),
        ("a.heic", film(b"heic", b"mif1"), "damaged"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "damaged"),
        ("a.png", picture(), "called .png, but by its content it is a JPEG"),
        ("a", picture(), "called .–"),
        ("a.docx", office("xl"), "Excel workbook"),
        ("a.gif", b"GIF89a" + bytes(20), "not known"),
        ("a.avif", film(b"avif", b"mif1"), "not known"),
        ("a.bin", os.urandom(1 << 10), "not known"),
        ("a.txt", b"text\x00with nul", "not known"),
        ("a.png", bomb(30000, 30000), "too many pixels"),
        ("a.png", bomb(8000, 8000), "too many pixels (8000 × 8000)"),
    ],
)
def test_what_is_refused_says_why(name, content, words):
    with translation.override("en"), pytest.raises(BadFile) as refusal:
        examine(upload(content, name))
    assert words in str(refusal.value)
    assert refusal.value.hint


_SEEDS = [picture(exif=exif_of()), picture("PNG"), picture("WEBP"), (FILES / "green.heic").read_bytes(), office("word"),
          ole("WordDocument", "1Table"), pdf(), film(b"isom", b"mp42")]  # fmt: skip
_NAMES = ("a.jpg", "a.png", "a.webp", "a.heic", "a.docx", "a.doc", "a.pdf", "a.mp4")


@pytest.mark.filterwarnings("ignore::UserWarning")  # the picture library tells what it skips
@hypothesis_settings(max_examples=150, deadline=None)
@given(
    at=st.integers(0, len(_SEEDS) - 1),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=8)), max_size=4),
    cut=st.none() | st.integers(0, 4000),
)
def test_damaged_files_are_taken_or_refused_but_never_an_accident(at, changes, cut):
    content = bytearray(_SEEDS[at])
    for place, piece in changes:
        content[place % len(content) : place % len(content) + len(piece)] = piece
    with contextlib.suppress(BadFile):
        examine(upload(bytes(content[:cut]), _NAMES[at]))


def test_every_refusal_is_said_in_chinese_too():
    with translation.override("zh-hans"), pytest.raises(BadFile, match="宏"):
        examine(upload(office("word"), "a.docm"))


def test_an_archive_that_would_unpack_to_too_much(monkeypatch):
    content = office("word", extra={"word/big.xml": b"0" * 5_000_000})
    limits = catalogue().limits
    monkeypatch.setitem(limits.__dict__, "zip_unpacked_bytes", 1_000_000)
    with translation.override("en"), pytest.raises(BadFile, match="far too large"):
        examine(upload(content, "a.docx"))


@pytest.mark.parametrize(
    ("name", "content", "purpose", "kind"),
    [
        ("plan.md", "# 计划\n<b>x</b>".encode(), "document", "markdown"),
        ("plan.html", "<html><body>计划</body></html>".encode(), "document", "html"),
        ("plan.htm", "<p>计划</p>".encode("gb18030"), "document", "html"),
        ("plan.txt", "计划".encode(), "document", "text"),
        ("plan.pdf", pdf(), "document", "pdf"),
        ("table.xlsx", office("xl"), "sheet", "xlsx"),
    ],
)
def test_documents_and_sheets(name, content, purpose, kind):
    assert examine(upload(content, name), purpose=purpose).kind.id == kind


@pytest.mark.parametrize(("name", "purpose"), [("a.jpg", "document"), ("a.jpg", "sheet")])
def test_a_good_file_at_the_wrong_place(name, purpose):
    with translation.override("en"), pytest.raises(BadFile, match="Taken here"):
        examine(upload(picture(), name), purpose=purpose)


class TestPictures:
    def test_upright_as_the_camera_was_held(self):
        assert (lambda e: (e.width, e.height))(examine(upload(picture(exif=exif_of(orientation=6))))) == (30, 40)

    @pytest.mark.parametrize("taken", ["not a date", "0000:00:00 00:00:00", "2020:13:45 99:99:99", ""])
    def test_a_camera_without_a_sensible_clock(self, taken):
        assert "taken_at" not in examine(upload(picture(exif=exif_of(taken)))).metadata

    @pytest.mark.parametrize("latitude", [(0.0, 0.0, 0.0), (99.0, 0.0, 0.0), (1.0,)])
    def test_a_position_that_is_none(self, latitude):
        exif = exif_of()
        exif.get_ifd(0x8825).update({2: latitude, 4: (0.0, 0.0, 0.0)})
        assert "latitude" not in examine(upload(picture(exif=exif))).metadata

    @pytest.mark.parametrize(
        "parts", [None, "abc", (float("nan"), 0, 0), (float("inf"), 0, 0), (-1, 0, 0), (1, "x", 0)]
    )
    def test_degrees_that_are_none(self, parts):
        assert _degrees(parts, "N", "S", 90) is None

    def test_transparent_and_odd_modes(self):
        from PIL import Image

        for mode in ("RGBA", "LA", "P", "1", "I;16", "L"):
            out = io.BytesIO()
            Image.new(mode, (20, 20)).save(out, "PNG")
            assert examine(upload(out.getvalue(), "a.png")).thumb.startswith(b"\xff\xd8")


@pytest.mark.django_db
class TestStore:
    def test_large_files_are_read_in_pieces(self, settings):
        content = pdf()[:-6] + b"0" * 3_000_000 + b"%%EOF\n"
        temporary = TemporaryUploadedFile("a.pdf", "application/pdf", len(content), None)
        temporary.write(content)
        stored = store_file(temporary)
        assert path_of(stored.sha256).read_bytes() == content
        assert stored.size == len(content)
        with open_stored(stored) as file:
            assert file.read() == content

    def test_any_django_file_or_bytes(self):
        assert store_file(ContentFile(pdf(), "a.pdf")).mime == "application/pdf"
        assert store_file(io.BytesIO(b"x,y"), name="a.csv").mime == "text/plain"

    def test_nothing_is_left_of_a_refused_file(self, settings):
        settings.MAX_EVIDENCE_BYTES = 1000
        with pytest.raises(FileTooLarge) as refusal:
            store_file(upload(picture("PNG", (300, 300)) + bytes(2000), "a.png"))
        assert refusal.value.status == 413
        with pytest.raises(BadFile):
            store_file(upload(b"MZ", "a.jpg"))
        assert [path for path in settings.FILES_DIR.rglob("*") if path.is_file()] == []
        assert StoredFile.objects.count() == 0

    def test_a_disk_that_fails_leaves_nothing_half_written(self, settings, monkeypatch):
        def full(*args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store_file(upload(pdf(), "a.pdf"))
        assert [p for p in settings.FILES_DIR.rglob("*") if p.is_file()] == []

    def test_a_damaged_copy_is_healed_by_handing_it_in_again(self):
        stored = store_file(upload(pdf(), "a.pdf"))
        content = path_of(stored.sha256).read_bytes()
        path_of(stored.sha256).write_bytes(b"damaged")
        assert check_stored(stored).state == "changed"
        store_file(upload(content, "b.pdf"))
        assert check_stored(stored).ok

    def test_files_are_not_executable(self):
        stored = store_file(upload(pdf(), "a.pdf"))
        assert path_of(stored.sha256).stat().st_mode & 0o111 == 0

    def test_the_small_picture_is_made_again_when_it_is_lost(self, settings):
        stored = store_file(upload(picture(), "a.jpg"))
        for path in settings.FILES_DIR.glob("thumbs/*/*/*"):
            path.unlink()
        assert thumb_of(stored).startswith(b"\xff\xd8")

    def test_strays_are_found(self, settings):
        store_file(upload(pdf(), "a.pdf"))
        assert list(strays()) == []
        lost = settings.FILES_DIR / "aa" / "bb" / ("a" * 64)
        lost.parent.mkdir(parents=True)
        lost.write_bytes(b"x")
        assert list(strays()) == [lost]

    @pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "g" * 64, ""])
    def test_only_hashes_are_paths(self, name):
        with pytest.raises(ValueError, match="no SHA-256"):
            path_of(name)

    def test_the_command_checks_every_file(self):
        kept = store_file(upload(pdf(), "a.pdf"))
        StoredFile.objects.create(sha256="b" * 64, size=1, mime="text/plain", stored_at=kept.stored_at)
        other = store_file(upload(b"abc", "a.txt"))
        path_of(other.sha256).write_bytes(b"abd")
        run = CliRunner(env={"LC_ALL": "en_US.UTF-8"}).invoke(main, ["audit", "files"])
        assert run.exit_code == 1
        assert f"{'b' * 64}: the file is missing" in run.output
        assert f"{other.sha256}: the content was changed" in run.output
        report = json.loads(CliRunner().invoke(main, ["audit", "files", "--json"]).output)
        assert {fault["state"] for fault in report["faults"]} == {"missing", "changed"}
