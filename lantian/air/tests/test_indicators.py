"""The air's indicators: computed from the store, with n, capture, a visible status; what people said beside it."""

import datetime as dt
from decimal import Decimal

import pytest

from lantian.air import known
from lantian.air.reading.importing import look, store_in, write
from lantian.air.targets.model import statistics
from lantian.air.tests import files
from lantian.city import clock
from lantian.city.models import LoadedPack
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.queries import current, evaluate
from lantian.indicators.registry import registry
from lantian.indicators.services import Statement, enter_value
from lantian.indicators.value import ReasonCode, Verdict, compare
from tests.builders import make_city

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 4, 1)
WORSE = ("70", "90", "20", "30", "60", "0.8")


@pytest.fixture
def town(tmp_path, settings):
    settings.LANTIAN_DATA = tmp_path
    known.forget()
    with clock.travel(TODAY):
        yield make_city()
    known.forget()


def bring(settings, lines, name="a.csv"):
    path = files.write(settings.LANTIAN_DATA / name, lines)
    write(look(path, "cnemc-city-hourly"), store_in(settings.LANTIAN_DATA))


def year_of(city, **more):
    """January to March of 2020 in the quiet way, with worse days at the end of March."""
    return [
        *files.days_of(dt.date(2020, 1, 1), more.get("quiet", 81), city),
        *files.days_of(dt.date(2020, 3, 22), 10, city, WORSE),
    ]


def test_every_statistic_is_registered_with_its_unit_and_may_be_stated():
    for code, one in statistics().items():
        indicator = registry.get(code)
        assert (indicator.unit, indicator.by_hand, indicator.low) == (one.unit, True, one.low)
        assert indicator.computes == (one.kind != "entered")


def test_without_data_there_is_a_reason_and_no_number(town):
    for code in statistics():
        for place in (town.city, town.areas[0]):
            value = current(code, place, Context())
            assert value.number is None
            assert str(value.reason)


def test_a_mean_with_n_capture_lineage_and_rule(town, settings):
    bring(settings, year_of(town.city.name))
    value = current("pm25_annual_mean", town.city, Context())
    assert value.number == round(Decimal(35 * 81 + 70 * 10) / 91)
    assert (value.n, value.n_expected, value.partial) == (91, 91, False)
    assert (value.as_of, value.freshness) == (dt.date(2020, 3, 31), "fresh")
    assert value.lineage[0].kind == "observations"
    assert value.rule_version == "2020.1"
    assert compare(value, "<=", Decimal(35)) == Verdict.NOT_MET
    assert current("good_days", town.city, Context()).number == 91
    march = evaluate("pm25_annual_mean", town.city, periods.parse("2020-03"), Context())
    assert (march.number, march.n) == (round(Decimal(35 * 21 + 70 * 10) / 31), 31)


def test_too_few_days_are_partial_and_judge_nothing(town, settings):
    bring(settings, files.days_of(dt.date(2020, 1, 1), 60, town.city.name))
    value = current("pm25_annual_mean", town.city, Context())
    assert (value.n, value.n_expected, value.partial) == (60, 91, True)
    assert compare(value, "<=", Decimal(35)) == Verdict.UNKNOWN
    assert value.freshness == "stale"
    assert "partial" in {note.code for note in value.notes}


def test_a_later_file_changes_the_value_though_it_was_kept(town, settings):
    bring(settings, files.days_of(dt.date(2020, 1, 1), 91, town.city.name))
    assert current("pm25_annual_mean", town.city, Context()).number == 35
    bring(settings, files.days_of(dt.date(2020, 1, 1), 91, town.city.name, WORSE), "b.csv")
    assert current("pm25_annual_mean", town.city, Context()).number == 70


