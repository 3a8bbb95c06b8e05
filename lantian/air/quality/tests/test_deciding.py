"""Decisions of people: appended once, never on what has changed meanwhile, undone with a reason; and what follows."""

import datetime as dt
from decimal import Decimal

import pytest

from lantian.air.assessing.ask import assess_place
from lantian.air.quality import consequences
from lantian.air.quality.consequences import (
    bring_up_to_date,
    changes,
    decision_of,
    decisions,
    is_computed,
    resting_on,
    touched,
)
from lantian.air.quality.deciding import (
    ChangedError,
    Fact,
    NothingToDoError,
    correct,
    decide,
    history,
    in_force_at,
    standings,
    state_of,
)
from lantian.air.quality.figures import NAMES, definitions
from lantian.air.quality.running import check_store
from lantian.air.quality.tests.stored import BEGIN, HOUR, MAY, append, flag, in_force, ordinary_rows, row, store_of
from lantian.observations import dependency
from lantian.observations import figures as kept
from lantian.observations.dependency import Dependant, register_dependants
from lantian.observations.errors import BatchConflictError
from lantian.observations.figures import newest, recompute
from lantian.observations.verify import verify


@pytest.fixture
def store(tmp_path):
    """40 ordinary days from 1 May and a spike of SO2 in hour 50, flagged."""
    made = store_of(tmp_path, ordinary_rows(40))
    append(made, "bad", [row(50, "SO2", 200)])
    check_store(made, MAY, dt.date(2020, 6, 30))
    return made


def fact(hour=50, code="SO2"):
    return Fact("cnemc-city:甲", code, BEGIN + hour * HOUR)


def seen(store, *facts):
    return state_of(standings(store.reader(), facts))


def test_accepted_void_and_back(store):
    decide(store, [fact()], "accept", reason="dust, true", actor="li", key="1")
    assert in_force(store) == {("SO2", 50): "accepted"}
    decide(store, [fact()], "void", flag="invalid", reason="log says fault", actor="wang", key="2")
    assert in_force(store) == {("SO2", 50): "invalid"}
    decide(store, [fact()], "unflag", reason="wrong hour", actor="wang", key="3")
    assert in_force(store) == {}
    assert verify(store).ok


def test_what_is_void_does_not_count_and_counts_again(store, tmp_path):
    def mean():
        return assess_place(tmp_path, "甲", dt.date(2020, 5, 3), dt.date(2020, 5, 3))[0].items["SO2"].mean

    spoilt = mean()
    decide(store, [fact()], "void", flag="void", reason="r", actor="li", key="1")
    assert mean() < spoilt
    decide(store, [fact()], "unflag", reason="r", actor="li", key="2")
    assert mean() == spoilt


def test_the_same_click_twice_counts_once(store):
    first = decide(store, [fact()], "accept", reason="r", actor="li", key="k")
    again = decide(store, [fact()], "accept", reason="r", actor="li", key="k", seen="whatever it was")
    assert (again.repeated, again.version) == (True, first.version)
    with pytest.raises(BatchConflictError):
        decide(store, [fact()], "accept", reason="another", actor="li", key="k")
    with pytest.raises(BatchConflictError):
        decide(store, [fact()], "accept", reason="r", actor="wang", key="k")


def test_two_tabs(store):
    """The second tab decides about what is no longer so: refused, and nothing is written."""
    shown = seen(store, fact())
    decide(store, [fact()], "accept", reason="r", actor="li", key="1", seen=shown)
    with pytest.raises(ChangedError):
        decide(store, [fact()], "void", flag="void", reason="r", actor="wang", key="2", seen=shown)
    assert in_force(store) == {("SO2", 50): "accepted"}
    with pytest.raises(ChangedError):
        correct(store, fact(), Decimal(21), reason="r", actor="wang", key="3", seen=shown)


def test_a_correction_changes_what_was_shown(store):
    shown = seen(store, fact())
    append(store, "later file", [row(50, "SO2", 22)])
    with pytest.raises(ChangedError):
        decide(store, [fact()], "accept", reason="r", actor="li", key="1", seen=shown)


@pytest.mark.parametrize(("action", "flag", "wrong"), [
    ("void", "", ValueError), ("void", "accepted", ValueError), ("void", "auto.spike", ValueError),
    ("unflag", "", NothingToDoError), ("correct", "", ValueError),
])  # fmt: skip
def test_what_cannot_be_decided(store, action, flag, wrong):
    with pytest.raises(wrong):
        decide(store, [fact()], action, flag=flag, reason="r", actor="li", key="1")


