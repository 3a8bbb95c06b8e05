"""Every rule on hours made by hand: what it must mark, what it must leave alone, and properties that hold for all."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.air.assessing.hours import rules_text
from lantian.air.quality import registry
from lantian.air.quality.block import Block, run_lengths
from lantian.air.quality.checking import check, gaps
from lantian.air.quality.episodes import Flagged, episodes
from lantian.air.quality.flags import automatic, by_rule, flags, void_names
from lantian.air.quality.reasons import Reason, in_words, read
from lantian.air.quality.registry import quality_rule, reach, rules, settings_of
from lantian.air.quality.tests.planting import POLLUTANTS, everyone_else, planted, quiet
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes


def hours(code, numbers, *, days=6, at=60, beside=None, decimals=3):
    """A block of one subject: `code` has an ordinary zigzag, and `numbers` from hour `at` on."""
    base = {"SO2": 20, "NO2": 30, "CO": 1, "O3": 60, "PM10": 90, "PM2.5": 40}
    values = np.empty((1, len(POLLUTANTS), days * 24), dtype=np.int64)
    for row, name in enumerate(POLLUTANTS):
        wave = np.arange(days * 24) % 2 * base[name] * 50
        values[0, row] = base[name] * 1000 + wave
    for name, given_ in {code: numbers, **(beside or {})}.items():
        row = values[0, POLLUTANTS.index(name)]
        row[at : at + len(given_)] = [MISSING if one is None else round(one * 1000) for one in given_]
    return Block(("s",), POLLUTANTS, values)


def marked(block, flag, code):
    """Hours (counted from 60) of a pollutant that have a flag."""
    return [f.hour - 60 for f in check(block) if f.flag == flag and POLLUTANTS[f.pollutant] == code]


def test_ordinary_hours_have_no_flag():
    assert check(hours("SO2", [])) == []


@pytest.mark.parametrize(
    ("value", "flag"),
    [(1000, None), (1000.001, "auto.range"), (10000, "auto.range"), (10001, "auto.impossible")],
)
def test_range(value, flag):
    found = {f.flag for f in check(hours("PM10", [value])) if f.flag in {"auto.range", "auto.impossible"}}
    assert found == ({flag} if flag else set())


@pytest.mark.parametrize(
    ("value", "flag"), [(0, None), (-0.001, "auto.negative"), (-14, "auto.negative"), (-14.001, "auto.impossible")]
)
def test_negative_within_the_drift_of_the_zero_is_suspect_and_beyond_it_void(value, flag):
    found = {f.flag for f in check(hours("SO2", [value]))}
    assert found == ({flag} if flag else set())


def test_an_impossible_value_is_no_input_of_other_rules():
    """A single hour of 12,000 is no spike to the rules that come after: it is void already."""
    assert {f.flag for f in check(hours("PM10", [12000]))} == {"auto.impossible"}


def test_pm25_above_pm10_marks_both():
    block = hours("PM2.5", [95, 90.001, 90], beside={"PM10": [90, 90, 90]})
    assert marked(block, "auto.order", "PM2.5") == marked(block, "auto.order", "PM10") == [0, 1]
    (one, *_) = [f for f in check(block) if f.flag == "auto.order"]
    assert one.reason == "order qc-1: fine=95; coarse=90"


@pytest.mark.parametrize(("code", "value", "length", "stuck"), [
    ("PM10", 130, 7, True), ("PM10", 130, 6, False), ("SO2", 30, 8, True), ("SO2", 9, 23, False), ("SO2", 9, 24, True),
])  # fmt: skip
def test_stuck(code, value, length, stuck):
    assert marked(hours(code, [value] * length), "auto.stuck", code) == (list(range(length)) if stuck else [])


def test_missing_hours_are_not_stuck_and_end_a_run():
    assert marked(hours("PM10", [None] * 30), "auto.stuck", "PM10") == []
    assert marked(hours("PM10", [130] * 4 + [None] + [130] * 4), "auto.stuck", "PM10") == []


@pytest.mark.parametrize(("numbers", "where"), [
    ([20, 90, 20], [1]), ([20, 90, 95, 20], [1, 2]), ([20, 90, 95, 90, 20], []), ([20, 70, 20], []),
    ([200, 205, 100, 205, 200], [2]), ([20, 40, 60, 80, 100, 80, 60, 40], []),
])  # fmt: skip
def test_spike(numbers, where):
    """Up or down for one or two hours by more than 60; three hours, or a slope, are none."""
    lead = [numbers[0]] * 0
    block = hours("SO2", [*lead, *numbers])
    if numbers[0] == 200:
        block.values[0, POLLUTANTS.index("SO2")] += 180_000
        block.values[0, POLLUTANTS.index("SO2"), 60:65] = [n * 1000 for n in numbers]
    assert marked(block, "auto.spike", "SO2") == where


def test_a_spike_is_measured_by_the_usual_change_of_the_hours_around():
    """The same step is ordinary where every hour moves by 30."""
    block = hours("PM2.5", [40, 140, 40])
    assert marked(block, "auto.spike", "PM2.5") == [1]
    row = block.values[0, POLLUTANTS.index("PM2.5")]
    row += (np.arange(row.size) % 2 * 30_000).astype(np.int64)
    assert marked(block, "auto.spike", "PM2.5") == []


def test_unlike_neighbours_only_when_it_lasts_and_is_unusual():
    values = np.repeat(hours("SO2", []).values, 4, axis=0)

    def found(change):
        block = Block(tuple("abcd"), POLLUTANTS, values.copy(), everyone_else(4))
        change(block.values[0, 0])
        return sorted(f.hour for f in check(block) if f.flag == "auto.neighbours" and f.subject == 0)

    def hours_of(length):
        def change(row):
            row[60 : 60 + length] = 120_000 + np.arange(length) * 1000

        return change

    assert found(hours_of(3)) == [60, 61, 62]
    assert found(hours_of(2)) == []
    assert found(lambda row: row.__imul__(6)) == []  # this place always has six times as much
    assert found(lambda row: row.__setitem__(slice(60, 64), 2_000 + np.arange(4))) == []  # low, but by no great step


def test_without_enough_neighbours_nothing_is_compared():
    values = np.repeat(hours("SO2", []).values, 2, axis=0)
    values[0, 0, 60:66] = 150_000 + np.arange(6)
    assert [
        f for f in check(Block(("a", "b"), POLLUTANTS, values, everyone_else(2))) if f.flag == "auto.neighbours"
    ] == []


def test_the_first_hour_after_a_gap():
    assert marked(hours("O3", [None] * 6), "auto.gap", "O3") == [6]
    assert marked(hours("O3", [None] * 5), "auto.gap", "O3") == []
    beginning = hours("O3", [])
    beginning.values[0, POLLUTANTS.index("O3"), :40] = MISSING
    assert [f for f in check(beginning) if f.flag == "auto.gap"] == []  # the series begins here


def daily(days, value, hour=3, every=1):
    block = hours("NO2", [], days=days)
    row = block.values[0, POLLUTANTS.index("NO2")].reshape(days, 24)
    row[::every, hour] = MISSING if value is None else value * 1000
    return block


def test_zero_and_span_checks_at_one_hour_of_most_days():
    for value in (1, 180):
        found = [f for f in check(daily(20, value)) if f.flag == "auto.calibration"]
        assert len(found) == 20
        assert {f.hour % 24 for f in found} == {3}
    assert [f for f in check(daily(20, 1, every=3)) if f.flag == "auto.calibration"] == []
    assert read(found[9].reason).numbers == {"hour": "4", "hits": "15", "days": "15", "before": "30", "after": "30"}


def test_calibration_without_values_is_a_gap_of_its_own_kind():
    found = gaps(daily(20, None))
    assert {(g.hours, g.calibration) for g in found} == {(1, True)}
    assert len(found) == 20
    assert {g.calibration for g in gaps(daily(20, None, every=3))} == {False}


def test_gaps_lie_between_values():
    block = hours("CO", [None, None])
    block.values[0, POLLUTANTS.index("CO"), :10] = MISSING
    assert [(g.first - 60, g.hours) for g in gaps(block)] == [(0, 2)]
    assert gaps(block, least=3) == []


def test_values_that_a_person_found_void_are_not_looked_at():
    block = hours("SO2", [20, 900, 20])
    void = np.zeros(block.values.shape, dtype=bool)
    void[0, 0, 61] = True
    assert check(block, void) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(12, 24))
def test_a_period_cut_in_two_gives_the_same_flags(seed, at):
    """What a rule says of an hour depends on no more hours than it says: checking by the month misses nothing."""
    block = (
        planted(days=34, subjects=3, seed=seed % 7).block
        if seed % 2
        else Block(("a", "b", "c"), POLLUTANTS, quiet(34, 3, seed), everyone_else(3))
    )
    whole = {(f.subject, f.pollutant, f.hour, f.flag, f.reason) for f in check(block)}
    margin = -(-reach() // 24)
    pieces = set()
    for first, last in ((0, at), (at, 34)):
        begin, end = max(first - margin, 0), min(last + margin, 34)
        part = Block(block.subjects, block.pollutants, block.values[..., begin * 24 : end * 24], block.neighbours)
        only = np.zeros(part.values.shape, dtype=bool)
        only[..., (first - begin) * 24 : (last - begin) * 24] = True
        pieces |= {(f.subject, f.pollutant, f.hour + begin * 24, f.flag, f.reason) for f in check(part, only=only)}
    assert pieces == whole


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_subjects_does_not_matter(order):
    values = planted(days=30, subjects=4, seed=5).block.values

    def found(picked):
        block = Block(tuple(str(n) for n in picked), POLLUTANTS, values[list(picked)], everyone_else(4))
        return {(block.subjects[f.subject], f.pollutant, f.hour, f.flag) for f in check(block)}

    assert found(tuple(order)) == found(tuple(range(4)))


def test_planted_faults_are_found():
    """The share of planted hours that are found, and of found hours that were planted, by rule (seed 20)."""
    case = planted()
    planted_hours = np.zeros(case.block.values.shape, dtype=bool)
    for mask in case.faults.values():
        planted_hours |= mask
    found = {flag: np.zeros_like(planted_hours) for flag in case.faults}
    for f in check(case.block):
        found[f.flag][f.subject, f.pollutant, f.hour] = True
    recall = {flag: (found[flag] & mask).sum() / mask.sum() for flag, mask in case.faults.items()}
    precision = {flag: (found[flag] & planted_hours).sum() / found[flag].sum() for flag in case.faults}
    assert {flag: share for flag, share in recall.items() if share < 1} == {
        "auto.neighbours": pytest.approx(0.53, abs=0.05)
    }
    assert min(precision.values()) >= 0.99
    # A disturbance's weak first and last hours are not found, nor are small ones and those that meet another one.
    runs = disturbances(case.faults["auto.neighbours"])
    hit = [found["auto.neighbours"][subject, pollutant, first:until].any() for subject, pollutant, first, until in runs]
    assert sum(hit) / len(hit) >= 0.66


def disturbances(mask):
    """(subject, pollutant, first hour, hour after the last) of every run of planted hours."""
    lengths = run_lengths(mask)
    starts = mask.copy()
    starts[..., 1:] &= ~mask[..., :-1]
    return [(s, p, t, t + lengths[s, p, t]) for s, p, t in zip(*np.nonzero(starts), strict=True)]


# Data files and words --------------------------------------------------------------------------------------------------


def test_every_rule_has_words_source_and_numbers():
    assert {one.name for one in rules()} == {
        "range",
        "negative",
        "order",
        "stuck",
        "spike",
        "neighbours",
        "gap",
        "calibration",
    }
    for rule in rules():
        table = settings_of(rule.name).table
        assert all(table[name] for name in ("zh", "en", "explain_zh", "explain_en", "source"))
        assert table["confidence"] in {"V", "R-M", "R-L", "H"}
    assert {flags()[name].rule for name in automatic()} == {one.name for one in rules()} - set() | {"range"}


def test_a_rule_registers_once():
    with pytest.raises(ValueError, match="already"):
        quality_rule("range")(lambda block, settings: ())
    assert registry._rules["range"].first


def test_void_flags_agree_with_the_statistics():
    assert set(rules_text()[1]) == set(void_names())


def test_pollutants_of_the_tests_are_those_of_the_law():
    assert set(POLLUTANTS) == set(core_codes())


def test_reasons_are_lines_and_sentences():
    reason = Reason("spike", "qc-1", {"value": "9", "before": "1", "after": "2", "limit": "5"})
    assert read(reason.line()) == reason
    assert in_words(reason.line(), "en") == "9 between 1 and 2: apart by more than 5"
    assert in_words(reason.line(), "zh_Hans") == "9，前后为 1 和 2，相差超过 5"
    assert in_words("spike qc-0: value=9", "en") == "9 between – and –: apart by more than –"
    assert in_words("looked odd: see the log", "zh") == "looked odd: see the log"
    assert in_words("nosuch qc-1: a=1", "zh") == "nosuch qc-1: a=1"
    assert [by_rule(one) for one in ("rules:qc-1", "li")] == [True, False]


# Episodes --------------------------------------------------------------------------------------------------------------

NOON = dt.datetime(2020, 5, 1, 4, tzinfo=dt.UTC)


def one(hour, *, flag="auto.spike", source="a", value=5.0):
    start = NOON + dt.timedelta(hours=hour)
    return Flagged(source, "p", "SO2", start, value, "µg/m3", flag, f"r{hour}", "rules:qc-1", NOON)


def test_episodes():
    found = episodes([one(0), one(1, value=9.0), one(3), one(5), one(1, flag="auto.order"), one(2, source="b")])
    assert [(e.source, e.flag, e.hours, int((e.first - NOON) / dt.timedelta(hours=1))) for e in found] == [
        ("b", "auto.spike", 1, 2), ("a", "auto.order", 1, 1), ("a", "auto.spike", 4, 0),
    ]  # fmt: skip
    spikes = found[-1]
    assert (spikes.lowest, spikes.highest, spikes.reason) == (5.0, 9.0, "r1")
    assert spikes.until == NOON + dt.timedelta(hours=6)
    assert episodes([one(0), one(3)])[0].id != episodes([one(0), one(3)])[1].id
    assert episodes([one(0)])[0].state != episodes([one(0, value=6.0)])[0].state
    assert run_lengths(np.zeros((1, 3), dtype=bool)).tolist() == [[0, 0, 0]]
