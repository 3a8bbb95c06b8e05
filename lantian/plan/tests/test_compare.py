"""Two texts of one plan: what stayed, changed, moved, came and went."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.plan.rules.compare import ClauseFacts, compare
from lantian.plan.rules.matching import MeasureFacts, TargetFacts, bare, pair_targets
from lantian.plan.rules.words import word_difference

MIRROR = {"same": "same", "changed": "changed", "moved": "moved", "added": "removed", "removed": "added"}
VERBS = ["完成", "推进", "淘汰", "建设", "核查", "关停", "安装", "清理"]
THINGS = [
    "燃煤锅炉",
    "砖瓦窑",
    "加油站油气回收",
    "矿山生态修复",
    "道路机械化清扫",
    "秸秆禁烧网格",
    "物料堆场",
    "散煤销售点",
    "柴油货车",
    "渣土车",
]


def measure(key: int, text: str, **values) -> MeasureFacts:
    return MeasureFacts(key, text, **values)


def plan(*clauses: list[str], lead: str = "生态环境局") -> list[ClauseFacts]:
    """A plan of clauses given by the texts of their measures; keys count up."""
    key = 0
    built = []
    for at, texts in enumerate(clauses, start=1):
        measures = []
        for text in texts:
            key += 1
            measures.append(measure(key, text, task=f"第{at}项任务"))
        built.append(ClauseFacts(at, f"{at}-1", f"第{at}项任务", lead=(lead,), measures=tuple(measures)))
    return built


def kinds(result) -> list[str]:
    return [pair.kind for pair in result.pairs]


@st.composite
def sentences(draw):
    year = draw(st.integers(2019, 2022))
    month = draw(st.integers(1, 12))
    count = draw(st.integers(1, 99))
    return f"{year}年{month}月底前，{draw(st.sampled_from(VERBS))}{count}处{draw(st.sampled_from(THINGS))}。"


plans = st.lists(st.lists(sentences(), min_size=0, max_size=5), min_size=0, max_size=5).map(lambda c: plan(*c))


@given(plans)
@settings(max_examples=60, deadline=None)
def test_identical_texts_are_all_the_same(text):
    result = compare(text, text)
    assert set(kinds(result)) <= {"same"}
    assert all(pair.old.key == pair.new.key for pair in result.pairs)
    assert all(clause.kind == "same" for clause in result.clauses)


@given(plans, plans)
@settings(max_examples=80, deadline=None)
def test_swapping_the_texts_mirrors_the_result(one, other):
    there = {(p.old and p.old.key, p.new and p.new.key, p.kind) for p in compare(one, other).pairs}
    back = {(p.new and p.new.key, p.old and p.old.key, MIRROR[p.kind]) for p in compare(other, one).pairs}
    assert there == back


@given(plans, plans)
@settings(max_examples=80, deadline=None)
def test_every_measure_and_clause_appears_exactly_once(one, other):
    result = compare(one, other)
    assert Counter(p.old.key for p in result.pairs if p.old) == Counter(m.key for c in one for m in c.measures)
    assert Counter(p.new.key for p in result.pairs if p.new) == Counter(m.key for c in other for m in c.measures)
    assert sorted(c.old.key for c in result.clauses if c.old) == [c.key for c in one]
    assert sorted(c.new.key for c in result.clauses if c.new) == [c.key for c in other]


@given(plans, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_random_edits_are_found(text, rng: random.Random):
    """Distinct sentences; each is kept, loses nothing but its figure, or goes; new ones of another sort come."""
    seen: set[str] = set()
    old = []
    for clause in text:
        fresh = [m for m in clause.measures if not (m.text in seen or seen.add(m.text))]
        old.append(replace(clause, measures=tuple(fresh)))
    new, expected = [], Counter()
    for clause in old:
        kept = []
        for facts in clause.measures:
            fate = rng.choice(["keep", "keep", "drop"])
            if fate == "keep":
                kept.append(replace(facts, key=facts.key + 1000))
                expected["same"] += 1
            else:
                expected["removed"] += 1
        kept.append(measure(5000 + clause.key, f"附则之{clause.key}：本条新增职责由专人登记造册。"))
        expected["added"] += 1
        new.append(replace(clause, key=clause.key + 100, measures=tuple(kept)))
    assert Counter(kinds(compare(old, new))) == expected


def test_a_new_deadline_and_figure_are_a_change_with_words():
    target = TargetFacts(1, "清洁运输比例", ">=", Decimal(80), "%")
    old = [
        ClauseFacts(
            1,
            "1-1",
            "运输",
            measures=(
                measure(1, "2020年6月底前，清洁运输比例不低于80%。", deadlines=("2020-06-30",), targets=(target,)),
            ),
        )
    ]
    newer = replace(target, key=2, value=Decimal(85))
    new = [
        ClauseFacts(
            2,
            "1-1",
            "运输",
            measures=(
                measure(2, "2020年9月底前，清洁运输比例不低于85%。", deadlines=("2020-09-30",), targets=(newer,)),
            ),
        )
    ]
    (pair,) = compare(old, new).pairs
    assert pair.kind == "changed"
    assert not pair.moved
    assert [(c.field, c.old, c.new) for c in pair.changes[1:]] == [
        ("deadlines", "2020-06-30", "2020-09-30"),
        ("targets", "清洁运输比例 >= 80%", "清洁运输比例 >= 85%"),
    ]
    assert [(w.op, w.text) for w in pair.words if w.op != "keep"] == [
        ("gone", "6"),
        ("new", "9"),
        ("gone", "80"),
        ("new", "85"),
    ]


def test_a_measure_under_another_task_has_moved():
    texts = [
        "淘汰每小时十蒸吨以下燃煤锅炉。",
        "加油站油气回收设施全部改造。",
        "开展秸秆禁烧巡查。",
        "渣土车全部密闭运输。",
    ]
    result = compare(plan(texts[:3], texts[3:]), plan(texts[:2], [*texts[3:], texts[2]]))
    assert kinds(result) == ["same", "same", "same", "moved"]
    assert [p.moved for p in result.pairs] == [False, False, False, True]


def test_changed_roles_change_the_clause_and_its_measures():
    old = plan(["淘汰每小时十蒸吨以下燃煤锅炉。"])
    new = plan(["淘汰每小时十蒸吨以下燃煤锅炉。"], lead="能源局")
    result = compare(old, new)
    assert kinds(result) == ["changed"]
    assert [(c.field, c.old, c.new) for c in result.clauses[0].roles] == [("lead", "生态环境局", "能源局")]


def test_the_order_of_cooperating_agencies_is_no_change():
    old = [replace(plan(["淘汰燃煤锅炉若干。"])[0], cooperate=("发改委", "工信局"))]
    new = [replace(plan(["淘汰燃煤锅炉若干。"])[0], cooperate=("工信局", "发改委"))]
    assert kinds(compare(old, new)) == ["same"]


def test_another_subject_is_a_change():
    old = plan(["锻造企业完成集中整治。"])
    new = [replace(old[0], measures=(replace(old[0].measures[0], concerns=("甲县",)),))]
    (pair,) = compare(old, new).pairs
    assert [(c.field, c.old, c.new) for c in pair.changes] == [("concerns", "", "甲县")]


def test_a_removed_clause_stands_where_it_stood():
    old = plan(["淘汰每小时十蒸吨以下燃煤锅炉。"], ["秸秆禁烧网格员每日巡查。"], ["渣土车全部密闭运输。"])
    new = [old[0], old[2]]
    result = compare(old, new)
    assert [c.kind for c in result.clauses] == ["same", "removed", "same"]
    assert kinds(result) == ["same", "removed", "same"]


def test_writing_alone_is_no_change():
    old, new = plan(["力争2020年9月底前完成治理，备案销号。"]), plan(["力争 2020 年９月底前完成治理,备案销号"])
    assert kinds(compare(old, new)) == ["same"]


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_words_make_up_both_wordings(old, new):
    words = word_difference(old, new)
    assert "".join(w.text for w in words if w.op != "gone") == new
    assert "".join(w.text for w in words if w.op == "gone") == "" or old != new


def test_targets_pair_by_unit_and_object():
    a = [TargetFacts(1, "燃气锅炉低氮改造率", ">=", Decimal(90), "%"), TargetFacts(2, "覆盖率", ">=", Decimal(60), "%")]
    b = [
        TargetFacts(3, "农村清洁取暖覆盖率", ">=", Decimal(60), "%"),
        TargetFacts(4, "燃气锅炉低氮改造率", ">=", Decimal(80), "%"),
    ]
    assert (0, 1) in pair_targets(a, b)
    assert pair_targets(a, [replace(b[1], unit="km")]) == []


def test_bare_text_ignores_width_blanks_and_brackets():
    assert bare("（２０２０ 年）“A级”") == bare("(2020年)A级") == "2020年a级"