def test_an_unknown_hour_and_a_missing_reason(store):
    with pytest.raises(ChangedError):
        decide(store, [fact(99_999)], "accept", reason="r", actor="li", key="1")
    with pytest.raises(ValueError, match="reason"):
        decide(store, [fact()], "accept", reason=" ", actor="li", key="1")
    with pytest.raises(ValueError, match="decimals"):
        correct(store, fact(), Decimal("1.0001"), reason="r", actor="li", key="1")
    with pytest.raises(NothingToDoError):
        correct(store, fact(), Decimal(200), reason="r", actor="li", key="1")


def test_a_correction_ends_the_flags_of_the_old_value_and_keeps_it(store):
    check = correct(store, fact(), Decimal("20.5"), reason="typed wrongly", actor="li", key="1")
    assert check.rows == 1
    assert in_force(store) == {("SO2", 50): "corrected"}
    events = history(store, store.reader(), fact())
    assert [(one.kind, one.name, one.value, one.reason, one.who) for one in events] == [
        ("value", "", 20.0, "test", "li"),
        ("value", "", 200.0, "test", "li"),
        ("flag", "auto.spike", None, "spike qc-1: value=200; before=21; after=21; limit=60", "rules:qc-1"),
        ("value", "corrected", 20.5, "typed wrongly", "li"),
    ]
    assert in_force_at(events, events[2].at) == (200.0, ("auto.spike",))
    assert in_force_at(events, events[3].at) == (20.5, ("corrected",))
    assert in_force_at(events, events[0].at - HOUR) == (None, ())


@pytest.fixture
def finders(monkeypatch):
    monkeypatch.setattr(dependency, "_finders", {})


def figures(store):
    rows = newest(store, store.reader()).to_polars().iter_rows(named=True)
    return {(r["figure"], r["quantity"], (r["period_from"] + store.offset).date()): r for r in rows}


def test_figures_are_those_of_the_assessment(store, tmp_path):
    bring_up_to_date(store)
    kept = figures(store)
    for first, last, name in (
        (MAY, dt.date(2020, 5, 31), "air.month"),
        (dt.date(2020, 1, 1), dt.date(2020, 12, 31), "air.year"),
    ):
        items = assess_place(tmp_path, "甲", first, last)[0].items
        for code, item in items.items():
            one = kept[f"{name}.mean", code, first]
            assert one["value"] == pytest.approx(float(item.mean), abs=1e-12)
            assert (one["n"], one["expected"]) == (item.days, (last - first).days + 1)
            assert kept[f"{name}.percentile", code, first]["value"] == pytest.approx(float(item.percentile), abs=1e-12)
            short = (
                item.short if name == "air.month" else [None] * (not item.year_valid and item.year_valid is not None)
            )
            assert one["valid"] == (not short)
    for code, item in assess_place(tmp_path, "甲", dt.date(2020, 5, 3), dt.date(2020, 5, 3))[0].items.items():
        one = kept["air.day", code, dt.date(2020, 5, 3)]
        assert one["value"] == pytest.approx(float(item.mean), abs=1e-12)
        assert (one["n"], one["valid"], one["rule_version"]) == (24, True, "air-2")


def test_a_decision_changes_exactly_what_rests_on_its_hours(store, finders):
    register_dependants("x", lambda found: [Dependant("target", f"{one.period_from}", one.quantity) for one in found])
    bring_up_to_date(store)
    before = figures(store)
    decide(store, [fact()], "void", flag="void", reason="fault", actor="li", key="k1")
    decision = decision_of(store, "k1")
    assert (decision.action, decision.actor, decision.reason, decision.rows) == ("void", "li", "fault", 1)
    assert not is_computed(store, decision)
    assert changes(store, decision) == []
    bring_up_to_date(store)
    assert is_computed(store, decision)
    found = changes(store, decision)
    # The percentile of 31 days lies between the two highest; one of them changed.
    assert [(one.figure, str(one.first), str(one.until)) for one in found] == [
        ("air.day", "2020-05-03", "2020-05-04"),
        ("air.month.mean", "2020-05-01", "2020-06-01"),
        ("air.month.percentile", "2020-05-01", "2020-06-01"),
        ("air.year.mean", "2020-01-01", "2021-01-01"),
        ("air.year.percentile", "2020-01-01", "2021-01-01"),
    ]
    day = found[0]
    hours = [20 * (1 + hour % 2 * 0.05) for hour in range(48, 72)]
    assert day.old == pytest.approx((sum(hours) - hours[2] + 200) / 24)
    assert day.new == pytest.approx((sum(hours) - hours[2]) / 23)
    assert (day.old_n, day.new_n, day.new_valid) == (24, 23, True)
    now = figures(store)
    untouched = {k: v for k, v in before.items() if k[1] != "SO2"}
    assert {k: now[k]["known_at"] for k in untouched} == {k: v["known_at"] for k, v in untouched.items()}
    assert {one.label for one in resting_on(found, touched(store, decision))} == {"SO2"}
    assert newest(store, store.reader(), history=True).to_polars().height > len(now)


