"""`lantian indicators`: the table of coverage and its exit status."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from lantian.city.models import LoadedPack
from lantian.cli import main
from lantian.indicators.tests.samples import definition
from lantian.plan.services.bindings import bind_version
from lantian.plan.tests.test_bindings import ROWS

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(ledger):
    _city, version = ledger
    LoadedPack.objects.update(indicators=[definition("gas_share", "%"), definition("boilers_left", "台")])
    return version


def run(*words: str):
    return CliRunner().invoke(main, ["indicators", *words])


def test_every_target_bound_is_success(plan):
    LoadedPack.objects.update(bindings=ROWS)
    bind_version(plan)
    answer = run("coverage")
    assert answer.exit_code == 0, answer.output
    assert "2 targets, 0 without an indicator" in answer.output
    assert "gas_share" in answer.output


def test_an_unbound_target_is_failure_and_named(plan):
    LoadedPack.objects.update(bindings=ROWS[1:2])
    bind_version(plan)
    answer = run("coverage", "--json")
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["unbound"]) == (1, 1)
    (gap,) = [row for row in told["targets"] if not row["bound"]]
    assert (gap["measure"], gap["wanted"], gap["indicator"]) == ("1-1-2", "≥ 90 %", "")


def test_without_a_plan_there_is_nothing_to_cover(city):
    answer = run("coverage")
    assert answer.exit_code == 1
    assert "No adopted plan" in answer.output


def test_the_list_names_every_indicator(plan):
    answer = run("list", "--json")
    told = {row["code"]: row for row in json.loads(answer.stdout)}
    assert {"gas_share", "plan_overdue_share"} <= set(told)
    assert told["gas_share"]["number"] == ""
    assert told["gas_share"]["reason"]
    assert "gas_share" in run("list").output
