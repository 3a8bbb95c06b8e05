"""Splitting a city's number among its areas."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.plan import services
from lantian.plan.models import Assignment, MeasureTarget
from lantian.records.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(go, ledger):
    return ledger[0]


@pytest.fixture
def target(city):
    return MeasureTarget.objects.get(measure__code="1-1-2")


def shares(target, *values):
    rows = Assignment.objects.filter(measure=target.measure_id).order_by("pk")
    return {a.pk: Decimal(v) for a, v in zip(rows, values, strict=False)}


def split(city, target, given, by="office", **values):
    return services.set_split(city.people[by], target, **{"method": "same", "shares": given, **values})


def test_a_split_that_adds_up_is_kept_with_its_trail(city, target):
    made = split(city, target, shares(target, 90, 92, 90, 90))
    assert made.shares.count() == 4
    entry = AuditEntry.objects.get(action="plan.split_target")
    assert entry.data["verdict"] == "stricter"


def test_one_that_does_not_says_why(city, target):
    given = shares(target, 90, 85, 90, 90)
    with pytest.raises(DomainError) as refused:
        split(city, target, given)
    assert refused.value.field == "explanation"
    made = split(city, target, given, explanation="丙县管网明年通气")
    assert made.explanation == "丙县管网明年通气"


def test_the_message_names_what_is_missing(city, target):
    with pytest.raises(DomainError) as refused:
        split(city, target, shares(target, 10, 20, 30, 20.5), method="sum")
    assert "80.5 %" in refused.value.message
    assert "9.5 %" in refused.value.message


def test_changing_a_split_replaces_its_shares_and_checks_the_version(city, target):
    one = split(city, target, shares(target, 90, 90, 90, 90))
    with pytest.raises(Conflict):
        split(city, target, shares(target, 91, 91, 91, 91), seen_version=0)
    two = split(city, target, shares(target, 91, 91), seen_version=one.version)
    assert (two.pk, two.version) == (one.pk, 2)
    assert {s.value for s in two.shares.all()} == {Decimal(91)}
    with pytest.raises(Conflict):
        split(city, target, shares(target, 92, 92), seen_version=one.version)


def test_only_the_office(city, target):
    for name in ("dept", "county", "inspector", "nobody"):
        with pytest.raises(NotAllowed):
            split(city, target, shares(target, 90), by=name)


def test_strange_shares_are_refused(city, target):
    other = Assignment.objects.exclude(measure=target.measure_id).first()
    for given in ({other.pk: Decimal(90)}, shares(target, "NaN"), shares(target, "1e13"), shares(target, "Infinity")):
        with pytest.raises(DomainError) as refused:
            split(city, target, given, explanation="因为")
        assert refused.value.field == "shares"


def test_a_criterion_is_no_target(city):
    criterion = MeasureTarget.objects.get(role="criterion")
    with pytest.raises(Unlawful):
        split(city, criterion, shares(criterion, 10), explanation="x")


def test_a_plan_that_is_not_in_force_is_not_split(city, target, ledger):
    ledger[1].state = "superseded"
    ledger[1].save()
    with pytest.raises(Unlawful):
        split(city, target, shares(target, 90))
