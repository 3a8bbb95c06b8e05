"""Law by date: regimes, rule books, and that every number of every file has its source."""

import datetime as dt
import doctest
import tomllib
from decimal import Decimal
from importlib import resources

import pytest

from lantian.standards import pollutants, provenance, regimes
from lantian.standards.pollutants import (
    UnknownPollutantError,
    core_codes,
    in_own_unit,
    item,
    pollutant,
)
from lantian.standards.provenance import Cited, merged
from lantian.standards.provenance import provenance as listed
from lantian.standards.regimes import (
    NoSuchRegimeError,
    SpansChangeError,
    UnknownDateError,
    regime_at,
    regime_for,
    regime_named,
    split_by_regime,
)
from lantian.standards.rules import Rule, read_rules, rule_book
from lantian.standards.tables import Confidence, NoSuchEntryError, OutOfForceError, TableError, table
from lantian.standards.units import IncompatibleUnitsError

BOOKS = ["aqi_rules", "assessment", "dust", "ranking", "stack_rules"]
TABLES = [
    "stack_limits",
    "stack_oxygen",
    "ambient_limits", "ambient_reference_limits", "composite_limits", "composite_weights", "iaqi_breakpoints",
    "reference_states", "validity",
]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (dt.date(2016, 1, 1), "2012"),
        (dt.date(2026, 2, 28), "2012"),
        (dt.date(2026, 3, 1), "2026-transition"),
        (dt.date(2030, 12, 31), "2026-transition"),
        (dt.date(2031, 1, 1), "2026-final"),
        (dt.date(2099, 1, 1), "2026-final"),
    ],
)
def test_the_regime_changes_on_its_day(day: dt.date, name: str) -> None:
    assert regime_at(day).name == name
    assert regime_at(day) is regime_named(name)


def test_there_is_no_law_without_a_date() -> None:
    with pytest.raises(TypeError):
        regime_at()  # type: ignore[call-arg]
    for wrong in (None, "2020-01-01", dt.datetime(2020, 1, 1)):
        with pytest.raises(TypeError, match="by local date"):
            regime_at(wrong)  # type: ignore[arg-type]
    with pytest.raises(UnknownDateError, match=r"2015-12-31.*2016-01-01"):
        regime_at(dt.date(2015, 12, 31))
    with pytest.raises(NoSuchRegimeError, match="2012, 2026-transition, 2026-final"):
        regime_named("now")


def test_a_period_that_spans_a_change_is_refused_or_cut() -> None:
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    with pytest.raises(SpansChangeError, match=r"on 2026-03-01.*'2012', '2026-transition'"):
        regime_for(first, last)
    parts = [(law.name, start, end) for law, start, end in split_by_regime(first, last)]
    assert parts == [
        ("2012", first, dt.date(2026, 2, 28)),
        ("2026-transition", dt.date(2026, 3, 1), last),
    ]
    assert regime_for(dt.date(2020, 1, 1), dt.date(2020, 12, 31)).name == "2012"
    assert len(split_by_regime(dt.date(2020, 1, 1), dt.date(2040, 1, 1))) == 3
    with pytest.raises(ValueError, match=r"ends .* before it begins"):
        regime_for(last, first)
    with pytest.raises(UnknownDateError):
        regime_for(dt.date(2015, 1, 1), dt.date(2016, 2, 1))


def test_a_regime_finds_the_editions_that_its_file_names() -> None:
    for law in regimes.regimes():
        assert {one.edition for one in law.limits()} == {law.limits_set}
        assert law.index_rules.name == law.aqi_set
        assert law.assessment_rules.name == law.assessment_set
        assert len(law.limits()) == 46
        limits = [one for one in table("composite_limits") if one.edition == law.composite_set]
        assert {one.key[0] for one in limits} == set(core_codes())
        for books in (law.index_rules, law.assessment_rules):
            assert books.start <= law.start
            assert books.until is None or (law.until is not None and law.until <= books.until)


def test_limits_of_the_composite_index_are_those_of_grade_two() -> None:
    for law in regimes.regimes():
        for code in core_codes():
            period = {"CO": "day", "O3": "8h"}.get(code, "year")
            composite = table("composite_limits").at(law.start, pollutant=code)
            limit = law.limit(code, period, "II")
            assert (composite.value, composite.unit) == (limit.value, limit.unit)


def _every() -> list[Cited]:
    rows: list[Cited] = [row for name in TABLES for row in table(name)]
    return rows + [rule for name in BOOKS for one in rule_book(name).editions for rule in one]


def test_every_number_has_its_clause_source_interval_and_confidence() -> None:
    text = resources.files("lantian.standards").joinpath("data/sources.toml").read_text(encoding="utf-8")
    known = {one["name"] for one in tomllib.loads(text)["source"]}
    for one in _every():
        assert one.clause, one
        assert one.source in known, one
        assert one.start, one
        assert isinstance(one.confidence, Confidence)
        assert isinstance(one, Cited)


