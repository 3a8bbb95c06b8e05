"""A county's measures traced to the city's."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.plan.rules.matching import MeasureFacts, TargetFacts
from lantian.plan.rules.tracing import coverage, looser, suggest

CITY = [
    MeasureFacts(
        1,
        "2020年9月底前，淘汰每小时10蒸吨及以下燃煤锅炉。",
        task="开展锅炉综合整治",
        deadlines=("2020-09-30",),
        targets=(TargetFacts(1, "燃煤锅炉", "<=", Decimal(10), "t/h", "criterion"),),
    ),
    MeasureFacts(
        2,
        "城市建成区道路机械化清扫率达到80%以上。",
        task="控制扬尘污染",
        targets=(TargetFacts(2, "道路机械化清扫率", ">=", Decimal(80), "%"),),
    ),
    MeasureFacts(3, "全面禁止秸秆露天焚烧，落实网格化监管。", task="秸秆禁烧"),
    MeasureFacts(4, "加油站、储油库、油罐车油气回收装置每季度检测一次。", task="油品监管", recurrence=("quarterly",)),
]
COUNTY = [
    MeasureFacts(
        11,
        "8月底前，全县10蒸吨及以下燃煤锅炉全部淘汰，能源事务中心逐台登记。",
        task="锅炉整治",
        deadlines=("2020-08-31",),
        targets=(TargetFacts(3, "燃煤锅炉", "<=", Decimal(10), "t/h", "criterion"),),
    ),
    MeasureFacts(
        12,
        "县城建成区道路机械化清扫率达到70%以上。",
        task="扬尘治理",
        targets=(TargetFacts(4, "道路机械化清扫率", ">=", Decimal(70), "%"),),
    ),
    MeasureFacts(13, "落实秸秆禁烧网格化监管，全面禁止露天焚烧。", task="禁烧"),
    MeasureFacts(14, "举办全县冬季长跑比赛。", task="其他"),
]


def test_like_duties_are_suggested_and_unlike_ones_are_not():
    pairs = {(s.county, s.city) for s in suggest(COUNTY, CITY)}
    assert pairs == {(11, 1), (12, 2), (13, 3)}


def test_reasons_name_what_both_share():
    (found,) = [s for s in suggest(COUNTY, CITY) if s.county == 11]
    assert found.reasons[0] == "wording"
    assert "targets" in found.reasons


def test_the_same_sentence_scores_one():
    (found,) = suggest([CITY[0]], [CITY[0]])
    assert found.score == 1.0


def test_a_lower_target_is_looser_and_an_earlier_deadline_is_not():
    assert looser(COUNTY[0], CITY[0]) == ()
    (found,) = looser(COUNTY[1], CITY[1])
    assert (found.what, found.county, found.city) == ("target", "道路机械化清扫率 >= 70%", "道路机械化清扫率 >= 80%")


def test_a_later_a_missing_deadline_and_a_missing_target_are_looser():
    late = MeasureFacts(1, "x", deadlines=("2020-10-31",))
    bound = MeasureFacts(2, "x", deadlines=("2020-09-30",), targets=CITY[1].targets)
    assert [f.what for f in looser(late, bound)] == ["deadline", "no_target"]
    assert [f.what for f in looser(MeasureFacts(3, "x"), bound)] == ["no_deadline", "no_target"]
    assert [f.what for f in looser(MeasureFacts(3, "x", recurrence=("monthly",)), bound)] == ["no_target"]


def test_coverage_counts_confirmed_traces_only():
    found = coverage(
        [1, 2, 3, 4], [(1, "confirmed"), (2, "suggested"), (1, "suggested"), (3, "rejected"), (9, "confirmed")]
    )
    assert (found.covered, found.suggested, found.missing) == ({1}, {2}, {2, 3, 4})
    assert found.share == 0.25
    assert coverage([], []).share is None


@given(st.lists(st.text(alphabet="完成淘汰锅炉清扫道路秸秆焚烧全县城市率", min_size=1, max_size=20), max_size=8))
@settings(max_examples=50, deadline=None)
def test_scores_are_shares_and_each_county_measure_has_few(texts):
    measures = [MeasureFacts(at, text) for at, text in enumerate(texts)]
    found = suggest(measures, measures)
    assert all(0 <= s.score <= 1 for s in found)
    assert all(sum(s.county == m.key for s in found) <= 3 for m in measures)
