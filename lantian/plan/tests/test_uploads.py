"""Excel of a round through the real upload: out, filled in, previewed, mended, applied once; hostile files refused."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lantian.city import clock
from lantian.plan.models import Assignment, ProgressReport, RoundUpload
from lantian.plan.rules.sheet import COLUMNS
from lantian.plan.services import rounds, uploads, workbooks
from lantian.plan.services.reports import report
from tests.builders import make_user

pytestmark = pytest.mark.django_db
FIRST = 3  # the first row below title and header


@pytest.fixture(autouse=True)
def _june(monkeypatch):
    moment = dt.datetime.fromisoformat("2020-06-20T09:00:00+08:00")
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def june(ledger):
    city, version = ledger
    return rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 6, 25))


@pytest.fixture
def city(ledger):
    return ledger[0]


def download(client, round_, **address) -> openpyxl.Workbook:
    answer = client.get(reverse("plan:round_workbook", args=[round_.pk]), address)
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def fill(book, rows: dict[int, dict], sheet=None):
    """Fill in rows (0 = first assignment) by column name."""
    page = sheet or book.worksheets[0]
    for at, values in rows.items():
        for name, value in values.items():
            page.cell(FIRST + at, COLUMNS.index(name) + 1).value = value
    return book


def content_of(book) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def send(client, round_, content, name="甲县.xlsx"):
    upload = SimpleUploadedFile(name, content if isinstance(content, bytes) else content_of(content))
    return client.post(reverse("plan:round_upload", args=[round_.pk]), {"file": upload, "key": "k"})


def last() -> RoundUpload:
    return RoundUpload.objects.first()


GOOD = {"percent": 40, "text": "拆除两台"}


def states() -> list[tuple[int, bool, list[str]]]:
    return [(r["row"], r["ok"], [f["code"] for f in r["reasons"]]) for r in last().rows]


def test_the_workbook_holds_only_theirs_locked_and_validated(city, june, login):
    client = login(city.people["county"])
    book = download(client, june, area=city.areas[0].code)
    page = book.worksheets[0]
    assert page.protection.sheet
    assert [page.cell(2, 1).column_letter, page.column_dimensions["A"].hidden] == ["A", True]
    keys = [page.cell(FIRST + n, 1).value for n in range(3)]
    assert {workbooks.assignment_of(june.pk, key) for key in keys} == {
        a.pk for a in Assignment.objects.filter(area=city.areas[0])
    }
    assert page.cell(FIRST + 3, 1).value is None
    percent = page.cell(FIRST, COLUMNS.index("percent") + 1)
    assert not percent.protection.locked
    assert page.cell(FIRST, COLUMNS.index("code") + 1).protection.locked
    kinds = {v.type for v in page.data_validations.dataValidation}
    assert kinds == {"whole", "list", "date"}
    assert book["_lantian"].sheet_state == "veryHidden"


def test_a_measure_that_looks_like_a_formula_is_written_as_text(city, june, login):
    assignment = Assignment.objects.filter(area=city.areas[0]).first()
    assignment.measure.text = "=cmd|'/c calc'!A1"
    assignment.measure.save()
    book = download(login(city.people["county"]), june, area=city.areas[0].code)
    cells = [c for row in book.worksheets[0].iter_rows() for c in row]
    assert "=cmd|'/c calc'!A1" in {c.value for c in cells}
    assert all(c.data_type != "f" for c in cells)


@pytest.mark.parametrize(
    ("who", "address", "code"),
    [
        ("county", {"area": "990002"}, 404),
        ("county", {"agency": "1"}, 404),
        ("county2", {"area": "990001"}, 404),
        ("office", {"area": "990002"}, 200),
        ("inspector", {"area": "990002"}, 200),
        ("town", {"area": "990001"}, 403),
        ("county", {}, 404),
        ("county", {"area": "x"}, 404),
    ],
)
def test_nobody_downloads_the_workbook_of_others(city, june, login, who, address, code):
    client = login(city.people[who])
    assert client.get(reverse("plan:round_workbook", args=[june.pk]), address).status_code == code


def test_the_office_gets_all_workbooks_in_one_archive(city, june, login):
    answer = login(city.people["office"]).get(reverse("plan:round_workbooks", args=[june.pk]))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.namelist()) == 4
    assert login(city.people["county"]).get(reverse("plan:round_workbooks", args=[june.pk])).status_code == 403


def test_good_rows_are_previewed_then_reported_once(city, june, login):
    client = login(city.people["county"])
    book = fill(
        download(client, june, area=city.areas[0].code),
        {0: {**GOOD, "effective_on": "6月5日"}, 2: {**GOOD, "percent": "85%"}},
    )
    answer = send(client, june, book)
    assert answer.headers["Location"] == reverse("plan:upload", args=[last().pk])
    assert ProgressReport.objects.count() == 0
    assert [ok for _row, ok, _reasons in states()] == [True, True]
    page = client.get(answer.headers["Location"])
    assert "拆除两台" in page.text
    applied = client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": last().version})
    assert applied.status_code == 302
    first, second = ProgressReport.objects.order_by("assignment__measure__clause__task", "pk")
    assert (first.percent, first.effective_on, first.round) == (40, dt.date(2020, 6, 5), june)
    assert (second.percent, second.effective_on) == (85, clock.today())
    assert Assignment.objects.get(pk=first.assignment_id).state == "in_progress"


def test_applying_twice_is_refused_clearly_and_does_nothing(city, june, login):
    client = login(city.people["county"])
    send(client, june, fill(download(client, june, area=city.areas[0].code), {0: GOOD}))
    address = reverse("plan:apply_upload", args=[last().pk])
    client.post(address, {"version": 1})
    again = client.post(address, {"version": last().version})
    assert again.status_code == 409
    assert "alert-danger" in again.text
    assert ProgressReport.objects.count() == 1


def test_uploading_the_same_again_skips_what_was_reported_and_asks_about_what_changed(city, june, login):
    client = login(city.people["county"])
    book = fill(download(client, june, area=city.areas[0].code), {0: GOOD, 1: GOOD})
    send(client, june, book)
    client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": 1})
    send(client, june, fill(book, {1: {"percent": 60}}))
    rows = last().rows
    assert rows[0]["skip"] == "same"
    assert [f["code"] for f in rows[1]["reasons"]] == ["version_changed"]
    assert rows[1]["reasons"][0]["params"]["by"] == "county"


def mending(number: int, **fields) -> dict:
    return {f"{number}-shown": "1", **{f"{number}-{name}": value for name, value in fields.items()}}


def test_faulty_cells_are_named_and_mended_in_place(city, june, login):
    client = login(city.people["county"])
    book = fill(
        download(client, june, area=city.areas[0].code),
        {
            0: {"percent": "约85%", "text": "拆除两台", "effective_on": "上周"},
            1: {"percent": 120, "text": "做了"},
            2: {"percent": 30},
        },
    )
    send(client, june, book)
    assert states() == [
        (3, False, ["percent_text", "date_text"]), (4, False, ["percent_range"]), (5, False, ["text_missing"]),
    ]  # fmt: skip
    page = client.get(reverse("plan:upload", args=[last().pk])).text
    assert "约85%" in page
    assert "上周" in page
    refused = client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": last().version, "partly": "1"})
    assert refused.status_code == 400
    answer = client.post(
        reverse("plan:upload", args=[last().pk]),
        {
            "version": last().version,
            **mending(3, percent="85", text="拆除两台", effective_on="2020-06-05"),
            **mending(4, percent="100", text="做了"),
            **mending(5, percent="30", text="刚开始"),
        },
    )
    assert answer.status_code == 302
    assert [ok for _r, ok, _c in states()] == [True, True, True]
    client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": last().version})
    assert sorted(ProgressReport.objects.values_list("percent", flat=True)) == [30, 85, 100]


def test_partial_application_needs_a_tick_and_the_rest_goes_on(city, june, login):
    client = login(city.people["county"])
    send(client, june, fill(download(client, june, area=city.areas[0].code), {0: GOOD, 1: {**GOOD, "percent": "很多"}}))
    address = reverse("plan:apply_upload", args=[last().pk])
    assert client.post(address, {"version": last().version}).status_code == 400
    assert ProgressReport.objects.count() == 0
    assert client.post(address, {"version": last().version, "partly": "1"}).status_code == 302
    assert ProgressReport.objects.count() == 1
    done = last()
    client.post(reverse("plan:continue_upload", args=[done.pk]))
    rest = last()
    assert rest.pk != done.pk
    assert [r["row"] for r in rest.rows] == [4]
    client.post(reverse("plan:upload", args=[rest.pk]), {"version": 1, **mending(4, percent="50", text="拆除两台")})
    client.post(reverse("plan:apply_upload", args=[rest.pk]), {"version": last().version})
    assert ProgressReport.objects.count() == 2
    assert client.post(reverse("plan:continue_upload", args=[done.pk])).status_code == 409


def test_two_tabs_cannot_mend_over_each_other(city, june, login):
    client = login(city.people["county"])
    send(client, june, fill(download(client, june, area=city.areas[0].code), {0: {**GOOD, "percent": "x"}}))
    address = reverse("plan:upload", args=[last().pk])
    client.post(address, {"version": 1, **mending(3, percent="50", text="拆除两台")})
    late = client.post(address, {"version": 1, **mending(3, percent="70", text="拆除两台")})
    assert late.status_code == 409
    assert last().rows[0]["values"]["percent"] == 50


def test_rows_of_others_damaged_keys_duplicates_hidden_and_sorted_rows(city, june, login):
    client = login(city.people["county"])
    other = Assignment.objects.filter(area=city.areas[1]).first()
    book = download(client, june, area=city.areas[0].code)
    page = book.worksheets[0]
    key = page.cell(FIRST, 1).value
    book = fill(
        book,
        {
            0: GOOD,
            1: {**GOOD, "key": key},
            2: {**GOOD, "key": "17-aaaaaaaaaa"},
            3: {**GOOD, "key": workbooks.key_of(june.pk, other.pk)},
        },
    )
    page.row_dimensions[FIRST + 2].hidden = True
    send(client, june, book)
    assert states() == [
        (3, False, ["duplicate"]),
        (4, False, ["mixed", "duplicate"]),
        (5, False, ["unknown", "hidden_row"]),
        (6, False, ["unknown"]),
    ]
    mine = list(Assignment.objects.filter(area=city.areas[0]).order_by("pk"))
    client.post(
        reverse("plan:upload", args=[last().pk]),
        {
            "version": 1,
            **mending(3, **{k: str(v) for k, v in GOOD.items()}),
            **mending(4, assignment=str(mine[1].pk), **{k: str(v) for k, v in GOOD.items()}),
            **mending(5, assignment=str(mine[2].pk), confirm="1", **{k: str(v) for k, v in GOOD.items()}),
            **mending(6, out="1"),
        },
    )
    assert [(ok, codes) for _r, ok, codes in states()][:3] == [(True, []), (True, []), (True, [])]
    assert last().rows[3]["skip"] == "left_out"


def test_formula_cells_count_as_their_value_or_are_refused(city, june, login):
    client = login(city.people["county"])
    book = fill(
        download(client, june, area=city.areas[0].code),
        {0: {"percent": "=40+2", "text": "做了"}, 1: {"percent": 10, "text": '=HYPERLINK("http://x")'}},
    )
    send(client, june, book)  # openpyxl saves formulas without results
    assert states() == [(3, False, ["formula_empty"]), (4, False, ["formula_empty"])]
    # A spreadsheet program saves the result beside the formula.
    raw = content_of(book)
    patched = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(patched, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = re.sub(rb"<f>40\+2</f><v ?/?>(</v>)?", b"<f>40+2</f><v>42</v>", data)
            new.writestr(part, data)
    send(client, june, patched.getvalue())
    assert last().rows[0]["values"]["percent"] == 42
    assert [n["code"] for n in last().rows[0]["notes"]] == ["formula"]


def test_extra_and_missing_columns_and_other_sheets_are_noted(city, june, login):
    client = login(city.people["county"])
    book = fill(download(client, june, area=city.areas[0].code), {0: GOOD})
    page = book.worksheets[0]
    page.cell(2, COLUMNS.index("problems") + 1).value = "领导批示"
    book.create_sheet("另一张").cell(1, 1).value = "x"
    del book["_lantian"]
    send(client, june, book)
    assert {note["code"] for note in last().notes} == {"extra_columns", "missing_columns", "other_sheets", "no_meta"}
    assert "领导批示" in client.get(reverse("plan:upload", args=[last().pk])).text


def test_a_workbook_in_english_is_read_as_well(city, june, login):
    client = login(city.people["county"])
    client.cookies["lantian_language"] = "en"
    book = fill(download(client, june, area=city.areas[0].code), {0: {"state": "finished", "text": "done"}})
    client.cookies["lantian_language"] = "zh-hans"
    send(client, june, book)
    assert last().rows[0]["values"]["percent"] == 100


def test_a_state_that_allows_no_report_is_said_before_and_when_applying(city, june, login):
    client = login(city.people["county"])
    book = fill(download(client, june, area=city.areas[0].code), {0: GOOD, 1: GOOD})
    first = Assignment.objects.filter(area=city.areas[0]).order_by("pk").first()
    send(client, june, book)
    Assignment.objects.filter(pk=first.pk).update(state="submitted")
    refused = client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": last().version})
    assert refused.status_code == 400
    assert ProgressReport.objects.count() == 0
    send(client, june, book)
    assert states()[0] == (3, False, ["not_open"])


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for n in range(9):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", b"0" * 10_000_000)
    return buffer.getvalue()


def entities(book) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content_of(book))) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + data
            new.writestr(part, data)
    return buffer.getvalue()


def macros(book) -> bytes:
    buffer = io.BytesIO(content_of(book))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return buffer.getvalue()


def test_hostile_and_wrong_files_are_refused_with_a_reason_and_leave_nothing(city, june, login):
    client = login(city.people["county"])
    book = fill(download(client, june, area=city.areas[0].code), {0: GOOD})
    empty = download(client, june, area=city.areas[0].code)
    other = openpyxl.Workbook()
    other.active.append(["x", "y"])
    foreign = fill(download(client, june, area=city.areas[0].code), {0: GOOD})
    foreign["_lantian"].cell(2, 2).value = "99999"
    many = fill(download(client, june, area=city.areas[0].code), dict.fromkeys(range(3100), GOOD))
    wrong = {
        "text": b"percent,text\n40,x\n", "truncated": content_of(book)[:2000], "bomb": bomb(), "entities": entities(book),
        "macros": macros(book), "no table": content_of(other), "empty": content_of(empty), "other round": content_of(foreign),
        "many rows": content_of(many),
    }  # fmt: skip
    for name, content in wrong.items():
        answer = send(client, june, content)
        assert answer.status_code in (413, 422, 400), (name, answer.status_code)
        assert 'role="alert"' in answer.text, name
    assert RoundUpload.objects.count() == 0
    assert client.post(reverse("plan:round_upload", args=[june.pk]), {}).status_code == 422


def test_a_file_with_a_hostile_name_is_kept_harmless(city, june, login):
    client = login(city.people["county"])
    book = fill(download(client, june, area=city.areas[0].code), {0: GOOD})
    send(client, june, book, name="../../etc/<script>alert(1)</script>.xlsx")
    page = client.get(reverse("plan:upload", args=[last().pk]))
    assert "<script>alert" not in page.text
    answer = client.get(reverse("plan:upload_file", args=[last().pk]))
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_only_the_uploader_works_on_an_upload_and_the_office_may_look(city, june, login):
    send(
        login(city.people["county"]),
        june,
        fill(download(login(city.people["county"]), june, area=city.areas[0].code), {0: GOOD}),
    )
    address = reverse("plan:upload", args=[last().pk])
    office = login(city.people["office"])
    assert office.get(address).status_code == 200
    assert office.post(reverse("plan:apply_upload", args=[last().pk])).status_code == 403
    assert login(city.people["county2"]).get(address).status_code == 404
    assert login(city.people["inspector"]).get(address).status_code == 404


def test_a_closed_round_takes_nothing_more(city, june, login):
    client = login(city.people["county"])
    book = fill(download(client, june, area=city.areas[0].code), {0: GOOD})
    send(client, june, book)
    rounds.close_round(city.people["office"], june)
    assert client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": 1}).status_code == 409
    assert send(client, june, book).status_code in (409, 422)
    assert ProgressReport.objects.count() == 0


def test_an_upload_is_checked_with_few_queries(city, june, django_assert_max_num_queries):
    report(city.people["county"], Assignment.objects.filter(area=city.areas[0]).first(), percent=10, text="开始")
    with django_assert_max_num_queries(9):
        uploads.frame_for(city.people["county"], june)


def test_a_colleague_who_reported_meanwhile_is_named(city, june, login, monkeypatch):
    """Two people of one county fill in the same rows: the later one is told, and decides."""

    def at(time: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromisoformat(f"2020-06-20T{time}:00+08:00"))

    second = make_user("county1b", "county", place=city.areas[0])
    for one in Assignment.objects.filter(place=city.areas[0]):
        report(city.people["county"], one, percent=5, text="开工", round=june)
    client = login(second)
    book = fill(download(client, june, area=city.areas[0].code), {0: GOOD})
    send(client, june, book)
    assert states() == [(FIRST, True, [])], "what was said before the workbook was made stands in the workbook"
    at("10:00")
    assignment = Assignment.objects.get(pk=last().rows[0]["assignment"])
    report(city.people["county"], assignment, percent=30, text="拆除一台", round=june)
    refused = client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": 1})
    assert refused.status_code == 400
    assert ProgressReport.objects.filter(reported_by=second).count() == 0
    client.post(reverse("plan:upload", args=[last().pk]), {"version": 1, **mending(FIRST)})
    assert states() == [(FIRST, False, ["said_since"])]
    assert last().rows[0]["reasons"][0]["params"]["by"] == "county"
    client.post(reverse("plan:upload", args=[last().pk]), {"version": 2, **mending(FIRST, confirm="1")})
    assert states() == [(FIRST, True, [])]
    at("11:00")
    report(city.people["county"], assignment, percent=35, text="拆除两台半", round=june)
    client.post(reverse("plan:apply_upload", args=[last().pk]), {"version": 3})
    assert not ProgressReport.objects.filter(reported_by=second).exists(), "a tick is for what was looked at"
