"""The list of dust: files of it, what the rule proposes, the page, the API, the command."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lantian.air.assessing.dust_file import ListFileError, read_list
from lantian.air.assessing.dust_list import Entry, listed, proposals
from lantian.air.assessing.periods import Period
from lantian.air.assessing.shelf import open_shelf
from lantian.air.forms.dust import packed
from lantian.air.services.dust import list_dust
from lantian.air.tests.made_stores import QUIET, ZONE, rows_of, stored
from lantian.cli import main
from lantian.kit.errors import DomainError, NotAllowed
from lantian.observations import hooks
from lantian.records import observing
from lantian.records.models import AuditEntry
from tests.api import Api

DAY = dt.date(2020, 5, 11)
OFFSET = dt.timedelta(hours=8)
NOON = dt.datetime.combine(DAY, dt.time(12), ZONE)
HOUR = dt.timedelta(hours=1)


def read(text: str, **options):
    return read_list(text.encode(options.get("encoding", "utf-8")), offset=OFFSET, **options)


def test_days_and_full_hours_in_either_language():
    (one,) = read("place,from,to,document\n远山,2020-05-11,2020-05-12,notice 1\n")
    assert one == Entry("远山", NOON - 12 * HOUR, NOON + 36 * HOUR, "notice 1")
    (two,) = read("地区,开始,结束\n远山,2020-05-11 12:00,2020-05-11 15:00\n", document="通知", encoding="gb18030")
    assert two == Entry("远山", NOON, NOON + 3 * HOUR, "通知")


def test_a_workbook_tells_days_from_midnights():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["place", "from", "to", "document"])
    sheet.append(["远山", dt.datetime(2020, 5, 11), dt.datetime(2020, 5, 12), "notice"])
    sheet["B2"].number_format = sheet["C2"].number_format = "yyyy-mm-dd hh:mm"
    sheet.append(["远山", dt.date(2020, 5, 11), dt.date(2020, 5, 12), "notice"])
    out = io.BytesIO()
    book.save(out)
    moments, days = read_list(out.getvalue(), offset=OFFSET)
    assert (moments.end - moments.begin, days.end - days.begin) == (24 * HOUR, 48 * HOUR)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("place,from,document\n", "row 1, column to: the column is missing"),
        ("place,place,from,to,document\n", "row 1, column place: the column is there twice"),
        ("place,from,to\n远山,2020-05-11,2020-05-11\n", "row 1, column document: the column is missing"),
        ("place,from,to,document\n远山,11.5.2020,2020-05-11,n\n", "row 2, column from: '11.5.2020' is no time"),
        (
            "place,from,to,document\n远山,2020-05-11 10:30,2020-05-11,n\n",
            "row 2, column from: '2020-05-11 10:30' is no time",
        ),
        ("place,from,to,document\n远山,2020-05-12,2020-05-11 10:00,n\n", "row 2, column to: ends before it begins"),
        ("place,from,to,document\n,2020-05-11,2020-05-11,\n", "row 2, column place: is empty"),
        ("place,from,to,document\n", "the file: has no row at all"),
        ("", "the file: has no row at all"),
        ("PK nonsense", "the file: cannot be opened as an Excel workbook"),
    ],
)
def test_faults_name_row_and_column(text, said):
    with pytest.raises(ListFileError) as error:
        read(text)
    assert said in "\n".join(one.sentence("en") for one in error.value.faults)
    assert all("：" in one.sentence("zh") for one in error.value.faults)


def test_the_encoding_is_not_guessed():
    content = "place,from,to,document\n远山,2020-05-11,2020-05-11,沙尘清单\n".encode("gb18030")
    with pytest.raises(ListFileError, match="not in utf-8"):
        read_list(content, offset=OFFSET)


def storm(place: str = "远山") -> list[dict[str, object]]:
    """Two quiet days, a storm of four hours in the first night of the third, quiet again."""
    source = f"cnemc-city:{place}"
    third = DAY + dt.timedelta(days=2)
    return [
        *rows_of(source, DAY, 2),
        *rows_of(source, third, 1, {**QUIET, "PM10": 700.0}, hours=range(4)),
        *rows_of(source, third, 1, hours=range(4, 24)),
    ]


def test_the_rule_proposes_also_what_began_before_the_period(tmp_path):
    stored(tmp_path, storm())
    shelf = open_shelf(tmp_path)
    third = DAY + dt.timedelta(days=2)
    (one,) = proposals(shelf, shelf.subjects, Period(third, third))
    begin = dt.datetime.combine(third, dt.time(), ZONE)
    assert (one.begin, one.hours, one.highest, one.before, one.listed) == (begin, 4, 700, 50, 0)
    assert proposals(shelf, shelf.subjects, Period(DAY, DAY)) == ()


def test_the_command_lists_proposes_imports_and_takes_back(tmp_path):
    stored(tmp_path, storm())
    file = tmp_path / "list.csv"
    file.write_text("place,from,to,document\n远山,2020-05-13 00:00,2020-05-13 04:00,notice 1\n", encoding="utf-8")
    days = ("--from", "2020-05-11", "--to", "2020-05-13", "--data", str(tmp_path), "--json")

    def run(*arguments):
        done = CliRunner().invoke(main, ["air", "dust", *arguments])
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    assert [one["hours"] for one in run("propose", *days)] == [4]
    assert run("list", *days) == []
    imported = run("import", str(file), "--actor", "office", "--data", str(tmp_path), "--json")
    assert [(one["values"], one["already"]) for one in imported] == [(8, 0)]
    again = run("import", str(file), "--actor", "office", "--data", str(tmp_path), "--json")
    assert [(one["values"], one["already"]) for one in again] == [(0, 8)]
    assert [(one["place"], one["document"], one["by"]) for one in run("list", *days)] == [
        ("远山", "notice 1", "office")
    ]
    back = run("withdraw", "--place", "远山", "--reason", "final list", "--actor", "chief", *days)
    assert [one["values"] for one in back] == [8]
    assert run("list", *days) == []
    file.write_text("place,from\n", encoding="utf-8")
    bad = CliRunner().invoke(main, ["air", "dust", "import", str(file), "--data", str(tmp_path)])
    assert bad.exit_code == 1
    assert "缺少此列" in bad.stderr


# -- page, service, API ----------------------------------------------------------------------------------------------------


@pytest.fixture
def data(settings, tmp_path, monkeypatch, db):
    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setattr(hooks, "_trail", [observing.receive])
    return stored(settings.LANTIAN_DATA, storm())


SPAN = "?first=2020-05-11&last=2020-05-13"
BEGIN = dt.datetime(2020, 5, 13, tzinfo=ZONE)
VALUE = packed("远山", BEGIN, BEGIN + 4 * HOUR)


def kept(data):
    return listed(open_shelf(data), Period(DAY, DAY + dt.timedelta(days=2)))


def test_proposals_are_confirmed_and_taken_back_on_the_page(client, city, data):
    client.force_login(city.people["office"])
    page = client.get(reverse("air:dust") + SPAN)
    assert VALUE in page.content.decode()
    nothing = client.post(reverse("air:dust_confirm") + SPAN, {"document": "通知"})
    assert nothing.status_code == 422
    assert client.post(reverse("air:dust_confirm") + SPAN, {"hours": [VALUE]}).status_code == 422
    assert kept(data) == ()
    done = client.post(reverse("air:dust_confirm") + SPAN, {"hours": [VALUE], "document": "通知一号", "key": "k"})
    assert done.status_code == 302
    (one,) = kept(data)
    assert (one.reason, one.who, one.hours) == ("通知一号", city.people["office"].username, 4)
    entry = AuditEntry.objects.filter(action="observations.flags").latest("pk")
    assert (entry.actor, entry.reason) == (city.people["office"], "通知一号")
    assert "通知一号" in client.get(reverse("air:dust") + SPAN).content.decode()
    client.post(reverse("air:dust_withdraw") + SPAN, {"hours": VALUE})
    assert kept(data), "a reason is wanted"
    client.post(reverse("air:dust_withdraw") + SPAN, {"hours": VALUE, "reason": "不在正式清单"})
    assert kept(data) == ()
    assert client.post(reverse("air:dust_withdraw") + SPAN, {"hours": "what", "reason": "x"}).status_code == 302


def test_the_official_list_is_imported_whole_or_not_at_all(client, city, data):
    client.force_login(city.people["office"])

    def send(text):
        file = SimpleUploadedFile("list.csv", text.encode())
        return client.post(reverse("air:dust_import"), {"file": file, "encoding": "utf-8"})

    head = "place,from,to,document\n"
    bad = send(f"{head}远山,2020-05-13,2020-05-13,n\n远山,whenever,2020-05-13,n\n")
    assert bad.status_code == 400
    assert "第 3 行" in bad.content.decode()
    unknown = send(f"{head}近山,2020-05-13,2020-05-13,n\n")
    assert unknown.status_code == 400
    assert kept(data) == ()
    good = send(f"{head}远山,2020-05-13,2020-05-13,n\n")
    assert good["Location"].endswith("?first=2020-05-13&last=2020-05-13")
    assert kept(data)[0].hours == 24


def test_others_look_and_may_not_change(client, city, data):
    client.force_login(city.people["public"])
    page = client.get(reverse("air:dust") + SPAN).content.decode()
    assert "dust/confirm" not in page
    assert client.post(reverse("air:dust_confirm"), {"hours": [VALUE], "document": "x"}).status_code == 403
    with pytest.raises(NotAllowed):
        list_dust(city.people["public"], [Entry("远山", BEGIN, BEGIN + HOUR, "n")])
    office = city.people["office"]
    for entry in (
        Entry("远山", BEGIN, BEGIN, "n"),
        Entry("远山", BEGIN, BEGIN + HOUR, " "),
        Entry("远山", BEGIN.replace(minute=5), BEGIN + HOUR, "n"),
        Entry("远山", BEGIN.replace(tzinfo=None), BEGIN + HOUR, "n"),
    ):
        with pytest.raises(DomainError):
            list_dust(office, [entry])
    assert kept(data) == ()


def test_a_page_without_any_data_says_so(client, city, settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path / "none"
    client.force_login(city.people["office"])
    assert client.get(reverse("air:dust")).status_code == 200
    wrong = client.get(reverse("air:dust") + "?first=2020-05-13&last=2020-05-01")
    assert "text-danger" in wrong.content.decode()


def test_the_list_through_the_api(city, data):
    office, public = Api(city.people["office"]), Api(city.people["public"])
    ask = "first=2020-05-11&last=2020-05-13"
    (one,) = office.get(f"/air/dust/proposals?{ask}").json()["items"]
    body = {"place": "远山", "begin": one["begin"], "end": one["end"], "document": "notice", "key": "k"}
    assert public.post("/air/dust", body).status_code == 403
    made = office.post("/air/dust", body)
    assert (made.status_code, made.json()["values"]) == (201, 8)
    (row,) = public.get(f"/air/dust?{ask}").json()["items"]
    assert (row["hours"], row["document"]) == (4, "notice")
    back = office.post("/air/dust/withdraw", {**body, "document": "not in the final list", "key": "k2"})
    assert back.json()["values"] == 8
    assert office.post("/air/dust", {**body, "place": "近山"}).status_code == 400
    assert public.get(f"/air/dust?{ask}").json()["count"] == 0
