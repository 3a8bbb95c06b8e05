"""The pages: who may open them, what they say, what their forms do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lantian.city import clock
from lantian.indicators.models import Entry
from lantian.indicators.registry import registry
from lantian.indicators.services import Statement, correct_value
from lantian.indicators.tests.samples import define, say
from lantian.records.models import Evidence

pytestmark = pytest.mark.django_db
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
def town(city):
    define()
    with clock.travel(dt.date(2020, 6, 20)):
        yield city


@pytest.fixture
def browse(town, login):
    def _browse(who: str):
        browser = login(town.people[who])
        browser.cookies["lantian_language"] = "en"
        return browser

    return _browse


def url(name: str, *args: object) -> str:
    return reverse(f"indicators:{name}", args=args)


ROLES = ["office", "dept", "county", "inspector", "town", "enterprise", "public", "admin", "nobody"]
VIEWERS = {"office", "dept", "county", "inspector"}
ENTERERS = {"office", "dept", "county"}


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize(
    ("name", "args", "allowed"),
    [
        ("list", (), VIEWERS),
        ("coverage", (), VIEWERS),
        ("detail", ("dustfall",), VIEWERS),
        ("detail", ("plan_overdue_share",), VIEWERS),
        ("import", (), ENTERERS),
    ],
)
def test_who_may_open_what(town, browse, who, name, args, allowed):
    assert browse(who).get(url(name, *args)).status_code == (200 if who in allowed else 403)


def test_nobody_is_sent_to_the_login(client, town):
    for name in ("list", "coverage", "import"):
        assert client.get(url(name)).status_code == 302
    assert client.post(url("detail", "dustfall"), {}).status_code == 302


def test_the_list_says_why_there_is_no_number(town, browse):
    page = browse("office").get(url("list") + "?per_page=100").text
    assert "No data yet: the air room will supply it." in page
    assert "No data yet: nobody has entered a value." in page
    say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8.4", n=3, n_expected=5)
    page = browse("office").get(url("list") + "?q=dustfall").text
    assert "8.4 t/(month·km2)" in page
    assert "n 1/4" in page
    assert "too few to judge" in page
    assert "plan_overdue_share" not in page


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("state=number", {"dustfall"}),
        ("supplied_by=sources", {"boilers_left"}),
        ("supplied_by=nonsense&q=Indicator rank", {"rank_gain"}),
    ],
)
def test_the_lists_filters(town, browse, query, codes):
    say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8.4")
    sheet = browse("office").get(url("list") + f"?export=csv&columns=code&{query}").content.decode("utf-8-sig")
    found = {line.strip() for line in sheet.splitlines()[1:]} - {"plan_rebounds"}
    found -= {one.code for one in registry if one.supplied_by == "sources"}
    assert {code for code in found if not code.startswith("plan_")} == codes


def test_the_list_exports_reasons_not_noughts(town, browse):
    sheet = browse("office").get(url("list") + "?export=csv&columns=code,value").content.decode("utf-8-sig")
    row = next(line for line in sheet.splitlines() if line.startswith("boilers_left"))
    assert row == "boilers_left,No data yet: the room of pollution sources will supply it."


def test_the_list_asks_a_constant_number_of_queries(town, browse, django_assert_max_num_queries):
    for area in town.areas:
        say(town.people["office"], "dustfall", area, "2020-05", "8.4")
    browser = browse("office")
    browser.get(url("list"))
    with django_assert_max_num_queries(40):
        browser.get(url("list"))


def test_the_page_of_an_indicator(town, browse):
    entry = say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8.4", n=3, n_expected=5)
    correct_value(town.people["office"], entry, Statement(entry.value + 1, n=3, n_expected=5), reason="typing error")
    page = browse("office").get(url("detail", "dustfall")).text
    assert "<svg" in page
    assert "style=" not in page.split("<main", 1)[1]
    assert "<del" in page
    assert "9.4 t/(month·km2)" in page
    assert "capture 60 %" in page


def test_as_known_on_a_day(town, browse):
    entry = say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8.4")
    with clock.travel(dt.date(2020, 6, 25)):
        correct_value(town.people["office"], entry, Statement(entry.value + 1), reason="typing error")
        page = browse("office").get(url("detail", "dustfall") + "?known=2020-06-24&period=2020-05").text
    assert "As known on 2020-06-24" in page
    assert "8.4 t/(month·km2)" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("period=2020-13", "is no period"),
        ("period=%3Cscript%3E", "is no period"),
        ("known=yesterday", "is no day"),
        ("known=9999-12-31", None),
        ("place=nowhere", "No area has the code"),
        ("period=2020", None),
        ("period=to-2020-03-01", None),
        ("place=990001", None),
    ],
)
def test_addresses_by_hand(town, browse, query, said):
    answer = browse("office").get(url("detail", "dustfall") + f"?{query}")
    assert answer.status_code == (400 if said else 200)
    if said:
        assert said in answer.text
        assert "<script>" not in answer.text


def test_an_unknown_indicator_is_not_found(town, browse):
    assert browse("office").get(url("detail", "nothing_here")).status_code == 404


def form(**changes) -> dict[str, object]:
    return {
        "place": "990001", "period": "2020-05", "value": "8.4", "unit": "t/(month·km2)", "n": "3", "n_expected": "5",
        "note": "", "key": "click-1", "version": "", **changes,
    }  # fmt: skip


def test_a_county_enters_with_a_pasted_proof(town, browse):
    browser = browse("county")
    proof = SimpleUploadedFile("clipboard-1.png", PNG, "image/png")
    sent = form(evidence_files=proof, evidence_effective_on="2020-06-01", evidence_title="station sheet")
    assert browser.post(url("detail", "dustfall"), sent).status_code == 302
    entry = Entry.objects.get()
    assert (entry.place, entry.n, entry.n_expected, entry.evidence.count()) == (town.areas[0], 3, 5, 1)
    proof = Evidence.objects.get()
    assert proof.place == town.areas[0]
    page = browser.get(url("entry", entry.pk)).text
    assert "station sheet" in page
    usage = browser.get(reverse("records:evidence", args=[proof.pk])).text
    assert url("entry", entry.pk) in usage


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": "8,4x"}, "Enter a number"),
        ({"value": "999"}, "values lie between"),
        ({"n": "9"}, "more than the 5"),
        ({"place": "990002"}, "Select a valid choice"),
        ({"period": "2020-07"}, "Select a valid choice"),
        ({"unit": "%"}, "Select a valid choice"),
    ],
)
def test_wrong_input_is_kept_and_explained_at_its_field(town, browse, changes, said):
    answer = browse("county").post(url("detail", "dustfall"), form(note="kept words", **changes))
    assert answer.status_code in {400, 422}  # refused by the service, or by the form
    assert said in answer.text
    assert "kept words" in answer.text
    assert not Entry.objects.exists()


def test_entering_twice_is_a_conflict_and_the_same_click_is_not(town, browse):
    browser = browse("county")
    for _again in range(2):
        assert browser.post(url("detail", "dustfall"), form()).status_code == 302
    assert Entry.objects.count() == 1
    answer = browser.post(url("detail", "dustfall"), form(key="click-2"))
    assert answer.status_code == 409
    assert "Correct that value instead" in answer.text


def test_correcting_and_withdrawing_on_the_entrys_page(town, browse):
    entry = say(town.people["county"], "dustfall", town.areas[0], "2020-05", "8.4")
    browser = browse("county")
    sent = form(value="9", reason="typing error", key="c1")
    assert browser.post(url("entry_correct", entry.pk), sent).status_code == 302
    head = Entry.objects.as_known_at().get()
    answer = browser.post(url("entry_correct", entry.pk), sent | {"key": "c2"})
    assert answer.status_code == 409
    assert "corrected this value meanwhile" in answer.text
    assert browser.post(url("entry_withdraw", head.pk), {"reason": "", "key": "w"}).status_code == 422
    assert browser.post(url("entry_withdraw", head.pk), {"reason": "sample spoilt", "key": "w"}).status_code == 302
    page = browser.get(url("entry", entry.pk)).text
    assert "This value was replaced later." in page
    assert "withdrawn" in page


def test_an_entry_of_another_county_does_not_exist(town, browse):
    entry = say(town.people["county2"], "dustfall", town.areas[1], "2020-05", "8.4")
    browser = browse("county")
    assert browser.get(url("entry", entry.pk)).status_code == 404
    assert browser.post(url("entry_correct", entry.pk), form(reason="x")).status_code == 404
    assert browser.post(url("entry_withdraw", entry.pk), {"reason": "x"}).status_code == 404
    assert browse("inspector").get(url("entry", entry.pk)).status_code == 200
    assert browse("inspector").post(url("entry_withdraw", entry.pk), {"reason": "x"}).status_code == 403


def test_the_form_is_shown_to_those_who_may_use_it(town, browse):
    assert 'id="enter"' in browse("county").get(url("detail", "dustfall")).text
    assert 'id="enter"' not in browse("inspector").get(url("detail", "dustfall")).text
    assert 'id="enter"' not in browse("dept").get(url("detail", "dustfall")).text
    assert 'id="enter"' not in browse("county").get(url("detail", "rank_gain")).text
    assert 'id="enter"' not in browse("office").get(url("detail", "plan_overdue_share")).text


def test_names_and_notes_are_shown_as_text(town, browse):
    entry = say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8", note="<script>alert(1)</script>")
    page = browse("office").get(url("entry", entry.pk)).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


def test_the_export_of_a_period_names_its_rule(town, browse):
    import io

    import openpyxl

    say(town.people["office"], "dustfall", town.areas[0], "2020-05", "8")
    answer = browse("office").get(url("detail", "dustfall") + "?export=xlsx&period=2020-05")
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active.values for cell in row if cell]
    assert 8 in cells
    assert "Rule: 2020.1" in cells
    assert "No data yet: the air room will supply it." not in cells
    assert "No entry for this period." in cells