def test_the_store_is_read_once_for_a_page(town, settings, monkeypatch):
    bring(settings, year_of(town.city.name))
    asked = []
    real = known.days_of_places
    monkeypatch.setattr(known, "days_of_places", lambda *a, **k: asked.append(a) or real(*a, **k))
    for _page in range(2):
        context = Context()
        for code in ("pm25_annual_mean", "good_days_share", "composite_index"):
            for place in (town.city, *town.areas):
                current(code, place, context)
    assert len(asked) == 1


def say(town, code, place, period, value):
    return enter_value(town.people["office"], code, place, periods.parse(period), Statement(Decimal(value)))


def test_what_people_said_stands_beside_the_computed_and_a_difference_is_a_finding(town, settings):
    bring(settings, year_of(town.city.name))
    say(town, "pm25_annual_mean", town.city, "2020", "30")
    value = current("pm25_annual_mean", town.city, Context())
    assert value.number == 39
    assert [note.code for note in value.notes if note.code in {"disagreement", "stated"}] == ["disagreement"]
    say(town, "no2_annual_mean", town.city, "2020", "30")
    agreeing = current("no2_annual_mean", town.city, Context())
    assert [note.code for note in agreeing.notes] == ["stated"]


def test_what_people_said_stands_in_where_nothing_can_be_computed(town):
    say(town, "pm25_annual_mean", town.areas[0], "2020", "33")
    value = current("pm25_annual_mean", town.areas[0], Context())
    assert value.number == 33
    assert "stated" in {note.code for note in value.notes}
    assert current("pm25_annual_mean", town.areas[1], Context()).number is None


def test_places_gained_out_of_published_ranks(town):
    say(town, "rank_168", town.city, "2019", "120")
    assert current("rank_gain_168", town.city, Context()).number is None
    say(town, "rank_168", town.city, "2020", "104")
    value = current("rank_gain_168", town.city, Context())
    assert value.number == 16
    assert "120" in str(value.notes[0])
    assert len(value.lineage) == 2
    assert current("rank_gain_168", town.areas[0], Context()).reason.code == ReasonCode.NOT_HERE


def test_a_rank_needs_all_of_the_list(town, settings):
    quarter = [line for area in town.areas[:-1] for line in year_of(area.name)]
    bring(settings, quarter)
    value = current("rank_city_counties", town.areas[0], Context())
    assert value.number is None
    assert (value.n, value.n_expected) == (len(town.areas) - 1, len(town.areas))
    last = files.days_of(dt.date(2020, 1, 1), 91, town.areas[-1].name, WORSE)
    bring(settings, last, "b.csv")
    ranks = [current("rank_city_counties", area, Context()).number for area in town.areas]
    assert ranks == [1] * (len(town.areas) - 1) + [len(town.areas)]


def test_dustfall_is_entered_by_month_and_pooled_for_the_city(town):
    for area in town.areas:
        say(town, "dustfall", area, "2020-03", "8.5")
    value = current("dustfall", town.city, Context())
    assert (value.number, value.n) == (Decimal("8.5"), len(town.areas))


def test_a_pack_whose_folder_is_gone_has_no_list(town):
    LoadedPack.objects.update(slug="nowhere")
    value = current("rank_168", town.city, Context())
    assert "scopes.toml" in str(value.reason)


def test_hours_of_today_leave_kept_days_alone_and_those_of_yesterday_do_not(town, settings, monkeypatch):
    bring(settings, year_of(town.city.name))
    assert current("pm25_annual_mean", town.city, Context()).number == 39
    asked = []
    real = known.days_of_places
    monkeypatch.setattr(known, "days_of_places", lambda *a, **k: asked.append(a) or real(*a, **k))
    bring(settings, files.hours_of(TODAY, town.city.name, WORSE, range(1, 5)), "today.csv")
    assert current("pm25_annual_mean", town.city, Context()).number == 39
    assert asked == []
    bring(settings, files.hours_of(dt.date(2020, 3, 31), town.city.name, ("999", *WORSE[1:])), "yesterday.csv")
    assert current("pm25_annual_mean", town.city, Context()).number == 49
    assert len(asked) == 1
