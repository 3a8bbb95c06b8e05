"""Escalation as a pure function."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lantian.plan.rules.escalation import Decided, Fact, Open, Ref, Subject, evaluate
from lantian.plan.rules.escalation_rules import LEVELS, RuleError, facts_known, load_rules, national_rules

TODAY = dt.date(2020, 6, 20)
COUNTY = Subject("place", 5)
RULES = national_rules()


def late(*days: int, subject: Subject = COUNTY) -> Fact:
    parts = tuple(Ref("assignment", n, f"1-1-{n}", Decimal(d)) for n, d in enumerate(days, 1))
    return Fact("days_late", subject, parts=parts)


def decided(level: str, days_ago: int, *, family: str = "late", notice: int | None = 9) -> Decided:
    return Decided(family, level, COUNTY, TODAY - dt.timedelta(days=days_ago), notice, "notice")


def levels(outcome) -> list[tuple[str, str]]:
    return [(proposal.family, proposal.level) for proposal in outcome.propose]


def test_every_rule_measures_a_known_fact_and_explains_itself_in_both_languages():
    for rule in RULES:
        assert rule.fact in facts_known()
        assert rule.level in LEVELS
        assert rule.explanation_zh
        assert rule.explanation_en
        assert rule.source
        words = {"figure": "1", "threshold": "1", "n": 1, "count": 1}
        assert "{" not in rule.text_zh.format(**words) + rule.text_en.format(**words)
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_nothing_is_proposed_without_facts_or_without_data():
    assert evaluate(RULES, [], today=TODAY).propose == []
    assert evaluate(RULES, [Fact("share_late", COUNTY, None, 30)], today=TODAY).propose == []


@pytest.mark.parametrize(
    ("days", "level"),
    [
        ((0,), None),
        ((1,), "remind"),
        ((15,), "warn"),
        ((30,), "warn"),
        ((30, 31), "circular"),
        ((60, 61, 62), "interview"),
    ],
)
def test_the_level_follows_days_and_number(days, level):
    expected = [("late", level)] if level else []
    assert levels(evaluate(RULES, [late(*days)], today=TODAY)) == expected


def test_reasons_carry_figure_threshold_and_what_they_point_at():
    (proposal,) = evaluate(RULES, [late(40, 35, 2)], today=TODAY).propose
    first, *others = proposal.reasons
    assert (first.figure, first.threshold, first.n) == (Decimal(40), Decimal(30), 2)
    assert [ref.id for ref in first.refs] == [1, 2]
    assert {reason.rule for reason in others} == {"late-remind", "late-warn"}
    assert all(reason.supporting for reason in others)
    assert first.plain()["figure"] == "40"
    assert "40" in first.text_zh


def test_a_lower_level_of_another_family_supports_the_higher_one_instead_of_standing_beside_it():
    facts = [late(40, 41), Fact("rounds_missed", COUNTY, Decimal(1))]
    outcome = evaluate(RULES, facts, today=TODAY)
    assert levels(outcome) == [("late", "circular")]
    assert "rounds-remind" in {reason.rule for reason in outcome.propose[0].reasons}
    assert outcome.silent == [("rounds:place:5", "covered")]


def test_an_open_lower_proposal_lapses_when_a_higher_one_covers_it():
    standing = [Open(1, "rounds", "remind", COUNTY)]
    outcome = evaluate(RULES, [late(40, 41), Fact("rounds_missed", COUNTY, Decimal(1))], standing=standing, today=TODAY)
    assert [(case.id, why) for case, why in outcome.lapse] == [(1, "covered")]


def test_the_same_situation_is_kept_not_proposed_again():
    standing = [Open(1, "late", "warn", COUNTY)]
    outcome = evaluate(RULES, [late(16)], standing=standing, today=TODAY)
    assert outcome.propose == []
    assert outcome.lapse == []
    assert outcome.keep[0][0].id == 1


@pytest.mark.parametrize(
    ("days", "why", "now"),
    [((), "gone", []), ((2,), "lowered", [("late", "remind")]), ((31, 31), "raised", [("late", "circular")])],
)
def test_an_open_proposal_lapses_when_its_reason_changes(days, why, now):
    standing = [Open(1, "late", "warn", COUNTY)]
    outcome = evaluate(RULES, [late(*days)], standing=standing, today=TODAY)
    assert outcome.lapse == [(standing[0], why)]
    assert levels(outcome) == now


def test_after_a_decision_the_family_is_quiet_at_the_same_level_but_not_at_a_higher_one():
    past = [decided("warn", 3, notice=None)]
    assert levels(evaluate(RULES, [late(16)], decided=past, today=TODAY)) == []
    assert levels(evaluate(RULES, [late(2)], decided=past, today=TODAY)) == []
    assert levels(evaluate(RULES, [late(31, 31)], decided=past, today=TODAY)) == [("late", "circular")]
    assert levels(evaluate(RULES, [late(16)], decided=[decided("warn", 10, notice=None)], today=TODAY)) == [
        ("late", "warn")
    ]


def test_ladder_a_notice_that_did_not_help_climbs():
    outcome = evaluate(RULES, [late(5)], decided=[decided("remind", 15)], today=TODAY)
    assert levels(outcome) == [("late", "warn")]
    assert outcome.propose[0].reasons[0].rule == "unmended-remind"
    assert outcome.propose[0].reasons[0].refs[0].kind == "notice"


def test_ladder_needs_the_cause_to_stay_and_a_notice_to_have_been_sent():
    assert evaluate(RULES, [], decided=[decided("remind", 15)], today=TODAY).propose == []
    rejected = evaluate(RULES, [late(5)], decided=[decided("remind", 15, notice=None)], today=TODAY)
    assert levels(rejected) == [("late", "remind")]


def test_ladder_reaches_the_last_rung_and_stops():
    for at, level in enumerate(LEVELS[:-1]):
        outcome = evaluate(RULES, [late(5)], decided=[decided(level, 61)], today=TODAY)
        assert levels(outcome) == [("late", LEVELS[at + 1])]
    outcome = evaluate(RULES, [late(5)], decided=[decided("accountability", 5)], today=TODAY)
    assert outcome.propose == []


def test_ladder_an_unanswered_notice_climbs_by_its_own_level():
    unanswered = Fact("days_unanswered", COUNTY, Decimal(4), refs=(Ref("notice", 3, "x"),), level="warn")
    assert levels(evaluate(RULES, [unanswered], today=TODAY)) == [("unanswered", "circular")]


def test_a_share_needs_enough_assignments():
    assert levels(evaluate(RULES, [Fact("share_late", COUNTY, Decimal(50), 4)], today=TODAY)) == []
    assert levels(evaluate(RULES, [Fact("share_late", COUNTY, Decimal(50), 5)], today=TODAY)) == [("share", "circular")]


def test_order_of_facts_does_not_matter():
    facts = [late(40, 41), Fact("rounds_missed", COUNTY, Decimal(3)), late(3, subject=Subject("agency", 2))]
    one = {(p.key, p.level) for p in evaluate(RULES, facts, today=TODAY).propose}
    other = {(p.key, p.level) for p in evaluate(RULES, facts[::-1], today=TODAY).propose}
    assert one == other == {("rounds:place:5", "interview"), ("late:agency:2", "remind")}


def test_a_pack_changes_settings_and_the_version_says_so():
    rules = {
        r.id: r
        for r in load_rules([{"rule": "late-remind", "settings": {"threshold": 5}, "source": "s", "confidence": "V"}])
    }
    assert rules["late-remind"].threshold == 5
    assert rules["late-remind"].own
    assert rules["late-remind"].version.startswith("escalation-1+")
    assert rules["late-warn"].version == "escalation-1"
    off = load_rules([{"rule": "late-remind", "settings": {"enabled": False}}])
    assert levels(evaluate(off, [late(3)], today=TODAY)) == []


def test_faulty_overrides_are_all_named():
    with pytest.raises(RuleError) as caught:
        load_rules(
            [
                {"rule": "late-remnd", "settings": {}},
                {"rule": "late-warn", "settings": {"treshold": 3, "level": "shout", "quiet_days": -1, "enabled": "no", "minimum": 1.5}},
            ]
        )  # fmt: skip
    assert len(caught.value.faults) == 6
    assert "late-remnd" in caught.value.faults[0]
