"""The rules over a store: appended once, taken back when they no longer hold, never against a person's decision."""

import datetime as dt

import polars as pl
import pytest

from lantian.air.quality import running
from lantian.air.quality.loading import flagged
from lantian.air.quality.near import (
    NeighboursFileError,
    near_cities,
    near_of,
    near_sources,
    read_neighbours,
)
from lantian.air.quality.running import check_new, check_store
from lantian.air.quality.tests.stored import MAY, append, flag, in_force, ordinary_rows, row, store_of
from lantian.city.pack.locate import find_pack
from lantian.observations.model import Query
from lantian.observations.verify import verify

JUNE = dt.date(2020, 6, 30)


def written(store):
    return store.reader().flags(Query(history=True)).polars().sort("quantity", "valid_from", "flag", "known_at")


def test_flags_are_appended_once_with_reason_and_version(tmp_path):
    store = store_of(tmp_path, [*ordinary_rows(40), row(40 * 24, "SO2", 200)])
    append(store, "bad", [row(100, "SO2", 200), row(101, "PM2.5", 300), row(900, "CO", 99)])
    done = check_store(store, MAY, JUNE)
    assert dict(done.set) == {"auto.spike": 2, "auto.order": 2, "auto.impossible": 1}
    assert in_force(store) == {
        ("SO2", 100): "auto.spike", ("PM2.5", 101): "auto.order,auto.spike", ("PM10", 101): "auto.order",
        ("CO", 900): "auto.impossible",
    }  # fmt: skip
    rows = written(store).filter(pl.col("flag") == "auto.spike").sort("quantity", descending=True).to_dicts()
    assert rows[0]["reason"] == "spike qc-1: value=200; before=21; after=21; limit=60"
    assert {r["who"] for r in rows} == {"rules:qc-1"}
    before = written(store)
    assert done.values == 40 * 24 * 6 + 1
    again = check_store(store, MAY, JUNE)
    assert (dict(again.set), dict(again.withdrawn), again.batches) == ({}, {}, [])
    assert written(store).equals(before)
    assert verify(store).ok


def test_nothing_is_written_when_only_asked(tmp_path):
    store = store_of(tmp_path, [*ordinary_rows(3), row(72, "SO2", 900)])
    assert dict(check_store(store, MAY, JUNE, write=False).set) == {"auto.range": 1}
    assert in_force(store) == {}


def test_a_day_at_a_time_gives_the_same_as_all_at_once(tmp_path):
    faults = [row(100, "SO2", 200), *(row(h, "NO2", 44) for h in range(190, 200)), row(300, "CO", -0.5)]
    one, many = (store_of(tmp_path / name, ordinary_rows(20)) for name in "ab")
    for store in (one, many):
        append(store, "bad", faults)
    check_store(one, MAY, dt.date(2020, 5, 20))
    for day in range(20):
        check_store(many, MAY + dt.timedelta(days=day), MAY + dt.timedelta(days=day))
    assert in_force(one) == in_force(many)
    assert len(in_force(one)) == 12


def test_what_a_correction_mends_is_not_flagged_any_more_and_the_old_flag_is_known(tmp_path):
    store = store_of(tmp_path, ordinary_rows(4))
    append(store, "bad", [row(50, "SO2", 200)])
    check_store(store, MAY, JUNE)
    then = store.register.newest_known_at()
    append(store, "mended", [row(50, "SO2", 21)])
    check_store(store, MAY, JUNE)
    assert in_force(store) == {}
    assert in_force(store, as_known_on=then) == {("SO2", 50): "auto.spike"}
    append(store, "worse", [row(50, "SO2", 300)])
    check_store(store, MAY, JUNE)
    assert in_force(store) == {("SO2", 50): "auto.spike"}


def test_a_flag_that_the_hours_around_no_longer_justify_is_taken_back(tmp_path):
    store = store_of(tmp_path, ordinary_rows(4))
    append(store, "bad", [row(50, "SO2", 200)])
    check_store(store, MAY, JUNE)
    append(store, "around", [row(h, "SO2", 195 + h % 2) for h in (48, 49, 51, 52)])
    done = check_store(store, MAY, JUNE)
    assert dict(done.withdrawn) == {"auto.spike": 1}
    assert in_force(store) == {}
    last = written(store).filter(pl.col("retracted")).to_dicts()
    assert [(r["reason"], r["who"]) for r in last] == [("withdrawn qc-1", "rules:qc-1")]


