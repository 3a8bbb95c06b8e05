"""From a file to figures: days, statistics, validity, attainment, index, ranking; each checked by hand or by another way."""

import datetime as dt
from fractions import Fraction

import pytest

from lantian.air.assessing import plain
from lantian.air.assessing.ask import assess_both, assess_place, rank_scope
from lantian.air.assessing.places import UnknownPlaceError, bare, resolve
from lantian.air.assessing.scopes import ScopeFileError, UnknownScopeError, read_scopes, scope_named
from lantian.air.reading.importing import RefusedError, look, store_in
from lantian.air.reading.importing import write as write_into
from lantian.air.tests.files import QUIET, days_of, hours_of, line, write
from lantian.observations.errors import StoreError
from lantian.standards.regimes import SpansChangeError

MAY = dt.date(2020, 5, 1)


def imported(tmp_path, lines, **options):
    found = look(write(tmp_path / "a.csv", lines), "cnemc-city-hourly")
    return write_into(found, store_in(tmp_path), **options)


def assessed(tmp_path, place, first, last, **options):
    return plain.assessment(assess_both(tmp_path, place, first, last, **options))


def test_a_file_is_written_once(tmp_path):
    rows = hours_of(MAY, "甲")
    assert imported(tmp_path, rows).rows == 144
    again = imported(tmp_path, rows)
    assert again.repeated
    assert again.version == 1


def test_bad_values_stop_the_file_unless_they_may_be_left_out(tmp_path):
    rows = [*hours_of(MAY, "甲", hours=range(1, 24)), line("2020-05-02 00:00:00", "甲", ("-1", *QUIET[1:]))]
    with pytest.raises(RefusedError, match="1 faults"):
        imported(tmp_path, rows)
    assert imported(tmp_path, rows, skip_bad=True).rows == 143


def test_a_correction_is_read_and_the_old_value_is_still_known(tmp_path):
    first = imported(tmp_path, hours_of(MAY, "甲"))
    imported(tmp_path, hours_of(MAY, "甲", ("59", *QUIET[1:])))
    now, _ = assess_place(tmp_path, "甲", MAY, MAY)
    then, _ = assess_place(tmp_path, "甲", MAY, MAY, as_known_on=first.known_at)
    assert (now.items["PM2.5"].mean, then.items["PM2.5"].mean) == (59, 35)


def test_a_day_is_its_hours_one_to_twenty_four(tmp_path):
    """Hour 24, labelled 00:00 of the day after, belongs to the day; the day's own 00:00 to the day before."""
    imported(tmp_path, [*hours_of(MAY, "甲"), line("2020-05-01 00:00:00", "甲", ("900", *QUIET[1:]))])
    got = assessed(tmp_path, "甲", MAY, MAY)
    assert got["items"]["PM2.5"]["mean"] == 35
    assert got["items"]["PM2.5"]["hours"] == 24


def test_a_day_of_too_few_hours_does_not_count(tmp_path):
    """A mean needs 20 hours; ozone 14 windows of which each has 6 hours: 18 hours make 13 of them, 19 make 14."""
    for day, last in ((1, 18), (2, 19), (3, 20)):
        imported(tmp_path, hours_of(dt.date(2020, 5, day), "甲", hours=range(1, last + 1)))
    got = assessed(tmp_path, "甲", MAY, dt.date(2020, 5, 3))
    item = got["items"]["SO2"]
    assert (item["n"], item["expected"], item["hours"], item["capture"]) == (1, 3, 57, 79.2)
    assert got["items"]["O3"]["n"] == 2
    assert (got["days"]["n"], got["days"]["incomplete"]) == (2, 1)


def test_days_by_level_and_primary_pollutant(tmp_path):
    """2012: PM2.5 of 35 is an index of 50, 75 of 100, 76 of 102, 151 of 201."""
    rows = []
    for number, pm25 in enumerate(["35", "75", "76", "151"]):
        rows += hours_of(MAY + dt.timedelta(days=number), "甲", (pm25, *QUIET[1:]))
    imported(tmp_path, rows)
    days = assessed(tmp_path, "甲", MAY, dt.date(2020, 5, 5))["days"]
    assert days["expected"] == 5
    assert (days["n"], days["good"], days["good_share"], days["heavy"]) == (4, 2, 50.0, 1)
    assert days["levels"] == {"1": 1, "2": 1, "3": 1, "5": 1}
    assert days["primary"]["PM2.5"] == 3


def test_figures_of_a_month_and_its_index(tmp_path):
    imported(tmp_path, days_of(MAY, 31, "甲"))
    got = assessed(tmp_path, "甲", MAY, dt.date(2020, 5, 31))
    assert {code: one["mean"] for code, one in got["items"].items()} == {
        "SO2": 20, "NO2": 30, "CO": 0.8, "O3": 60, "PM10": 50, "PM2.5": 35,
    }  # fmt: skip
    whole = Fraction(20, 60) + Fraction(30, 40) + Fraction(8, 40) + Fraction(60, 160) + Fraction(50, 70) + 1
    assert got["composite"]["index"] == float(round(whole, 2)) == 3.37
    assert got["composite"]["main"] == ["PM2.5"]
    assert sum(got["composite"]["share"].values()) == pytest.approx(100, abs=0.3)
    assert got["so2_class"] == "I"
    assert got["attainment"]["attains"] is True
    assert got["attainment"]["whole_year"] is False
    assert got["items"]["PM2.5"]["short_months"] == []
    assert (got["regime"], got["rule_version"], got["dust"]["basis"]) == ("2012", "air-2", "raw")
    assert got["uncertain"]["hj663-2013/decimals.default"] == "R-M"


