"""Dated tables: the ambient limits against a table typed apart from the data file, and every refusal."""

import datetime as dt
import doctest
from decimal import Decimal

import pytest

from lantian.standards import tables
from lantian.standards.tables import (
    Confidence,
    NoSuchEntryError,
    OutOfForceError,
    TableError,
    read_table,
    table,
)

# pollutant, period, then grade I/II to 2026-02-28, to 2030-12-31, after; CO in mg/m3, the rest in µg/m3
INDEPENDENT = """
SO2    year  20/60 20/60 20/20
SO2    day  50/150 50/150 50/50
SO2    hour 150/500 150/500 150/150
NO2    year  40/40 40/40 30/30
NO2    day   80/80 80/80 50/50
NO2    hour 200/200 200/200 200/200
CO     day  4/4 4/4 4/4
CO     hour 10/10 10/10 10/10
O3     8h   100/160 100/160 100/160
O3     hour 160/200 160/200 160/200
PM10   year 40/70 40/60 20/50
PM10   day  50/150 50/120 50/100
PM2.5  year 15/35 15/30 10/25
PM2.5  day  35/75 35/60 25/50
TSP    year 80/200 80/200 80/200
TSP    day  120/300 120/300 120/300
NOx    year 50/50 50/50 40/40
NOx    day  100/100 100/100 70/70
NOx    hour 250/250 250/250 250/250
Pb     year 0.5/0.5 0.5/0.5 0.5/0.5
Pb     quarter 1/1 1/1 1/1
BaP    year 0.001/0.001 0.001/0.001 0.001/0.001
BaP    day  0.0025/0.0025 0.0025/0.0025 0.0025/0.0025
"""
DAYS = [
    (dt.date(2016, 1, 1), dt.date(2026, 2, 28)),
    (dt.date(2026, 3, 1), dt.date(2030, 12, 31)),
    (dt.date(2031, 1, 1), dt.date(2099, 1, 1)),
]


def _expected() -> dict[tuple[str, str, str, int], Decimal]:
    found = {}
    for line in INDEPENDENT.split("\n"):
        if line:
            pollutant, period, *editions = line.split()
            for number, edition in enumerate(editions):
                for grade, value in zip(("I", "II"), edition.split("/"), strict=True):
                    found[pollutant, period, grade, number] = Decimal(value)
    return found


def test_ambient_limits_agree_with_the_independent_table() -> None:
    limits, expected = table("ambient_limits"), _expected()
    assert len(list(limits)) == len(expected) == 23 * 2 * 3
    for (pollutant, period, grade, number), value in expected.items():
        for day in DAYS[number]:
            row = limits.at(day, pollutant=pollutant, period=period, grade=grade)
            assert (row.value, row.unit) == (value, "mg/m3" if pollutant == "CO" else "µg/m3")
            assert row.confidence is Confidence.VERIFIED
            assert row.source.startswith("GB 3095-")


def test_the_limit_changes_on_its_day_and_not_before() -> None:
    pm25 = {"pollutant": "PM2.5", "period": "year", "grade": "II"}
    values = [table("ambient_limits").at(day, **pm25).value for pair in DAYS for day in pair]
    assert values == [35, 35, 30, 30, 25, 25]


def test_asking_outside_every_interval_says_which_are_known() -> None:
    with pytest.raises(OutOfForceError, match=r"pollutant=CO.*2015-12-31.*2016-01-01\.\.2026-02-28"):
        table("ambient_limits").at(dt.date(2015, 12, 31), pollutant="CO", period="day", grade="I")


def test_wrong_questions_are_refused() -> None:
    limits = table("ambient_limits")
    with pytest.raises(NoSuchEntryError, match="pollutant=PM10, period=hour"):
        limits.at(dt.date(2020, 1, 1), pollutant="PM10", period="hour", grade="II")
    with pytest.raises(TypeError, match="asked by pollutant, period, grade"):
        limits.at(dt.date(2020, 1, 1), pollutant="PM10")
    with pytest.raises(TypeError, match="time zone"):
        limits.at(dt.datetime(2020, 1, 1, 12), pollutant="PM10", period="day", grade="II")
    for name in ("no_such", "../secrets"):
        with pytest.raises(NoSuchEntryError, match="no table"):
            table(name)


SMALL = """
[table]
name = "small"
keys = ["what"]
[[set]]
id = "first"
source = "S 1"
from = 2020-01-01
until = 2020-12-31
confidence = "R-M"
unit = "%"
clause = "1"
rows = [{ what = "a", value = 1.50 }]
[[set]]
id = "second"
source = "S 2"
from = 2021-01-01
confidence = "V"
unit = "%"
clause = "2"
rows = [{ what = "a", value = 2, note = "n" }]
"""


def test_values_stay_exact_and_rows_inherit_from_their_set() -> None:
    row = read_table(SMALL).at(dt.date(2020, 6, 1), what="a")
    assert str(row.value) == "1.50"
    assert (row.source, row.edition, row.confidence.value, row.clause) == ("S 1", "first", "R-M", "1")
    assert [one.note for one in read_table(SMALL).history(what="a")] == ["", "n"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("from = 2021-01-01", "from = 2020-12-31", r"row a: first .* overlaps second"),
        ("from = 2021-01-01\n", "", r"overlaps"),
        ("until = 2020-12-31", "until = 2019-12-31", r"from 2020-01-01 is after until 2019-12-31"),
        ("from = 2021-01-01", "from = 2021-01-01T00:00:00", r"from must be a date"),
        ('unit = "%"', 'unit = "斤"', r"unknown unit '斤'"),
        ('unit = "%"', 'unit = "percent"', r"must be written by its code '%'"),
        ('confidence = "V"', 'confidence = "sure"', r"'sure' is not a valid Confidence"),
        ("value = 2", 'value = "2"', r"value must be a number"),
        ("value = 2", "value = nan", r"value must be finite"),
        ('clause = "2"\n', "", r"missing field clause"),
        ('note = "n"', 'remark = "n"', r"unknown field remark"),
        ('source = "S 2"\n', "", r"set second, row 1: missing field source"),
    ],
)
def test_a_faulty_table_is_refused_at_load(old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(TableError, match=message):
        read_table(SMALL.replace(old, new))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(TableError) as caught:
        read_table(SMALL.replace('unit = "%"', 'unit = "斤"'))
    assert len(caught.value.faults) == 2


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(tables).failed == 0
