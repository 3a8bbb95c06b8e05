"""The registry: wrong declarations are refused at import, and nothing is added after the start."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lantian.indicators.registry import Registry, RegistryError, indicator, registry, targets
from lantian.indicators.value import Value
from lantian.standards.units import UnknownUnitError


def declared(**changes: object) -> dict[str, object]:
    return {
        "code": "test_share", "title": "Share", "unit": "%", "direction": "up", "level": "area", "evidence": "records",
        "rule_version": "2020.1", "periods": ("month",), "definition": "what it means", **changes,
    }  # fmt: skip


def rule(place, period, context) -> Value:
    return Value.of(50, "%", rule_version="2020.1")


def register(into: Registry, function=rule, **changes: object):
    entry = declared(**changes)
    return indicator(str(entry.pop("code")), **entry, into=into)(function)  # type: ignore[arg-type]


def test_a_sound_declaration_is_registered_and_the_function_stays_itself():
    own = Registry()
    assert register(own) is rule
    assert own.get("test_share").evaluate(None, None, None).number == Decimal(50)
    assert len(own) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "Bad Code"}, "lower-case"),
        ({"code": "coverage"}, "address of a page"),
        ({"direction": "sideways"}, "direction"),
        ({"level": "planet"}, "level"),
        ({"rule_version": "1"}, "rule version"),
        ({"periods": ("fortnight",)}, "periods"),
        ({"periods": ()}, "periods"),
        ({"title": ""}, "title"),
        ({"unit": "吨"}, "by its code"),
    ],
)
def test_a_wrong_declaration_is_refused_at_once(changes, said):
    with pytest.raises(RegistryError, match=said):
        register(Registry(), **changes)


def test_an_unknown_unit_is_refused():
    with pytest.raises(UnknownUnitError):
        register(Registry(), unit="furlongs")


def test_the_signature_is_checked():
    def other(place, period) -> Value:
        return Value.of(1, "%", rule_version="1")

    def untyped(place, period, context):
        return None

    with pytest.raises(RegistryError, match="takes"):
        register(Registry(), other)
    with pytest.raises(RegistryError, match="annotated"):
        register(Registry(), untyped)


def test_the_same_code_twice_is_refused():
    own = Registry()
    register(own)
    with pytest.raises(RegistryError, match="twice"):
        register(own)


def test_a_rule_that_answers_in_another_unit_is_caught():
    own = Registry()
    register(own, unit="mg/m3")
    with pytest.raises(RegistryError, match="answered in %"):
        own.get("test_share").evaluate(None, None, None)


def test_after_the_start_nothing_can_be_registered():
    assert registry.frozen
    assert targets.frozen
    with pytest.raises(RegistryError, match="frozen"):
        register(registry)
    with pytest.raises(RegistryError, match="frozen"):
        targets.add(list)


def test_every_room_has_registered():
    codes = {one.code for one in registry}
    assert {"plan_signed_off_on_time", "plan_county_plans_on_time", "plan_overdue_share"} <= codes