def test_a_month_with_too_few_days_is_named(tmp_path):
    imported(tmp_path, days_of(MAY, 26, "甲"))
    got = assessed(tmp_path, "甲", MAY, dt.date(2020, 6, 15))
    assert got["items"]["PM10"]["short_months"] == ["2020-05"]
    assert got["items"]["CO"]["short_months"] == []  # the law has no such number for it


def test_another_law_and_a_change_of_the_law(tmp_path):
    imported(tmp_path, days_of(dt.date(2026, 2, 27), 4, "甲", ("61", *QUIET[1:])))
    with pytest.raises(SpansChangeError, match="2026-transition"):
        assess_place(tmp_path, "甲", dt.date(2026, 2, 27), dt.date(2026, 3, 2))
    old = assessed(tmp_path, "甲", dt.date(2026, 2, 27), dt.date(2026, 3, 2), regime="2012")
    new = assessed(tmp_path, "甲", dt.date(2026, 2, 27), dt.date(2026, 3, 2), regime="2026-transition")
    assert (old["days"]["good"], new["days"]["good"]) == (4, 0)
    assert new["standards"]["index"] == "HJ 633-2026"


def test_without_data_there_are_no_figures(tmp_path):
    imported(tmp_path, hours_of(MAY, "甲"))
    got = assessed(tmp_path, "甲", dt.date(2020, 7, 1), dt.date(2020, 7, 2))
    assert got["composite"] is None
    assert got["items"]["PM2.5"] | {"unit": ""} == {
        "unit": "", "mean": None, "percentile": None, "percent": 95, "n": 0, "expected": 2, "hours": 0,
        "capture": 0.0, "stations": None, "short_months": [], "year_valid": None,
    }  # fmt: skip
    assert (got["days"]["n"], got["days"]["good_share"], got["so2_class"]) == (0, None, None)
    assert got["attainment"]["attains"] is None


def test_a_store_must_be_there(tmp_path):
    with pytest.raises(StoreError, match="first import"):
        assess_place(tmp_path, "甲", MAY, MAY)


def test_names_of_places():
    known = ["临水", "临山", "甲县"]
    assert [resolve(one, known) for one in ("临水", "临水市", " 临山地区 ", "甲县")] == ["临水", "临水", "临山", "甲县"]
    with pytest.raises(UnknownPlaceError, match="near names: 临山, 临水"):
        resolve("临氺市", known)
    with pytest.raises(UnknownPlaceError, match="no data at all"):
        resolve("临水", [])
    with pytest.raises(UnknownPlaceError) as error:
        resolve("临水", ["临水市", "临水县"])
    assert error.value.near == ("临水市", "临水县")
    assert bare("市") == "市"


PACK = '[[scope]]\nid = "three"\nzh = "三城"\nen = "three"\nplaces = ["甲山市", "乙水", "丙谷", "丁川"]\nsource = "s"\nconfidence = "V"\n'


@pytest.fixture
def pack(tmp_path, monkeypatch):
    folder = tmp_path / "cities" / "mine"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text("")
    (folder / "scopes.toml").write_text(PACK, encoding="utf-8")
    monkeypatch.setenv("LANTIAN_CITIES", str(folder.parent))
    return folder


def test_equal_indices_share_a_rank(tmp_path, pack):
    days = dt.date(2020, 4, 1), 30
    rows = [*days_of(*days, "甲山", ("45", *QUIET[1:])), *days_of(*days, "乙水", ("45", *QUIET[1:]))]
    rows += [*days_of(*days, "丙谷", ("70", *QUIET[1:])), *days_of(*days, "戊", QUIET)]
    imported(tmp_path, rows)
    found = rank_scope(tmp_path, "three", days[0])
    got = plain.ranking(found)
    assert [(one["rank"], one["place"], one["composite_index"]) for one in got] == [
        (1, "甲山", 3.66), (1, "乙水", 3.66), (3, "丙谷", 4.37),
    ]  # fmt: skip
    assert got[0]["means"] == {"SO2": 20, "NO2": 30, "CO": 0.8, "O3": 60, "PM10": 50, "PM2.5": 45}
    assert got[0]["n"]["PM2.5"] == got[0]["expected"] == 30
    assert found.lacking == ("丁川",)


def test_scopes_are_checked(pack):
    assert scope_named("three").places == ("甲山市", "乙水", "丙谷", "丁川")
    with pytest.raises(UnknownScopeError, match="there are: three"):
        scope_named("four")
    file = pack / "scopes.toml"
    file.write_text(PACK.replace("confidence", "confidenze"), encoding="utf-8")
    with pytest.raises(ScopeFileError, match="confidenze"):
        read_scopes(file)
    file.write_text(PACK.replace("乙水", "丙谷"), encoding="utf-8")
    with pytest.raises(ScopeFileError, match="twice"):
        read_scopes(file)
    file.write_text("no toml", encoding="utf-8")
    with pytest.raises(ScopeFileError, match=r"scopes\.toml"):
        read_scopes(file)


def test_a_drift_of_the_zero_is_judged_as_zero(tmp_path):
    """Hours below zero are valid within the instrument's drift: the mean is shown as it is, index and limits take 0."""
    from lantian.air.tests.measured import put, rows

    put(tmp_path, "a", rows(MAY, 3, "甲", SO2=-1, O3=-2))
    got, _ = assess_place(tmp_path, "甲", MAY, dt.date(2020, 5, 3))
    assert got.items["SO2"].mean == -1
    assert [one.index.iaqi["SO2"] for one in got.days] == [0, 0, 0]
    assert got.attainment.items["SO2"].comparisons[0].value == 0
    assert (got.class_of_so2, got.composite.singles["SO2"]) == ("I", 0)
