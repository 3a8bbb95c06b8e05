"""Values by workbook: template, preview, applying; hostile and broken files."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from lantian.city import clock
from lantian.indicators import excel
from lantian.indicators.context import Context
from lantian.indicators.models import Entry
from lantian.indicators.tests.samples import define, say
from lantian.kit.errors import Conflict, DomainError

pytestmark = pytest.mark.django_db
HEADER = ["key", "Indicator", "Place", "Period", "Unit", "Present value", "Value", "n", "Expected n", "Note"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def town(city):
    define()
    with clock.travel(dt.date(2020, 6, 20)), translation.override("en"):
        yield city


def book(*rows, header=HEADER) -> SimpleUploadedFile:
    """A workbook; a row is (key, value, n, expected n, note)."""
    made = openpyxl.Workbook()
    made.active.append(header)
    for key, value, *more in rows:
        made.active.append([key, "", "", "", "", None, value, *more])
    buffer = io.BytesIO()
    made.save(buffer)
    return SimpleUploadedFile("values.xlsx", buffer.getvalue(), XLSX)


def send(browser, upload):
    return browser.post(reverse("indicators:import"), {"sheet": upload, "key": "form"})


@pytest.fixture
def office(town, login):
    browser = login(town.people["office"])
    browser.cookies["lantian_language"] = "en"
    return browser


def sealed(page) -> dict[str, str]:
    from html import unescape
    from re import search

    found = {name: search(rf'name="{name}" value="([^"]+)"', page.text) for name in ("sealed", "key")}
    return {"sealed": unescape(found["sealed"][1]), "key": found["key"][1]}


def test_preview_says_what_each_row_would_do_and_writes_nothing(town, office):
    say(town.people["office"], "dustfall", town.areas[1], "2020-05", "8")
    say(town.people["office"], "dustfall", town.areas[2], "2020-05", "8")
    page = send(
        office,
        book(
            ("dustfall|990001|2020-05", 7.5, 4, 5, "ok"),
            ("dustfall|990002|2020-05", 9),
            ("dustfall|990003|2020-05", 8),
            ("dustfall|990090|2020-05", 900),
            ("dustfall|990090|2020-05", "many"),
            ("gas_share|990001|2020-05", 50),
            ("nothing|990001|2020-05", 1),
            ("dustfall|990001|2020-99", 1),
            ("dustfall|990001|2020-05", 1, "2.5"),
        ),
    )
    assert page.status_code == 200
    assert [page.text.count(f">{word}<") for word in ("new value", "correction", "no change")] == [1, 1, 1]
    for reason in ("values lie between", "is no number", "Give n", "names no indicator", "is no period", "is no count"):
        assert reason in page.text
    assert "Write 2 values" in page.text
    assert Entry.objects.count() == 2


def test_confirming_writes_once(town, office):
    say(town.people["office"], "dustfall", town.areas[1], "2020-05", "8")
    page = send(office, book(("dustfall|990001|2020-05", 7.5, 4, 5, "ok"), ("dustfall|990002|2020-05", 9)))
    form = sealed(page)
    for _click in range(2):
        assert office.post(reverse("indicators:import"), form).status_code == 302
    assert Entry.objects.count() == 3
    new = Entry.objects.get(place=town.areas[0])
    assert (new.value, new.n, new.n_expected, new.note) == (Decimal("7.5"), 4, 5, "ok")
    assert Entry.objects.as_known_at().get(place=town.areas[1]).value == 9


def test_what_changed_since_the_preview_is_refused_row_by_row(town, office):
    page = send(office, book(("boilers_left|990001|2020-05", 7), ("boilers_left|990002|2020-05", 9)))
    form = sealed(page)
    define([])
    answer = office.post(reverse("indicators:import"), form)
    assert answer.status_code == 200
    assert "Rows that were not written" in answer.text
    assert not Entry.objects.exists()


def test_a_preview_belongs_to_its_maker_and_cannot_be_changed(town):
    rows = [excel.SheetRow(2, "dustfall|990001|2020-05", "7")]
    text = excel.seal(rows, town.people["office"])
    assert [row.value for row in excel.unseal(text, town.people["office"])] == ["7"]
    with pytest.raises(Conflict, match="somebody else"):
        excel.unseal(text, town.people["county"])
    with pytest.raises(Conflict, match="changed"):
        excel.unseal(text[:-2] + "xx", town.people["office"])


def test_a_county_writes_only_its_own(town, login):
    browser = login(town.people["county"])
    browser.cookies["lantian_language"] = "en"
    page = send(browser, book(("dustfall|990001|2020-05", 7), ("dustfall|990002|2020-05", 7)))
    assert "You cannot enter values for" in page.text
    browser.post(reverse("indicators:import"), sealed(page))
    assert set(Entry.objects.values_list("place__code", flat=True)) == {"990001"}


def test_the_template_comes_back_filled_in(town, office):
    say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8.5")
    answer = office.get(reverse("indicators:template") + "?period=2020-05")
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    keys = {row[0].value: row for row in page.iter_rows(min_row=2) if row[0].value and "|" in str(row[0].value)}
    assert keys["dustfall|990001|2020-05"][5].value == 8.5
    assert "dustfall|990000|2020-05" not in keys
    assert not any(key.startswith(("rank_gain", "so2_mean")) for key in keys)
    for row in keys.values():
        row[6].value, row[7].value = 5, 3
    buffer = io.BytesIO()
    page.parent.save(buffer)
    preview = send(office, SimpleUploadedFile("back.xlsx", buffer.getvalue(), XLSX))
    assert f"Write {len(keys)} values" in preview.text


def test_a_county_gets_its_own_rows(town, login):
    answer = login(town.people["county"]).get(reverse("indicators:template") + "?period=2020-05")
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    places = {str(row[0]).split("|")[1] for row in page.iter_rows(min_row=2, values_only=True) if "|" in str(row[0])}
    assert places == {"990001"}


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (61 * 1024 * 1024))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a workbook", "This is no Excel workbook"),
        (b"PK\x03\x04 broken", "This is no Excel workbook"),
        (b"", ""),
    ],
)
def test_files_of_another_kind_are_refused(town, office, content, said):
    answer = send(office, SimpleUploadedFile("x.xlsx", content, XLSX))
    assert answer.status_code == 422 or answer.status_code == 400
    assert said in answer.text


def test_an_unpacked_giant_is_refused(town):
    with pytest.raises(DomainError, match="too large when unpacked"):
        excel.read(io.BytesIO(bomb()))


def test_a_sheet_without_key_or_values_is_refused(town, office):
    assert "must be “key”" in send(office, book(header=["a", "b"])).text
    assert "No row has a value" in send(office, book()).text
    assert "No row has a value" in send(office, book(("dustfall|990001|2020-05", None))).text


def test_a_formula_is_read_as_nothing(town, office):
    """A cell whose result nobody computed has no value; nothing is evaluated here."""
    answer = send(office, book(("dustfall|990001|2020-05", "=1+1")))
    assert "No row has a value" in answer.text


def test_too_many_rows_are_refused(town, monkeypatch):
    monkeypatch.setattr(excel, "MAX_ROWS", 3)
    with pytest.raises(DomainError, match="more than 3 rows"):
        excel.read(book(*[("dustfall|990001|2020-05", at) for at in range(5)]))


def test_applying_twice_with_the_same_key_is_harmless(town):
    rows = [excel.SheetRow(2, "dustfall|990001|2020-05", "7")]
    for _again in range(2):
        excel.apply(town.people["office"], rows, Context(), key="k")
    assert Entry.objects.count() == 1


def test_a_garbled_workbook_is_no_workbook(town, office):
    content = bytearray(book(("dustfall|990001|2020-05", 7.5)).read())
    at = bytes(content).index(b"xl/worksheets/sheet1.xml") + 40
    for here in range(at, at + 20):
        content[here] ^= 0xFF
    answer = send(office, SimpleUploadedFile("values.xlsx", bytes(content), XLSX))
    assert answer.status_code == 400
    assert "no Excel workbook" in answer.text


def test_a_workbook_with_a_broken_sheet_is_no_workbook(town, office):
    buffer = io.BytesIO()
    with zipfile.ZipFile(book(("dustfall|990001|2020-05", 7.5))) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            new.writestr(part, text[: len(text) // 2] if part.filename.endswith("sheet1.xml") else text)
    answer = send(office, SimpleUploadedFile("values.xlsx", buffer.getvalue(), XLSX))
    assert answer.status_code == 400
