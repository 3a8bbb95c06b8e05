"""Measured air figures of a circular: the same as the air room's, kept with what they rest on, compared after a correction."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from decimal import Decimal

import docx
import openpyxl
import pytest
from django.urls import reverse

from lantian.air import queries
from lantian.air.assessing import ask
from lantian.air.assessing.periods import Period
from lantian.air.assessing.scopes import Scope
from lantian.air.goals import board
from lantian.air.quality.deciding import Fact
from lantian.air.services import quality
from lantian.bulletins import air as section
from lantian.bulletins import circular, documents, services
from lantian.bulletins.models import Bulletin
from lantian.bulletins.rules.figures import Figure, figures_in, is_figure, revive
from lantian.indicators.context import Context
from lantian.plan.services import rounds
from lantian.standards.regimes import regime_at
from tests.air import PACK
from tests.api import token_for

pytestmark = pytest.mark.django_db
ZONE = dt.timezone(dt.timedelta(hours=8))
MAY = dt.date(2020, 5, 1), dt.date(2020, 5, 31)


@pytest.fixture
def june(reviewed_air, ledger):
    """June's round, open on the 20th; the air is invented and reaches until then. Rules of quality control have run."""
    city, version = ledger
    return rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 6, 25))


@pytest.fixture
def made(june, city):
    return services.make(city.people["office"], june, print_reasons=True, number="青气办〔2020〕8号")


def hour_of(area: str, day: dt.date, code: str = "PM2.5") -> Fact:
    """An hour with a value of the first station of an area."""
    source = next(iter(queries.shelf().find(area).origins[0].sources.values()))
    for hour in range(24):
        start = dt.datetime.combine(day, dt.time(hour), ZONE).astimezone(dt.UTC)
        if quality.standings(queries.shelf().reader, [Fact(source, code, start)]):
            return Fact(source, code, start)
    raise AssertionError(f"no hour of {source} on {day}")


def correct(city, fact: Fact, value: str = "600") -> str:
    key = uuid.uuid4().hex
    quality.correct_value(city.people["office"], fact, Decimal(value), reason="采样管脱落", key=key)
    return key


def text_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_the_figures_are_those_of_the_air_room(june, reviewed_air):
    content = circular.compose(june)
    assert content["air_month"] == "2020年5月"
    assert content["air_until"] == "2020年6月19日"
    names = tuple(row["name"] for row in content["air_areas"])
    scope = Scope("areas", "", "", tuple(sorted(names)), "", "V")
    ranked = ask.rank_on(queries.shelf(), scope, regime_at(MAY[1]), Period(*MAY), dust="deducted")
    rows = {row["name"]: row for row in content["air_areas"]}
    assert names == tuple(one.now.name for one in ranked.rows)
    assert len(names) == 4
    for one in ranked.rows:
        row, found = rows[one.now.name], ask.assess_both(reviewed_air, one.now.name, *MAY, pack=PACK, dust="deducted")
        assert row["rank"]["number"] == str(one.now.rank)
        assert Decimal(row["composite"]["number"]) == found.one.composite.published == one.now.index.published
        assert Decimal(row["composite_raw"]["number"]) == found.raw.composite.published
        assert row["good"]["number"] == str(found.one.good)
        assert row["pm25"]["n"] == found.one.items["PM2.5"].days
        assert row["valid"] == f"{min(item.days for item in found.one.items.values())}/31"
    assert content["air_city"]["name"] == "青川市"


def test_the_city_to_date_stands_beside_its_targets(june):
    content = circular.compose(june)
    goals = {f"air.target.{one.id}": one for one in board(Context()).goals if one.place.kind == "city"}
    shown = {row["value"]["name"]: row for row in content["air_targets"]}
    assert len(shown) >= 2
    for name, row in shown.items():
        state = goals[name].standing.state
        assert Decimal(row["value"]["number"]) == state.to_date.shown
        assert (row["value"]["n"], row["valid"].split("/")[1]) == (state.to_date.n, str(state.to_date.expected))
        assert row["value"]["dust"] == goals[name].standing.judged_by
    assert any(row["aim"] == "≤ 50 µg/m³" for row in content["air_targets"])


def test_every_figure_says_what_it_was_made_of(june):
    content = circular.compose(june)
    printed = [one for one in figures_in(content) if one.name.startswith("air.")]
    version = queries.store_version()
    assert len(printed) > 40
    for one in printed:
        assert one.input == f"{version.observations}/{version.flags}", one.name
        assert one.rule_version, one.name
        assert one.synthetic, one.name
        assert one.n is not None, one.name
        assert one.capture is not None, one.name
        if one.name.rpartition(".")[2] in {"good", "heavy", "composite_raw"}:
            assert one.dust == "raw", one.name
    by_name = {one.name: one for one in printed}
    assert by_name["air.990001.pm25"].dust == "deducted"
    assert "扣除沙尘" in content["air_basis"]
    assert f"版本{version.observations}/{version.flags}" in content["air_basis"]
    assert "合成数据" in content["air_synthetic"]
    lineage = content["rests_on"]
    assert {"source", "quantity", "from", "until"} == set(lineage[0])
    assert {one["from"] for one in lineage} == {"2020-05-01", "2020-01-01"}
    assert {one["until"] for one in lineage} == {"2020-06-01", "2020-06-20"}


