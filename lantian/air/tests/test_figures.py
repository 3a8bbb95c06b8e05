"""The door of figures: what values are taken from, both sides of a comparison, dust, rankings, half-done cases."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from lantian.air.assessing import plain
from lantian.air.assessing.ask import (
    assess_both,
    compare_regimes,
    compare_years,
    days_of,
    hours_of,
    period_of,
    rank_scope,
    subjects,
)
from lantian.air.assessing.dust_list import Entry, listed, write_entries
from lantian.air.assessing.periods import NoPeriodError, Period, period_named
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.series import UnknownSeriesError, all_series, is_synthetic, series_named, split_source
from lantian.air.assessing.shelf import open_shelf, store_of
from lantian.air.assessing.subjects import NoOriginError
from lantian.air.tests.made_stores import QUIET, ZONE, all_but, pack, rows_of, station, stored, table_of
from lantian.standards.arrays import MISSING
from lantian.standards.tables import OutOfForceError

MAY = dt.date(2020, 5, 1)
END = dt.date(2020, 5, 31)
DAY = dt.timedelta(days=1)


def pm(value: float) -> dict[str, float]:
    return {**QUIET, "PM2.5": value}


@pytest.fixture
def root(tmp_path):
    return pack(tmp_path / "pack", [station("1A"), station("2A"), station("9C", kind="control", counts_for="")])


def test_series_are_known_by_their_sources():
    assert [one.id for one in all_series()][-3:] == ["synthetic-city", "synthetic-area", "synthetic-station"]
    assert split_source("cnemc-station:1001A")[0] == series_named("cnemc-station")
    assert split_source("CEMS:1")[0] is None
    assert is_synthetic("synthetic-city:临水")
    with pytest.raises(UnknownSeriesError, match="cnemc-city"):
        series_named("what")


def test_what_can_be_asked_about(tmp_path, root):
    rows = [
        *rows_of("cnemc-city:临水", MAY, 2),
        *rows_of("cnemc-station:1A", MAY, 3),
        *rows_of("long-city:远山市", MAY, 1),
    ]
    stored(tmp_path, [*rows, *rows_of("CEMS:boiler", MAY, 1)])
    found = {one.name: one for one in subjects(tmp_path, root)}
    assert list(found) == ["临水", "远山市", "1A"]
    city = found["临水"]
    assert (city.code, city.kind, city.zh, city.label("en"), city.origin) == (
        "990000", "city", "临水市", "Linshui", "cnemc-city",
    )  # fmt: skip
    assert [one.basis for one in city.origins] == ["release", "stations"]
    assert city.first == dt.datetime(2020, 5, 1, tzinfo=ZONE)
    assert city.last == dt.datetime(2020, 5, 3, 23, tzinfo=ZONE)
    assert not city.synthetic
    assert found["1A"].zh == "站1A"


def test_names_are_found_by_code_alias_and_near_misses(tmp_path, root):
    stored(tmp_path, [*rows_of("cnemc-city:临水", MAY, 1), *rows_of("long-area:甲县", MAY, 1)])
    shelf = open_shelf(tmp_path, root)
    for name in ("临水", "临水市", "990000"):
        assert shelf.find(name).name == "临水"
    assert shelf.find("甲县").code == shelf.find("990001").code == "990001"
    with pytest.raises(UnknownPlaceError, match="临水"):
        shelf.find("临泉市")


def test_a_city_from_its_stations_by_hand(tmp_path, root):
    rows = [
        *rows_of("cnemc-station:1A", MAY, 2, pm(20)),
        *rows_of("cnemc-station:2A", MAY, 1, pm(41), hours=range(4, 24)),
        *rows_of("cnemc-station:9C", MAY, 2, pm(1)),
    ]
    stored(tmp_path, rows)
    hours = hours_of(tmp_path, ["临水"], MAY, MAY + DAY, pack=root)
    at = hours.pollutants.index("PM2.5")
    # both stations must be there: not in the first four hours, not on the second day; the control station never counts
    assert (hours.values[0, at, 0, :4] == MISSING).all()
    assert (hours.values[0, at, 0, 4:] == 30_500).all()
    assert (hours.values[0, at, 1] == MISSING).all()
    assert hours.stations[0, at, 0].tolist() == [1] * 4 + [2] * 20
    days = days_of(tmp_path, ["临水"], MAY, MAY + DAY, pack=root)
    assert [days.daily["PM2.5"].fraction(0, n) for n in (0, 1)] == [Fraction(61, 2), None]
    assert days.stations["PM2.5"][0].tolist() == [2, 1]
    assert days.daily["PM2.5"].hours[0].tolist() == [20, 0]
    got = plain.assessment(assess_both(tmp_path, "临水市", MAY, MAY + DAY, pack=root))
    assert got["values"] == {
        "basis": "stations", "series": "cnemc-station", "step": "hour", "stations": ["1A", "2A"], "with_data": ["1A", "2A"],
    }  # fmt: skip
    assert got["items"]["PM2.5"]["stations"] == {"expected": 2, "fewest": 2, "most": 2, "capture": 100.0}
    assert (got["items"]["PM2.5"]["mean"], got["items"]["PM2.5"]["n"], got["items"]["PM2.5"]["capture"]) == (
        30,
        1,
        41.7,
    )


def test_ozone_of_a_city_is_the_mean_of_its_stations_daily_maxima(tmp_path, root):
    early, late = {**QUIET, "O3": 160.0}, {**QUIET, "O3": 100.0}
    rows = [
        *rows_of("cnemc-station:1A", MAY, 1, early, hours=range(8)),
        *rows_of("cnemc-station:1A", MAY, 1, QUIET, hours=range(8, 24)),
        *rows_of("cnemc-station:2A", MAY, 1, QUIET, hours=range(16)),
        *rows_of("cnemc-station:2A", MAY, 1, late, hours=range(16, 24)),
    ]
    days = days_of(stored(tmp_path, rows), ["临水"], MAY, MAY, pack=root)
    # 160 and 100, though the city's own hours never rise above 110
    assert days.daily["O3"].fraction(0, 0) == 130
    assert days.highest_hour[0, 0] == 130_000


def test_what_is_taken_for_a_period(tmp_path, root):
    rows = [
        *rows_of("synthetic-city:临水市", MAY, 6, pm(1)),
        *rows_of("cnemc-city:临水", MAY, 2, pm(10)),
        *rows_of("cnemc-station:1A", MAY, 4, pm(20)),
        *rows_of("cnemc-station:2A", MAY, 4, pm(20)),
    ]
    stored(tmp_path, rows)

    def taken(first, last, **options):
        days = days_of(tmp_path, ["临水市"], first, last, pack=root, **options)
        return days.origins[0].series.id, days.origins[0].basis

    assert taken(MAY, MAY + DAY) == ("cnemc-city", "release")
    assert taken(MAY, MAY + 3 * DAY) == ("cnemc-station", "stations")  # more days of the period
    assert taken(MAY, MAY + 9 * DAY) == ("cnemc-station", "stations")
    assert taken(MAY + 4 * DAY, MAY + 5 * DAY) == ("synthetic-city", "release")  # nothing real has any of it
    assert taken(MAY, MAY + 3 * DAY, basis="release") == ("cnemc-city", "release")
    assert taken(MAY, MAY, basis="stations") == ("cnemc-station", "stations")
    assert taken(MAY, MAY, series="synthetic-city") == ("synthetic-city", "release")
    with pytest.raises(NoOriginError, match="there are: cnemc-city"):
        taken(MAY, MAY, series="daily-city")
    with pytest.raises(ValueError, match="basis 'both'"):
        taken(MAY, MAY, basis="both")
    invented = assess_both(tmp_path, "临水", MAY + 4 * DAY, MAY + 5 * DAY, pack=root)
    assert plain.assessment(invented)["synthetic"] is True
    assert plain.assessment(assess_both(tmp_path, "临水", MAY, MAY, pack=root))["synthetic"] is False


def test_invented_stations_are_there_only_with_invented_data(tmp_path):
    root = pack(tmp_path / "pack", [station("1A")], demo=[station("D1", kind="demonstration")])
    stored(tmp_path, rows_of("cnemc-station:1A", MAY, 1))
    assert [one.code for one in open_shelf(tmp_path, root).network.stations] == ["1A"]
    stored(tmp_path, rows_of("synthetic-station:D1", MAY, 1), "more")
    shelf = open_shelf(tmp_path, root)
    assert [one.code for one in shelf.network.stations] == ["1A", "D1"]
    real, invented = shelf.find("临水").origins
    assert ([one.code for one in real.stations], real.synthetic) == (["1A"], False)
    assert ([one.code for one in invented.stations], invented.synthetic) == (["1A", "D1"], True)


def test_a_table_of_days_beside_hours(tmp_path, root):
    rows = table_of("daily-area:甲县", MAY, [{**all_but("O3"), "O3_8h": 120.0, "O3_1h": 150.0}] * 3)
    stored(tmp_path, [*rows, *rows_of("cnemc-city:临水", MAY, 3)])
    days = days_of(tmp_path, ["甲县", "临水"], MAY, MAY + 2 * DAY, pack=root)
    assert days.places == ("甲县", "临水")
    assert [days.daily["O3"].fraction(n, 1) for n in (0, 1)] == [120, 60]
    assert days.highest_hour[:, 1].tolist() == [150_000, 60_000]
    assert (hours_of(tmp_path, ["甲县"], MAY, MAY, pack=root).values == MISSING).all()
    assert assess_both(tmp_path, "甲县", MAY, MAY + 2 * DAY, pack=root).one.good == 3


# -- periods ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last", "kind"),
    [
        ("2020-02", (2020, 2, 1), (2020, 2, 29), "month"),
        ("2020Q4", (2020, 10, 1), (2020, 12, 31), "quarter"),
        ("2020-H1", (2020, 1, 1), (2020, 6, 30), "half-year"),
        ("2020", (2020, 1, 1), (2020, 12, 31), "year"),
    ],
)
def test_periods_as_texts(text, first, last, kind):
    one = period_named(text)
    assert (one.first, one.last, one.kind) == (dt.date(*first), dt.date(*last), kind)
    assert period_named(one.text) == one


def test_the_same_period_a_year_before_minds_leap_years():
    february = period_named("2020-02")
    assert february.years_before().last == dt.date(2019, 2, 28)
    assert period_named("2021-02").years_before().last == dt.date(2020, 2, 29)
    to_date = Period(dt.date(2020, 1, 1), dt.date(2020, 2, 29))
    assert to_date.years_before().last == dt.date(2019, 2, 28)
    part = Period(dt.date(2021, 2, 10), dt.date(2021, 2, 28))
    assert (part.kind, part.years_before().last) == ("other", dt.date(2020, 2, 28))
    with pytest.raises(NoPeriodError, match="2020Q2"):
        period_named("May 2020")
    for said in ((MAY, MAY, END, None), (None, MAY, None, None), (None, None, None, None), (MAY, None, None, 2020)):
        with pytest.raises(ValueError, match="say a month"):
            period_of(*said)


# -- rankings --------------------------------------------------------------------------------------------------------------

SCOPES = """[[scope]]
id = "all"
zh = "全部"
en = "all"
places = ["临水", "远山", "平川", "高岭", "大河"]
source = "s"
confidence = "V"
"""


@pytest.fixture
def ranked(tmp_path):
    before = dt.date(2019, 5, 1)
    rows = [
        *rows_of("cnemc-city:临水", MAY, 31, pm(45)), *rows_of("cnemc-city:临水", before, 31, pm(60)),
        *rows_of("cnemc-city:远山", MAY, 31, pm(45)), *rows_of("cnemc-city:远山", before, 31, pm(45)),
        *rows_of("cnemc-city:平川", MAY, 20, pm(30)),
        *rows_of("cnemc-city:高岭", MAY, 31, all_but("CO")), *rows_of("cnemc-city:高岭", before, 31),
    ]  # fmt: skip
    return stored(tmp_path / "data", rows), pack(tmp_path / "pack", scopes=SCOPES)


def test_a_ranking_with_ties_the_year_before_and_those_that_are_not_in_it(ranked):
    data, root = ranked
    found = rank_scope(data, "all", MAY, change=True, pack=root)
    rows = plain.ranking(found)
    # index: 20/60 + 30/40 + 0.8/4 + 60/160 + 50/70 + PM2.5/35
    assert [(one["rank"], one["place"], one["composite_index"]) for one in rows] == [
        (1, "平川", 3.23), (2, "临水", 3.66), (2, "远山", 3.66),
    ]  # fmt: skip
    by_name = {one["place"]: one for one in rows}
    base = Fraction(1, 3) + Fraction(3, 4) + Fraction(1, 5) + Fraction(3, 8) + Fraction(5, 7)
    wanted = 100 * (Fraction(45, 35) - Fraction(60, 35)) / (base + Fraction(60, 35))
    assert by_name["临水"]["change_percent"] == float(round(wanted, 1)) == -10.5
    assert (by_name["临水"]["before"]["rank"], by_name["远山"]["before"]["rank"]) == (3, 2)
    assert (by_name["临水"]["change_rank"], by_name["远山"]["change_rank"], by_name["平川"]["change_rank"]) == (
        1,
        2,
        None,
    )
    assert by_name["平川"]["short"] == ["SO2", "NO2", "PM10", "PM2.5"]
    assert (by_name["平川"]["n"]["CO"], by_name["平川"]["expected"]) == (20, 31)
    assert plain.lacking(found) == [
        {"place": "大河", "reason": "no-data", "items": []},
        {"place": "高岭", "reason": "missing", "items": ["CO"]},
    ]
    assert found.before == Period(dt.date(2019, 5, 1), dt.date(2019, 5, 31))


def test_a_ranking_by_improvement_leaves_out_whom_it_cannot_compare(ranked):
    data, root = ranked
    found = rank_scope(data, "all", MAY, by="change", pack=root)
    assert [(row.change_rank, row.now.name) for row in found.rows] == [(1, "临水"), (2, "远山")]
    assert ("平川", "no-before") in [(one.name, one.reason) for one in found.reasons]
    with pytest.raises(ValueError, match="by 'size'"):
        rank_scope(data, "all", MAY, by="size", pack=root)


def test_before_data_begin_and_without_any_data_the_reasons_say_so(ranked, tmp_path):
    data, root = ranked
    early = rank_scope(data, "all", year=2017, change=True, pack=root)
    assert early.rows == ()
    assert {one.reason for one in early.reasons} == {"no-days", "no-data"}
    other = SCOPES.replace('"临水", "远山", "平川", "高岭", "大河"', '"大河"')
    none = rank_scope(data, "all", MAY, by="change", pack=pack(tmp_path / "other", scopes=other))
    assert (none.rows, none.lacking, none.synthetic) == ((), ("大河",), False)


def test_the_order_of_the_scope_does_not_change_ranks(ranked, tmp_path):
    data, root = ranked
    turned = pack(tmp_path / "turned", scopes=SCOPES.replace('"临水", "远山", "平川"', '"平川", "远山", "临水"'))
    one, two = (
        {row["place"]: row for row in plain.ranking(rank_scope(data, "all", MAY, pack=p))} for p in (root, turned)
    )
    assert one == two


# -- comparisons -----------------------------------------------------------------------------------------------------------


def test_gases_of_before_september_2018_are_brought_to_the_state_of_now(tmp_path):
    rows = [
        *rows_of("cnemc-city:远山", dt.date(2018, 5, 1), 31, {**QUIET, "NO2": 40.0, "O3": 100.0}),
        *rows_of("cnemc-city:远山", dt.date(2019, 5, 1), 31, {**QUIET, "NO2": 40.0, "O3": 100.0}),
    ]
    found = compare_years(stored(tmp_path, rows), "远山", dt.date(2019, 5, 1), dt.date(2019, 5, 31))
    factor = Fraction("273.15") / Fraction("298.15")
    assert found.items["NO2"].before == 40 * factor
    assert found.items["O3"].before == 100 * factor
    assert found.items["PM10"].before == 50
    got = plain.comparison(found)
    assert got["converted"] == ["SO2", "NO2", "CO", "O3"]
    assert got["unconverted"] == ["PM10", "PM2.5"]
    assert got["changes"]["NO2"] == {
        "statistic": "mean", "now": 40, "before": 37, "difference": 3.4, "percent": 9.2,
        "days_alike": 31, "percent_days_alike": 9.2, "standing": "sure",
    }  # fmt: skip
    assert got["same_series"] is True


def test_a_year_over_the_change_of_state_converts_only_its_earlier_days(tmp_path):
    rows = [
        *rows_of("cnemc-city:远山", dt.date(2018, 8, 31), 2, {**QUIET, "NO2": 40.0}),
        *rows_of("cnemc-city:远山", dt.date(2019, 8, 31), 2, {**QUIET, "NO2": 40.0}),
    ]
    found = compare_years(stored(tmp_path, rows), "远山", dt.date(2019, 8, 31), dt.date(2019, 9, 1))
    assert found.means["NO2"].before == (40 * Fraction("273.15") / Fraction("298.15") + 40) / 2


def test_what_a_change_rests_on(tmp_path):
    # A year before only the clean half of the month was measured: of the days alike it got better, of all days worse.
    rows = [
        *rows_of("cnemc-city:远山", MAY, 15, pm(20)), *rows_of("cnemc-city:远山", MAY + 15 * DAY, 16, pm(80)),
        *rows_of("cnemc-city:远山", dt.date(2019, 5, 1), 15, pm(30)),
    ]  # fmt: skip
    found = compare_years(stored(tmp_path, rows), "远山", MAY, END)
    got = plain.comparison(found)["changes"]["PM2.5"]
    assert (got["now"], got["before"], got["percent"] > 0) == (51, 30, True)
    assert (got["days_alike"], got["percent_days_alike"], got["standing"]) == (15, -33.3, "turns")
    assert found.items["SO2"].standing == "short"
    assert found.items["CO"].standing == "sure"


def test_without_a_year_before_there_is_no_change(tmp_path):
    got = plain.comparison(
        compare_years(stored(tmp_path, rows_of("cnemc-city:远山", MAY, 3)), "远山", MAY, MAY + 2 * DAY)
    )
    assert got["changes"]["PM2.5"] == {
        "statistic": "mean", "now": 35, "before": None, "difference": None, "percent": None, "days_alike": 0,
        "percent_days_alike": None, "standing": "none",
    }  # fmt: skip
    assert got["composite_index"]["standing"] == "none"
    assert got["before"]["composite_index"] is None
    assert got["good_days"] == {
        "now": 3, "before": 0, "difference": 3, "share_now": 100.0, "share_before": None, "points": None,
    }  # fmt: skip


def test_both_sides_come_from_one_series_where_one_has_both(tmp_path, root):
    year_before = dt.date(2019, 5, 1)
    rows = [
        *rows_of("cnemc-city:临水", MAY, 3),
        *rows_of("cnemc-station:1A", MAY, 3), *rows_of("cnemc-station:2A", MAY, 3),
        *rows_of("cnemc-station:1A", year_before, 3), *rows_of("cnemc-station:2A", year_before, 3),
    ]  # fmt: skip
    found = compare_years(stored(tmp_path, rows), "临水", MAY, MAY + 2 * DAY, pack=root)
    assert found.same_origin
    assert found.now.one.origin.basis == found.before.one.origin.basis == "stations"
    with pytest.raises(ValueError, match="at least one year"):
        compare_years(tmp_path, "临水", MAY, MAY, years=0, pack=root)


def test_laws_side_by_side(tmp_path):
    stored(tmp_path, rows_of("cnemc-city:远山", MAY, 3, pm(61)))
    old, new, last = compare_regimes(tmp_path, "远山", MAY, MAY + 2 * DAY)
    assert [one.one.law.name for one in (old, new, last)] == ["2012", "2026-transition", "2026-final"]
    assert (old.one.good, new.one.good) == (3, 0)
    assert old.one.composite.value < new.one.composite.value < last.one.composite.value


# -- dust ------------------------------------------------------------------------------------------------------------------


def test_dust_is_left_out_of_particles_and_of_figures_and_kept_in_good_days(tmp_path):
    rows = rows_of("cnemc-city:远山", MAY, 30)
    storm = [*rows_of("cnemc-city:远山", END, 1, {**QUIET, "PM10": 981.0}, hours=range(6)),
             *rows_of("cnemc-city:远山", END, 1, hours=range(6, 24))]  # fmt: skip
    stored(tmp_path, [*rows, *storm])
    shelf, store = open_shelf(tmp_path), store_of(tmp_path)
    begin = dt.datetime.combine(END, dt.time(), ZONE)
    entry = Entry("远山", begin, begin + dt.timedelta(hours=6), "notice 1")
    (done,), receipt = write_entries(store, shelf, [entry], actor="office", key="k1")
    assert (done.flags, receipt.rows) == (12, 12)  # six hours of two kinds of particles
    both = assess_both(tmp_path, "远山", MAY, END)
    assert (both.dust_hours, both.dust_days, both.shown) == (6, (END,), "raw")
    # 30 days of 50 and one of (6*981 + 18*50)/24 = 282.75; without six hours the day has 18 and is not valid
    assert both.raw.items["PM10"].mean == (30 * 50 + Fraction(28275, 100)) / 31
    assert (both.deducted.items["PM10"].mean, both.deducted.items["PM10"].days) == (50, 30)
    assert (both.deducted.items["SO2"].mean, both.deducted.items["SO2"].days) == (20, 31)
    assert (both.raw.good, both.deducted.good, both.good_deducted.good, both.good_deducted.n) == (30, 30, 31, 31)
    got = plain.assessment(assess_both(tmp_path, "远山", MAY, END, dust="deducted"))
    assert got["items"]["PM10"]["mean"] == got["dust"]["deducted"]["means"]["PM10"] == 50
    assert got["dust"]["raw"]["means"]["PM10"] == 58
    assert got["dust"]["good_days_without_dust"] == {"good": 31, "n": 31, "good_share": 100.0}
    assert (got["days"]["good"], got["dust"]["basis"], got["dust"]["hours"]) == (30, "deducted", 6)


def test_dust_before_there_was_a_rule(tmp_path):
    stored(tmp_path, rows_of("cnemc-city:远山", dt.date(2016, 5, 1), 2))
    assert assess_both(tmp_path, "远山", dt.date(2016, 5, 1), dt.date(2016, 5, 2)).dust_hours == 0
    with pytest.raises(OutOfForceError):
        assess_both(tmp_path, "远山", dt.date(2016, 5, 1), dt.date(2016, 5, 2), dust="deducted")
    with pytest.raises(ValueError, match="dust 'none'"):
        assess_both(tmp_path, "远山", dt.date(2016, 5, 1), dt.date(2016, 5, 2), dust="none")


def test_a_list_is_taken_back_by_appending(tmp_path):
    stored(tmp_path, rows_of("cnemc-city:远山", MAY, 2))
    store = store_of(tmp_path)
    begin = dt.datetime.combine(MAY, dt.time(9), ZONE)
    entry = Entry("远山", begin, begin + dt.timedelta(hours=2), "notice 1")
    write_entries(store, open_shelf(tmp_path), [entry], actor="office", key="k1")
    again, receipt = write_entries(store, open_shelf(tmp_path), [entry], actor="office", key="k2")
    assert (again[0].flags, again[0].already, receipt) == (0, 4, None)
    (one,) = listed(open_shelf(tmp_path), Period(MAY, MAY))
    assert (one.begin, one.hours, one.reason, one.who, one.values) == (begin, 2, "notice 1", "office", 4)
    known = store.reader().version().horizon
    (back,), _ = write_entries(
        store, open_shelf(tmp_path), [entry], actor="chief", key="k3", retract=True, reason="not in the final list"
    )
    assert (back.flags, back.already) == (4, 0)
    assert listed(open_shelf(tmp_path), Period(MAY, MAY)) == ()
    assert assess_both(tmp_path, "远山", MAY, MAY).dust_hours == 0
    assert assess_both(tmp_path, "远山", MAY, MAY, as_known_on=known).dust_hours == 2


def test_dust_of_a_place_reaches_its_stations_and_only_whole_days_of_tables(tmp_path, root):
    rows = [
        *rows_of("cnemc-station:1A", MAY, 2), *rows_of("cnemc-station:2A", MAY, 2),
        *table_of("daily-city:临水市", MAY, [QUIET, QUIET]),
    ]  # fmt: skip
    stored(tmp_path, rows)
    begin = dt.datetime.combine(MAY, dt.time(20), ZONE)
    (done,), _ = write_entries(
        store_of(tmp_path), open_shelf(tmp_path, root), [Entry("临水", begin, begin + dt.timedelta(hours=10), "n")],
        actor="a", key="k",
    )  # fmt: skip
    # 10 hours x 2 stations x 2 particles; of the table the second day loses 6 hours (18 left), the first only 4
    assert (done.flags, done.days_kept) == (40 + 2, 2)
    assert assess_both(tmp_path, "临水", MAY, MAY + DAY, pack=root, basis="stations").dust_hours == 10
    table = assess_both(tmp_path, "临水", MAY, MAY + DAY, pack=root, series="daily-city")
    assert (table.deducted.items["PM10"].days, table.raw.items["PM10"].days) == (1, 2)
