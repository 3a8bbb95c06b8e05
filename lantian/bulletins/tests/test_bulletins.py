"""The circular of a round: figures with n and rule version, blocked by what is broken, the same in Word, web and Excel."""

from __future__ import annotations

import datetime as dt
import io

import docx
import openpyxl
import pytest
from django.urls import reverse

from lantian.bulletins import circular, services
from lantian.bulletins.models import Bulletin
from lantian.bulletins.rules.figures import Figure, figure, figures_in, revive
from lantian.city import clock
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.plan.models import Assignment
from lantian.plan.services import rounds
from lantian.plan.services.reports import report
from lantian.plan.tests import ledger as lib
from lantian.records.chain import anchor
from lantian.records.models import AuditEntry
from lantian.records.verify import verify_chain

pytestmark = pytest.mark.django_db


@pytest.fixture
def go():
    with lib.calendar_days() as go:
        yield go


@pytest.fixture
def june(ledger, go):
    """June's round: area 0 reported everything (40, 50, 60 %), area 1 one thing late, areas 2 and 3 nothing; closed."""
    city, version = ledger
    go(dt.date(2020, 6, 3))
    made = rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 6, 25))
    Assignment.objects.filter(measure__code="1-1-2").update(deadline=dt.date(2020, 5, 31))
    Assignment.objects.filter(measure__code="2-1-1").update(deadline=dt.date(2020, 7, 31))
    for a, percent in zip(Assignment.objects.filter(area=city.areas[0]).order_by("pk"), (40, 50, 60), strict=True):
        report(city.people["county"], a, percent=percent, text="已拆除")
    go(dt.date(2020, 6, 27))
    report(city.people["county2"], Assignment.objects.filter(area=city.areas[1]).first(), percent=10, text="开工")
    rounds.close_round(city.people["office"], made)
    go(dt.date(2020, 6, 28))
    made.refresh_from_db()
    return made


def text_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_a_figure_has_a_number_or_a_reason():
    one = figure("a", "A", None, "%", n=0, rule_version="1", reason="无数据")
    assert (str(one), one.text) == ("（无数据）", "（无数据）")
    assert figure("a", "A", 12, "项", n=3, rule_version="1", reason="x").text == "12项"
    with pytest.raises(ValueError):
        Figure("a", "A", None, "%", 0, "1")
    with pytest.raises(ValueError):
        Figure("a", "A", "1", "%", 0, "1", reason="x")
    content = {"x": [one.plain()], "y": {"z": one.plain()}}
    assert list(figures_in(content)) == [one, one]
    assert revive(content)["x"][0] == one


def test_the_content_counts_the_round(june, city):
    content = circular.compose(june)
    number = {name: content[name]["number"] for name in ("asked", "handed_in", "late", "missing", "overdue", "mean")}
    assert number == {"asked": "12", "handed_in": "4", "late": "1", "missing": "8", "overdue": "4", "mean": "40"}
    assert content["mean"]["n"] == 4
    assert content["mean"]["rule_version"] == "round-count-1"
    assert [(row["rank"], row["name"]) for row in content["areas"]][:2] == [(1, "甲县"), (2, "乙县")]
    assert len(content["overdue_list"]) == 4
    assert content["overdue_list"][0]["days"] == 27
    assert {row["name"]: row["count"] for row in content["missing_list"]} == {"乙县": 2, "丙县": 3, "青川经济开发区": 3}
    assert [(row["code"], row["count"]) for row in content["next_dues"]] == [("2-1-1", 4)]
    assert content["anchor"] == anchor()
    assert not content["has_before"]
    assert not content["demonstration"] or clock.is_pretended()


def test_the_content_is_chinese_whatever_the_page_speaks(june):
    from django.utils import translation

    with translation.override("en"):
        content = circular.compose(june)
    assert "调度情况的通报" in content["title"]
    assert content["as_of"] == "2020年6月27日"
    assert translation.get_language() != "zz"


def test_what_has_a_reason_instead_of_a_number_blocks_until_confirmed(june, city):
    office = city.people["office"]
    lacking = services.blocked(circular.compose(june))
    assert {one.name for one in lacking} == {"area.990003.mean", "area.990090.mean"}
    with pytest.raises(DomainError) as caught:
        services.make(office, june)
    assert caught.value.field == "print_reasons"
    assert Bulletin.objects.count() == 0
    made = services.make(office, june, print_reasons=True)
    assert made.reasons_printed
    with services.open_stored(made.file) as file:
        assert "无进度报送" in text_of(file.read())


def test_the_bulletin_keeps_every_figure_and_the_anchor_holds(june, city):
    before = anchor()
    made = services.make(city.people["office"], june, print_reasons=True, number="青气办〔2020〕8号")
    assert f"{made.audit_seq}:{made.audit_hash}" == before
    figures = {one["name"]: one for one in made.figures}
    assert figures["area.990001.mean"]["number"] == "50"
    assert figures["area.990001.mean"]["n"] == 3
    assert all(one["rule_version"] for one in made.figures)
    assert not any(name.startswith("moves.") for name in figures)
    with services.open_stored(made.file) as file:
        said = text_of(file.read())
    assert before in said
    assert "青气办〔2020〕8号" in said
    assert AuditEntry.objects.get(action="bulletin.make").data["anchor"] == before
    assert verify_chain(before).ok