def test_what_was_not_read_is_not_called_verified() -> None:
    """The text of HJ 663-2026 was not seen: nothing may say that it was read there."""
    for one in _every():
        if one.source == "HJ 663-2026":
            assert one.confidence in (Confidence.ONE_SOURCE, Confidence.RECALLED_LOW), one
    weights = [one for one in table("composite_weights") if one.key[0] == "weighted-2026"]
    assert {one.confidence for one in weights} == {Confidence.ONE_SOURCE}
    assert all(one.note.startswith("UNCERTAIN") for one in weights)


def test_provenance_is_plain_data() -> None:
    law = regime_named("2026-transition")

    class Figure:
        used = merged([law.limit("PM2.5", "year", "II")], [law.limit("PM2.5", "year", "II")])

    assert listed(Figure()) == [
        {
            "key": ["PM2.5", "year", "II"], "value": "30", "unit": "µg/m3", "clause": "table 1",
            "source": "GB 3095-2026, limits of the transition period", "edition": "gb3095-2026-transition",
            "from": "2026-03-01", "until": "2030-12-31", "confidence": "V", "note": "",
        }
    ]  # fmt: skip


# -- rule books -----------------------------------------------------------------------------------------------------
SMALL = """
[rules]
name = "small"
[[set]]
id = "first"
source = "S"
from = 2020-01-01
until = 2020-12-31
confidence = "R-M"
rules = [
  { key = "a", value = 1.5, unit = "%", clause = "1" },
  { key = "b", value = ["x", "y"], clause = "1" },
  { key = "c", value = true, clause = "2", confidence = "V" },
]
[[set]]
id = "second"
source = "S"
from = 2021-01-01
confidence = "V"
rules = [{ key = "a", value = "word", clause = "1" }]
"""


def test_rules_keep_their_kind() -> None:
    book = read_rules(SMALL)
    first = book.at(dt.date(2020, 6, 1))
    assert (first.number("a"), first.names("b"), first.rule("c").value) == (Decimal("1.5"), ("x", "y"), True)
    assert book.at(dt.date(2021, 1, 1)).text("a") == "word"
    assert isinstance(first.get("c"), Rule)
    assert "d" not in first
    assert first.get("d") is None
    for call, message in (
        (lambda: first.number("b"), "is no number"),
        (lambda: first.whole("a"), "no whole number"),
        (lambda: first.text("a"), "is no word"),
        (lambda: first.names("a"), "is no list"),
    ):
        with pytest.raises(TypeError, match=message):
            call()
    with pytest.raises(NoSuchEntryError, match="no rule 'd'"):
        first.number("d")
    with pytest.raises(OutOfForceError, match=r"known intervals: 2020-01-01\.\.2020-12-31, 2021-01-01\.\.…"):
        book.at(dt.date(2019, 1, 1))
    with pytest.raises(TypeError, match="local date"):
        book.at(dt.datetime(2020, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("from = 2021-01-01", "from = 2020-12-31", "first overlaps second"),
        ('unit = "%", ', "", "unknown unit"),
        ('value = true, clause = "2"', 'value = true, unit = "%", clause = "2"', "only a number has a unit"),
        ('key = "b"', 'key = "a"', "is there twice"),
        ('clause = "2", ', "", "missing field clause"),
        ('key = "c"', 'key = "c", extra = 1', "unknown field extra"),
        ('value = ["x", "y"]', "value = []", "must be a number"),
        ('confidence = "V" }', 'confidence = "sure" }', "not a valid Confidence"),
    ],
)
def test_faults_of_a_rule_book_are_found_at_load(old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(TableError, match=message):
        read_rules(SMALL.replace(old, new))


def test_unknown_books() -> None:
    for name in ("no_such", "../x"):
        with pytest.raises(NoSuchEntryError):
            rule_book(name)


# -- pollutants -----------------------------------------------------------------------------------------------------
CODES = "SO2 a21026, NO2 a21004, CO a21005, O3 a05024, PM10 a34002, PM2.5 a34004, NOx a21002, TSP a34001"


def test_codes_of_the_device_protocol() -> None:
    for pair in CODES.split(", "):
        code, factor = pair.split()
        assert pollutant(factor).code == pollutant(code.lower()).code == code
        assert pollutant(code).hj212 == factor


def test_items_and_units() -> None:
    assert (item("o3_8h").code, item("PM25_24h").period, item("CO_1h").pollutant) == ("O3_8h", "day", "CO")
    with pytest.raises(UnknownPollutantError, match="no averaging time"):
        item("O3")
    with pytest.raises(UnknownPollutantError, match="unknown pollutant 'XY'"):
        item("XY_1h")
    assert in_own_unit("PM2.5", "0.035", "mg/m³") == 35
    assert in_own_unit("CO", "1.2") == Decimal("1.2")
    with pytest.raises(IncompatibleUnitsError):
        in_own_unit("SO2", 5, "ppm")


@pytest.mark.parametrize("module", [regimes, pollutants, provenance])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
