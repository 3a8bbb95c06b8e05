"""Files that are meant to hurt, or were saved in an odd way: refused in time and within memory, in words that help."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lantian.air import jobs
from lantian.air.models import ImportJob
from lantian.air.reading.faults import FileFaultError
from lantian.air.reading.importing import look, rows_of
from lantian.observations import hooks
from lantian.records import observing
from lantian.records.files import path_of

SAID = {"series": "long-city", "hour_label": "end"}
HEADER = ("time", "place", "pollutant", "value", "unit")
ROW = ("2020-05-01 01:00", "甲", "PM2.5", 35, "µg/m3")
SHEET = "xl/worksheets/sheet1.xml"
MEGABYTE = 1 << 20


def book(path: Path, *rows: tuple[object, ...]) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def with_part(path: Path, name: str, pieces) -> Path:
    """Write a part of a workbook anew, out of pieces; other parts stay."""
    old = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(old)) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for one in source.namelist():
            if one != name:
                made.writestr(one, source.read(one))
        with made.open(name, "w", force_zip64=True) as part:
            for piece in pieces:
                part.write(piece)
    return path


def refused(path: Path, **said: str) -> list[tuple[int, str]]:
    with pytest.raises(FileFaultError) as error:
        look(path, "long", declared={**SAID, **said})
    return [(one.row, one.code) for one in error.value.faults]


def test_a_row_without_end_is_refused_before_it_fills_the_memory(tmp_path):
    begin = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    cells = b'<c r="A1"><v>1</v></c>' * 50_000
    path = with_part(
        book(tmp_path / "a.xlsx", HEADER), SHEET, [begin, *[cells] * 60, b"</row></sheetData></worksheet>"]
    )
    assert path.stat().st_size < MEGABYTE
    tracemalloc.start()
    try:
        assert refused(path) == [(0, "endless_row")]
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_texts_of_a_book_without_end_are_refused(tmp_path):
    path = with_part(book(tmp_path / "a.xlsx", HEADER), "xl/sharedStrings.xml", [b" " * MEGABYTE] * 201)
    assert refused(path) == [(0, "bomb")]


def test_entities_that_grow_are_refused(tmp_path):
    grown = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(10))
    sheet = f"<!DOCTYPE x [{grown}]><worksheet><sheetData><row><c><v>&e9;</v></c></row></sheetData></worksheet>"
    path = with_part(book(tmp_path / "a.xlsx", HEADER), SHEET, [sheet.encode()])
    assert refused(path) == [(0, "entities")]


def test_a_packed_line_without_end(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(",".join(HEADER).encode() + b"\n" + b"0" * (60 * MEGABYTE)))
    assert refused(path) == [(2, "endless")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_unicode_text_of_a_spreadsheet_is_named(tmp_path, encoding):
    path = tmp_path / "a.csv"
    mark = b"\xfe\xff" if encoding.endswith("be") else b""
    path.write_bytes(mark + ",".join(HEADER).encode(encoding))
    assert refused(path) == [(0, "utf_16")]
    with pytest.raises(FileFaultError, match="CSV UTF-8"):
        look(path, "long", declared=SAID)


def test_a_header_of_very_many_columns_is_told_in_few_words(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{n}" for n in range(50_000)) + "\n1,2\n")
    with pytest.raises(FileFaultError) as error:
        look(path, "long", declared=SAID)
    told = [one.mend("en") for one in error.value.faults if one.code == "no_column"]
    assert told
    assert all("c0, c1" in one and "(50000)" in one and len(one) < 300 for one in told)


def test_a_sum_of_a_spreadsheet_has_the_digits_that_it_shows(tmp_path):
    """0.1 + 0.2 stands in a file as 0.30000000000000004; Excel counts with 15 digits, and so do we. Four stay four."""
    rows = [(*ROW[:3], value, "µg/m3") for value in (0.1 + 0.2, 0.1234)]
    found = look(book(tmp_path / "a.xlsx", HEADER, rows[0], ("2020-05-01 02:00", *rows[1][1:])), "long", declared=SAID)
    assert [value for one in rows_of(found) for value in one["value"].to_list()] == [0.3]
    assert [(one.row, one.value, one.code) for one in found.faults.in_order()] == [(3, "0.1234", "decimals")]


# ---- the same by the browser


@pytest.fixture
def office(city, login, settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setattr(hooks, "_trail", [observing.receive])
    jobs._last.clear()
    return login(city.people["office"])


def text_of(*rows: tuple[object, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows((HEADER, *rows))
    return out.getvalue().encode()


def send(client, content: bytes, name: str, kind: str = "text/csv") -> ImportJob:
    said = {**SAID, "time_zone": "Asia/Shanghai", "encoding": "utf-8"}
    url = reverse("air:import_upload", args=["long"])
    answer = client.post(url, {**said, "file": SimpleUploadedFile(name, content, kind)})
    assert answer.status_code == 302, answer.content.decode()
    jobs.work()
    return ImportJob.objects.latest("pk")


@pytest.mark.django_db
class TestUpload:
    @pytest.mark.parametrize(
        "name", ["../../../etc/cron.d/x.csv", "..\\..\\x.csv", "/etc/passwd.csv", "%2e%2e%2fx.csv"]
    )
    def test_a_name_never_becomes_a_path(self, office, settings, name):
        job = send(office, text_of(ROW), name)
        assert not set(job.name) & set("/\\")
        kept = path_of(job.file_id).resolve()
        assert kept.is_relative_to(Path(settings.FILES_DIR).resolve())
        assert kept.name == job.file_id, "a file is named by its content"
        outside = [one for one in settings.LANTIAN_DATA.parent.rglob("*.csv") if one.is_file()]
        assert outside == []

    @pytest.mark.parametrize("kind", ["text/html", "image/png", "application/x-sh", "", "a/b; c=" + "d" * 500])
    def test_the_declared_type_of_content_changes_nothing(self, office, kind):
        job = send(office, text_of(ROW), "a.csv", kind)
        assert (job.state, job.summary["values"]) == ("looked", 1)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(200)),
            ("a.html", b"<html><script>alert(1)</script></html>"),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            ("a.exe", b"MZ" + bytes(200)),
            ("a.zip", b"PK\x05\x06" + bytes(18)),
        ],
    )
    def test_what_is_no_table_is_refused_at_the_door(self, office, name, content):
        said = {**SAID, "time_zone": "Asia/Shanghai", "encoding": "utf-8", "file": SimpleUploadedFile(name, content)}
        answer = office.post(reverse("air:import_upload", args=["long"]), said)
        assert 400 <= answer.status_code < 500
        assert not ImportJob.objects.exists()

    def test_formulas_of_a_file_are_texts_in_every_list_that_leaves_the_house(self, office):
        evil = '=HYPERLINK("http://x","y")'
        bad = ("2020-05-01 02:00", "甲", "PM2.5", "=1+1", "µg/m3")
        job = send(office, text_of(ROW, bad, ("2020-05-01 03:00", "甲", evil, "3", "µg/m3")), "=cmd|'.csv")
        listed = office.get(reverse("air:import_faults", args=[job.pk])).content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(listed)) for cell in row]
        assert {"'=1+1", "'" + evil} <= set(cells)
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
        table = office.get(reverse("air:imports"), {"export": "csv"}).content.decode("utf-8-sig")
        assert "'=cmd" in table
        book = openpyxl.load_workbook(io.BytesIO(office.get(reverse("air:imports"), {"export": "xlsx"}).content))
        named = [cell for row in book.active.iter_rows() for cell in row if str(cell.value).startswith("=cmd")]
        assert named
        assert {cell.data_type for cell in named} == {"s"}

    def test_markup_of_a_file_is_text_on_the_page(self, office):
        evil = "<img src=x onerror=alert(1)>"
        job = send(office, text_of(ROW, ("2020-05-01 02:00", evil, "PM2.5", evil, "µg/m3")), f"{evil}.csv")
        page = office.get(reverse("air:import", args=[job.pk])).content.decode()
        assert "&lt;img src=x" in page
        assert "<img src=x" not in page
