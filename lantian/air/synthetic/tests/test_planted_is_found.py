"""Quality control over invented data: what was planted is found, and little else is."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import polars as pl
import pytest

from lantian.air.quality.running import check_store
from lantian.air.reading.importing import store_in
from lantian.air.synthetic.values import POLLUTANTS
from lantian.air.synthetic.writing import read_labels, synthesize
from lantian.city.pack import find_pack
from lantian.observations.model import Query

UTC8 = dt.timezone(dt.timedelta(hours=8))
FIRST, LAST = dt.date(2019, 3, 1), dt.date(2019, 5, 31)
# Kinds that a rule looks for, with the flags that say so (a value far off is as well beyond the instrument).
FLAGS = {
    "stuck": {"auto.stuck"},
    "spike": {"auto.spike"},
    "order": {"auto.order"},
    "negative": {"auto.negative", "auto.impossible"},
    "range": {"auto.range", "auto.impossible"},
    "neighbours": {"auto.neighbours"},
    "calibration": {"auto.calibration"},
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Labels, and the flags that quality control set: {(source, quantity, hour): names}."""
    data = tmp_path_factory.mktemp("checked")
    synthesize(
        data, find_pack("xinzhou"), start=dt.date(2019, 2, 1), until=dt.datetime(2019, 6, 1, tzinfo=UTC8), seed=7
    )
    store = store_in(data)
    done = check_store(store, FIRST, LAST, near=stations_of_the_region)
    assert done.values > 200_000
    begin = int(dt.datetime.combine(FIRST, dt.time(), UTC8).timestamp() // 3600)
    labels = [one for one in read_labels(data) if one.first >= begin]
    rows = store.reader().observations(Query()).polars().filter(pl.col("flags") != "")
    flags = defaultdict(set)
    for source, quantity, at, names in rows.select("source", "quantity", "valid_from", "flags").iter_rows():
        flags[source, quantity, int(at.timestamp() // 3600)] |= set(names.split(","))
    return labels, flags


def stations_of_the_region(sources):
    stations = [one for one in sources if one.startswith("synthetic-station:")]
    return {one: tuple(other for other in stations if other != one) for one in stations}


def test_most_of_what_was_planted_is_found(checked):
    labels, flags = checked
    planted, found = Counter(), Counter()
    for one in labels:
        if one.kind in FLAGS and not one.flagged:
            planted[one.kind] += 1
            said = set().union(*(flags[one.source, one.quantity, at] for at in range(one.first, one.last + 1)))
            found[one.kind] += bool(said & FLAGS[one.kind])
    assert set(planted) >= {"stuck", "spike", "order", "negative", "neighbours", "calibration"}
    share = {kind: found[kind] / planted[kind] for kind in planted}
    assert all(share[kind] >= 0.8 for kind in ("stuck", "spike", "order", "negative")), share
    assert all(share[kind] >= 0.4 for kind in ("neighbours", "calibration")), share


def test_little_is_said_of_hours_where_nothing_was_planted(checked):
    labels, flags = checked
    touched = {
        (one.source, quantity, at)
        for one in labels
        for quantity in (POLLUTANTS if one.quantity == "*" else (one.quantity,))
        for at in range(one.first - 1, one.last + 2)
    }
    wrong = Counter()
    for (source, quantity, at), names in flags.items():
        near = (quantity, "PM10", "PM2.5")  # the two are from one inlet: a fault of one is seen at the other
        if not any((source, one, at) in touched for one in near):
            wrong.update(name for name in names if name.startswith("auto."))
    hours = (LAST - FIRST).days * 24 * 33 * len(POLLUTANTS)
    assert wrong["auto.spike"] + wrong["auto.neighbours"] < 20
    assert sum(wrong.values()) < 0.002 * hours, wrong