@pytest.mark.parametrize("decision", ["accepted", "void"])
def test_a_decision_stands(tmp_path, decision):
    """Accepted: no rule flags it again. Void: rules no longer look at it, and leave their flag as it was."""
    store = store_of(tmp_path, ordinary_rows(4))
    append(store, "bad", [row(50, "SO2", 200)])
    check_store(store, MAY, JUNE)
    flag(store, "d1", 50, "SO2", decision)
    if decision == "accepted":
        flag(store, "d2", 50, "SO2", "auto.spike", retracted=True)
    kept = in_force(store)
    assert check_store(store, MAY, JUNE).batches == []
    assert in_force(store) == kept == {("SO2", 50): "accepted" if decision == "accepted" else "auto.spike,void"}


def test_a_flag_that_a_person_took_back_is_not_set_again(tmp_path):
    store = store_of(tmp_path, ordinary_rows(4))
    append(store, "bad", [row(50, "SO2", 200)])
    check_store(store, MAY, JUNE)
    flag(store, "d", 50, "SO2", "auto.spike", retracted=True)
    assert check_store(store, MAY, JUNE).batches == []
    assert in_force(store) == {}


def test_only_what_is_new_is_checked_again(tmp_path, monkeypatch):
    store = store_of(tmp_path, ordinary_rows(40))
    assert check_new(store).values == 40 * 24 * 6
    assert check_new(store).values == 0
    append(store, "next", [row(40 * 24, "SO2", 900)])
    done = check_new(store)
    assert (done.first, done.last) == (dt.date(2020, 6, 2), dt.date(2020, 6, 18))
    assert dict(done.set) == {"auto.range": 1}
    monkeypatch.setattr(running, "version", lambda: "qc-2")
    assert check_new(store).values == 40 * 24 * 6 + 1


def test_an_empty_store_has_nothing_to_check(tmp_path):
    from lantian.air.reading.importing import store_in

    assert check_new(store_in(tmp_path)).plain()["values"] == 0
    with pytest.raises(ValueError, match="ends"):
        check_store(store_in(tmp_path), JUNE, MAY)


def test_cities_are_compared_with_those_around(tmp_path):
    store = store_of(tmp_path, ordinary_rows(6, ("甲", "乙", "丙", "丁")))
    append(store, "bad", [row(h, "SO2", 150 + h) for h in range(60, 66)])
    near = lambda sources: near_sources(sources, {"甲": ("乙", "丙")}, {})  # noqa: E731
    assert dict(check_store(store, MAY, JUNE, near=near).set) == {"auto.neighbours": 6}
    first = min(flagged(store.reader(), Query(), ("auto.neighbours",)), key=lambda one: one.start)
    assert (first.place, first.pollutant, first.value, first.unit) == ("甲", "SO2", 210, "µg/m3")


def test_who_is_near_whom(tmp_path):
    file = tmp_path / "neighbours.toml"
    assert read_neighbours(file) == ()
    file.write_text(
        '[[neighbours]]\nplace = "甲山市"\nnear = ["乙水", "丙谷"]\nsource = "s"\nconfidence = "V"\n', encoding="utf-8"
    )
    cities = near_cities(read_neighbours(file))
    assert cities == {"甲山": ("丙谷", "乙水"), "乙水": ("甲山",), "丙谷": ("甲山",)}
    sources = ["c:甲山", "c:乙水市", "c:丁", "s:1A", "s:2A", "s:3A", "d:乙水"]
    assert near_sources(sources, cities, {"1A": "甲山", "2A": "甲山", "3A": "乙水"}) == {
        "c:甲山": ("c:乙水市",), "c:乙水市": ("c:甲山",), "s:1A": ("s:2A",), "s:2A": ("s:1A",),
    }  # fmt: skip
    for wrong, why in (("near", "naer"), ('"V"', '"sure"'), ('"乙水"', '"甲山"')):
        file.write_text(file.read_text(encoding="utf-8").replace(wrong, why), encoding="utf-8")
        with pytest.raises(NeighboursFileError, match=r"neighbours\.toml"):
            read_neighbours(file)
        file.write_text(
            '[[neighbours]]\nplace = "甲山市"\nnear = ["乙水", "丙谷"]\nsource = "s"\nconfidence = "V"\n',
            encoding="utf-8",
        )
    file.write_text(file.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(NeighboursFileError, match="twice"):
        read_neighbours(file)


def test_the_packs_of_the_project_can_be_read():
    assert near_cities(read_neighbours(find_pack("xinzhou") / "neighbours.toml"))


def test_commands_and_worker_ask_the_same_whom_to_compare(tmp_path):
    sources = ["s:1A", "s:2A", "s:3A", "s:4A"]
    places = {"1A": "甲山", "2A": "甲山", "3A": "乙水", "4A": "丙谷"}
    expected = {"s:1A": ("s:2A",), "s:2A": ("s:1A",), "s:3A": ("s:4A",), "s:4A": ("s:3A",)}
    assert near_of(None, places, sources) == near_of(tmp_path, places, sources) == expected