def test_a_correction_is_a_decision_too(store, finders):
    bring_up_to_date(store)
    correct(store, fact(), Decimal(21), reason="typed wrongly", actor="li", key="c1")
    bring_up_to_date(store)
    (only,) = decisions(store)
    assert (only.action, only.key, only.table) == ("correct", "c1", "observations")
    assert [(one.start, one.value) for one in touched(store, only)] == [(fact().start, 21.0)]
    assert changes(store, only)[0].new == pytest.approx(20.5 + 1 / 24)


def test_what_changes_nothing_has_no_changes(store, finders):
    bring_up_to_date(store)
    decide(store, [fact()], "accept", reason="true", actor="li", key="a")
    bring_up_to_date(store)
    assert changes(store, decision_of(store, "a")) == []
    assert resting_on([], []) == []
    assert decision_of(store, "nosuch") is None


def test_a_decision_leaves_the_list_of_dust_alone_and_the_list_decides_nothing(store):
    flag(store, "list", 60, "PM10", "dust")
    append(store, "storm", [row(60, "PM10", 1200)])
    flag(store, "list 2", 60, "PM10", "dust")
    check_store(store, MAY, dt.date(2020, 6, 30))
    assert in_force(store)["PM10", 60] == "auto.range,auto.spike,dust", "rules look at hours of dust as at others"
    decide(store, [fact(60, "PM10")], "accept", reason="storm", actor="li", key="1")
    assert in_force(store)["PM10", 60] == "accepted,dust"
    decide(store, [fact(60, "PM10")], "unflag", reason="not sure", actor="li", key="2")
    assert in_force(store)["PM10", 60] == "dust"
    with pytest.raises(NothingToDoError):
        decide(store, [fact(60, "PM10")], "unflag", reason="again", actor="li", key="3")


def test_others_write_while_figures_are_computed_and_nothing_is_forgotten(store, monkeypatch):
    """The pen is free during the computation; what came meanwhile is computed by the next one."""
    real, written = kept._recomputed, []

    def meanwhile(*arguments):
        if not written:
            written.append(1)
            append(store, "meanwhile", [row(200, "SO2", 300)])
        return real(*arguments)

    monkeypatch.setattr(kept, "_recomputed", meanwhile)
    first = bring_up_to_date(store)
    assert written
    second = bring_up_to_date(store)
    assert first.version.observations < second.version.observations
    changed = {one.new["quantity"] for one in second.revisions}
    assert changed == {"SO2"}
    assert bring_up_to_date(store).revisions == ()


def test_much_at_once_is_computed_kind_by_kind_with_the_same_result(store, tmp_path, monkeypatch):
    bring_up_to_date(store)
    together = newest(store, store.reader()).to_polars().sort(["figure", "subject", "quantity", "period_from"])
    other = store_of(tmp_path / "other", ordinary_rows(40))
    append(other, "bad", [row(50, "SO2", 200)])
    monkeypatch.setattr(consequences, "_AT_ONCE", 100)
    found = bring_up_to_date(other)
    commits = other.register.commits("figures", kinds=("figures",))
    assert [list(one["details"]["definitions"]) for one in commits] == [[name] for name in NAMES]
    assert len(found.revisions) == len(together)
    apart = newest(other, other.reader()).to_polars().sort(["figure", "subject", "quantity", "period_from"])
    same = ["figure", "subject", "quantity", "period_from", "value", "n", "expected", "valid"]
    assert apart.select(same).equals(together.select(same))
    receipt = decide(other, [fact()], "void", flag="invalid", reason="fault", actor="li", key="k")
    one = decision_of(other, "k")
    assert receipt.rows == 1
    assert not is_computed(other, one)
    recompute(other, [definitions(other.offset)[0]])
    assert not is_computed(other, one), "one kind of five"
    assert {change.figure for change in changes(other, one)} == {"air.day"}
    bring_up_to_date(other)
    assert is_computed(other, one)
    assert {change.figure for change in changes(other, one)} == set(NAMES)