def test_word_web_and_excel_print_them_alike(made, login, city):
    client = login(city.people["inspector"])
    page = client.get(reverse("bulletins:bulletin", args=[made.pk])).text
    word = text_of(client.get(reverse("bulletins:word", args=[made.pk])).content)
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("bulletins:excel", args=[made.pk])).content))
    assert len(book.sheetnames) == 10
    sheet = book["空气质量2020年5月"]
    cells = {str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None}
    first = made.content["air_areas"][0]
    for figure in (first["composite"], first["composite_raw"], first["pm25"], first["o3"]):
        assert figure["number"] in word
        assert f">{figure['number']}<" in page
        assert any(Decimal(cell) == Decimal(figure["number"]) for cell in cells if cell.replace(".", "").isdigit())
    for part in ("扣除沙尘", "合成数据", first["name"], first["valid"], first["capture"]):
        assert part in word, part
        assert part in page, part
        assert any(part in cell for cell in cells), part
    target = made.content["air_targets"][0]
    assert target["aim"] in word
    assert target["aim"] in page
    assert "发布后数值有变化" not in page
    annex = {str(c.value) for row in book["附件"].iter_rows() for c in row if c.value is not None}
    assert any(made.content["air_areas"][0]["pm25"]["input"] == cell for cell in annex)


def test_in_english_the_page_has_english_heads(made, client, city):
    client.force_login(city.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["lantian_language"] = "en"
    page = client.get(reverse("bulletins:bulletin", args=[made.pk])).text
    for part in ("Targets of the air", "composite index with dust", "Valid days", "invented data"):
        assert part in page, part


def test_a_correction_lists_the_circular_with_what_stood_there_and_what_it_would_be(made, city, login):
    before = (made.content, made.file_id, made.figures)
    for day in (12, 13, 14):  # one hour alone may drown in the rounding of a month
        key = correct(city, hour_of("甲县", dt.date(2020, 5, day)), "950")
    changed = {one.name: one for one in section.changed_since(made.content)}
    stood = next(row for row in made.content["air_areas"] if row["name"] == "甲县")["pm25"]
    now = next(row for row in circular.compose(_round(made))["air_areas"] if row["name"] == "甲县")["pm25"]
    assert stood["number"] != now["number"]
    one = changed["air.990001.pm25"]
    assert (one.stood, one.now) == (f"{stood['number']}µg/m³", f"{now['number']}µg/m³")
    assert "air.990001.so2" not in changed
    assert not any(name.startswith("air.990002.pm") for name in changed)
    client = login(city.people["office"])
    page = client.get(reverse("air:decision", args=[key])).text
    assert made.title in page
    assert reverse("bulletins:bulletin", args=[made.pk]) in page
    assert one.stood in page
    assert one.now in page
    own = client.get(reverse("bulletins:bulletin", args=[made.pk])).text
    assert "发布后数值有变化" in own
    assert one.stood in own
    assert one.now in own
    machine = {"HTTP_AUTHORIZATION": f"Bearer {token_for(city.people['office'])}"}
    told = client.get(f"/api/v1/air/decisions/{key}", **machine).json()["dependants"]
    assert {"label": one.label, "stood": one.stood, "now": one.now} in told[0]["figures"] + told[-1]["figures"]
    said = client.get(f"/api/v1/bulletins/{made.pk}", **machine).json()["changed"]
    assert one.now in {row["now"] for row in said}
    kept = Bulletin.objects.get(pk=made.pk)
    assert (kept.content, kept.file_id, kept.figures) == before


def _round(made):
    from lantian.plan.models import DispatchRound

    return DispatchRound.objects.get(pk=made.subject_id)


def dependants(client, key) -> set[str]:
    return {row["label"] for row in client.get(reverse("air:decision", args=[key])).context["dependants"]}


def test_only_circulars_that_rest_on_the_hour_are_listed(made, city, login):
    client, title = login(city.people["office"]), f"{made.number} {made.title}"
    # Another city's hours are in none of its figures; hours after the last day of the figures neither.
    elsewhere = hour_of("临水市", dt.date(2020, 5, 12))
    assert title not in dependants(client, correct(city, elsewhere))
    assert title not in dependants(client, correct(city, hour_of("甲县", dt.date(2020, 6, 20), "SO2")))
    assert section.changed_since(made.content) == ()
    # February is not in the month, but the city's year to date rests on it.
    city_hour = hour_of("青川市", dt.date(2020, 2, 12))
    key = correct(city, city_hour)
    assert title in dependants(client, key)
    assert {one.name.split(".")[1] for one in section.changed_since(made.content)} <= {"target"}


def test_dust_that_is_listed_later_changes_what_was_printed(made, city):
    from lantian.air.assessing.dust_list import Entry
    from lantian.air.services.dust import list_dust

    begin = dt.datetime(2020, 5, 12, 0, tzinfo=ZONE)
    list_dust(city.people["office"], [Entry("甲县", begin, begin + dt.timedelta(days=2), "清单1号")])
    changed = {one.name for one in section.changed_since(made.content)}
    assert "air.990001.pm10" in changed
    assert not changed & {"air.990001.composite_raw", "air.990001.good"}


def test_without_air_the_section_is_left_out(ledger):
    city, version = ledger
    round_ = rounds.open_round(city.people["office"], version.document)
    made = services.make(city.people["office"], round_, print_reasons=True)
    assert not made.content["has_air"]
    assert "rests_on" not in made.content
    assert section.changed_since(made.content) == ()
    with services.open_stored(made.file) as file:
        assert "环境空气质量" not in text_of(file.read())


def test_templates_of_before_still_fit_and_old_figures_are_read(made):
    old = {
        "name": "a",
        "label": "A",
        "number": "1",
        "unit": "%",
        "n": 1,
        "rule_version": "1",
        "capture": None,
        "reason": "",
    }
    assert is_figure(old)
    assert revive({"x": old})["x"] == Figure("a", "A", "1", "%", 1, "1")
    assert not is_figure({**old, "more": 1})
    content = {**made.content, "has_air": False}
    assert "八、" not in text_of(documents.render(documents.default_template(), circular.context_of(content)))