def test_the_same_key_makes_one_and_belongs_to_one_person(june, city):
    one = services.make(city.people["office"], june, print_reasons=True, key="k")
    assert services.make(city.people["office"], june, print_reasons=True, key="k") == one
    with pytest.raises(Conflict):
        services.make(city.people["office2"], june, print_reasons=True, key="k")


def test_the_second_round_compares_with_the_first(june, city, go):
    go(dt.date(2020, 7, 3))
    july = rounds.open_round(city.people["office"], june.document)
    report(
        city.people["county"], Assignment.objects.filter(area=city.areas[0]).order_by("pk")[0], percent=80, text="进展"
    )
    content = circular.compose(july)
    assert content["has_before"]
    assert (content["forward"]["number"], content["missing_twice"]["number"]) == ("1", "8")
    assert content["area_moves"][0]["forward"] == 1
    assert not content["is_closed"]


def test_what_was_made_stays_as_it_was(june, city, login, go):
    made = services.make(city.people["office"], june, print_reasons=True)
    report(city.people["county"], Assignment.objects.filter(area=city.areas[0]).first(), percent=99, text="进展")
    page = login(city.people["county"]).get(reverse("bulletins:bulletin", args=[made.pk]))
    assert page.status_code == 200
    assert "99" not in {row["mean"].number for row in page.context["content"]["areas"]}
    assert made.content["anchor"] in page.text


def test_word_web_and_excel_say_the_same(june, city, login):
    made = services.make(city.people["office"], june, print_reasons=True)
    client = login(city.people["inspector"])
    page = client.get(reverse("bulletins:bulletin", args=[made.pk])).text
    word = text_of(client.get(reverse("bulletins:word", args=[made.pk])).content)
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("bulletins:excel", args=[made.pk])).content))
    cells = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None}
    assert len(book.sheetnames) == 8
    for part in ("甲县", "丙县", "无进度报送", made.content["anchor"]):
        assert part in page, part
        assert part in word, part
        assert any(part in cell for cell in cells), part
    assert all(c.data_type != "f" for sheet in book for row in sheet.iter_rows() for c in row)


def test_a_measure_that_looks_like_a_formula_or_a_tag_is_printed_as_text(june, city, login):
    measure = Assignment.objects.filter(measure__code="1-1-2").first().measure
    measure.text = "=cmd|'/c calc'!A1 <b>&{{ city }}"
    measure.save()
    made = services.make(city.people["office"], june, print_reasons=True)
    client = login(city.people["office"])
    assert "=cmd|'/c calc'!A1 <b>&{{ city }}" in text_of(client.get(reverse("bulletins:word", args=[made.pk])).content)
    assert "<b>&amp;{{ city }}" not in client.get(reverse("bulletins:bulletin", args=[made.pk])).text
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("bulletins:excel", args=[made.pk])).content))
    assert all(c.data_type != "f" for sheet in book for row in sheet.iter_rows() for c in row)


def test_the_office_makes_it_on_the_page(june, city, login):
    client = login(city.people["office"])
    address = reverse("bulletins:make", args=[june.pk])
    page = client.get(address)
    assert "丙县" in page.text
    assert client.get(reverse("bulletins:preview", args=[june.pk])).status_code == 200
    assert Bulletin.objects.count() == 0
    refused = client.post(address, {"issuer": "大气办", "number": "8号", "key": "k"})
    assert refused.status_code == 400
    assert 'value="8号"' in refused.text
    done = client.post(address, {"issuer": "大气办", "number": "8号", "key": "k", "print_reasons": "on"})
    made = Bulletin.objects.get()
    assert done.headers["Location"] == reverse("bulletins:bulletin", args=[made.pk])
    client.post(address, {"issuer": "大气办", "number": "8号", "key": "k", "print_reasons": "on"})
    assert Bulletin.objects.count() == 1
    assert made.title in client.get(reverse("bulletins:list")).text


def test_who_may_make_and_who_may_read(june, city, login):
    made = services.make(city.people["office"], june, print_reasons=True)
    readers = {
        "office": 200,
        "dept": 200,
        "county": 200,
        "inspector": 200,
        "town": 403,
        "enterprise": 403,
        "public": 403,
        "nobody": 403,
        "admin": 403,
    }
    for who, code in readers.items():
        client = login(city.people[who])
        for name in ("bulletin", "word", "excel"):
            assert client.get(reverse(f"bulletins:{name}", args=[made.pk])).status_code == code, (who, name)
        assert client.get(reverse("bulletins:list")).status_code == code, who
        makes = 200 if who == "office" else 403
        assert client.get(reverse("bulletins:make", args=[june.pk])).status_code == makes, who
        assert client.get(reverse("bulletins:preview", args=[june.pk])).status_code == makes, who
    for who in ("dept", "county", "inspector"):
        with pytest.raises(NotAllowed):
            services.make(city.people[who], june, print_reasons=True)


def test_composing_costs_a_constant_number_of_queries(june, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        circular.compose(june)
