"""The backtest on the public release, where it lies beside the project: what was said in spring against what came."""

import datetime as dt
import os
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from lantian.air.assessing.ask import assess_place
from lantian.air.reading.importing import look, store_in, write
from lantian.air.targets.likelihood import likelihood
from lantian.air.targets.model import likelihood_rules
from lantian.air.targets.progress import progress
from lantian.air.targets.source import days_of_places
from lantian.air.targets.standing import stand
from lantian.air.tests.made_days import aim
from lantian.standards.regimes import regime_at

DATA = Path(os.environ.get("LANTIAN_REAL_DATA") or Path(__file__).parents[4] / "shared" / "data") / "air"
FILE = DATA / "shanxi_11_cities_hourly.csv.gz"
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="no folder of real data beside the project or in LANTIAN_REAL_DATA"
)
FIRST, END = dt.date(2020, 1, 1), dt.date(2020, 6, 30)
LAW = regime_at(END)
CITIES = ("忻州", "太原", "大同", "朔州", "阳泉", "长治", "晋城", "晋中", "运城", "临汾", "吕梁")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    write(look(FILE, "cnemc-city-hourly"), store_in(folder))
    return folder


@pytest.fixture(scope="module")
def known(data):
    return days_of_places(data, CITIES, dt.date(2018, 12, 1), END)


def test_days_agree_with_the_assessment_that_goes_one_by_one(data, known):
    for place in ("忻州", "太原"):
        found, _ = assess_place(data, place, FIRST, END)
        days = known.raw[place].cut(FIRST, END)
        assert (int(days.good.sum()), int(days.heavy.sum()), days.with_index) == (
            found.good, found.heavy, found.with_index,
        )  # fmt: skip
        assert {code: one.mean() for code, one in days.values.items()} == {
            code: one.mean for code, one in found.items.items()
        }
        index = progress(aim("composite_index", 5, year=2020), days, 0, LAW).to_date
        assert index.value == found.composite.value


def test_without_a_list_of_dust_nothing_is_left_out(known):
    assert known.deducted["忻州"] is known.raw["忻州"]


def test_the_mean_that_was_allowed_is_the_mean_that_came_when_the_outcome_is_the_target(known):
    """Backtest of the budget: with the half-year's own mean as target, every day's allowance is what then came."""
    for place in CITIES:
        values = known.raw[place].cut(FIRST, END).values["PM2.5"]
        total, n = values.total()
        for day in (dt.date(2020, 2, 1), dt.date(2020, 4, 1), dt.date(2020, 6, 1)):
            done = known.raw[place].cut(FIRST, day - dt.timedelta(days=1)).values["PM2.5"]
            rest = known.raw[place].cut(day, END).values["PM2.5"]
            target = aim("pm25_annual_mean", 1, year=2020)
            final = Fraction(total, n * values.bottom)
            # The rest that leads to the final mean exactly, by the same equation that the budget solves.
            needed = (final * n - done.mean() * done.n) / rest.n
            assert needed == rest.mean()
            edge = Fraction(3, 2)  # a target of 1: below 1.5
            allowed = progress(target, known.raw[place].cut(FIRST, day - dt.timedelta(days=1)), rest.n, LAW).rest.value
            assert allowed == (edge * (done.n + rest.n) - done.mean() * done.n) / rest.n


def test_last_year_as_the_only_past_year_tells_most_outcomes(known):
    """Backtest of the likelihood with the one past year there is (so with its least number of years lowered to one).

    On 1 March and 1 April of 2020, is the half-year's PM2.5 at most that of 2019? What last spring's days would have
    made of it is compared with what came; with one year the draws can only say 0 or 100 %.
    """
    rules = replace(likelihood_rules(), least_years=1, least_in_stretch=1)
    right = asked = 0
    for place in CITIES:
        days = known.raw[place]
        before = days.cut(dt.date(2019, 1, 1), dt.date(2019, 6, 30)).values["PM2.5"].mean()
        came = days.cut(FIRST, END).values["PM2.5"].mean()
        target = aim("pm25_annual_mean", round(before), year=2020)
        for today in (dt.date(2020, 3, 1), dt.date(2020, 4, 1)):
            found = stand(target, (days, days), today, period=(FIRST, END))
            assert found.likelihood.status in {"too_few_years", "decided"}  # by the rules in force: no number
            chance = likelihood(target, days, FIRST, found.as_of, END, LAW, found.raw, rules=rules)
            if chance.status != "ok":
                continue
            assert chance.percent in {0, 100}
            asked += 1
            right += (chance.percent == 100) == (round(came) <= target.value)
    assert asked >= 15
    assert right / asked >= 0.7


def test_a_day_after_the_data_end_is_not_left_but_lost(known):
    """The feed ends in June: in September the missing days are neither valid nor still to come."""
    days = known.raw["忻州"]
    found = stand(aim("pm25_annual_mean", 45, year=2020), (days, days), dt.date(2020, 10, 1))
    assert (found.state.to_date.n, found.state.to_date.expected) == (180, 274)
    assert found.state.status == "thin"
    assert found.state.to_date.shown > Decimal(0)
