"""Measures from end to end: what is handed over beside the values, and what a person is warned of."""

from __future__ import annotations

import doctest

from lantian.plan.reading import objects, read_plan, read_source
from lantian.plan.reading.units import units
from lantian.standards.units import unit


def plan_of(text: str):
    clause = "（市能源局牵头，各县（市、区）人民政府负责落实）"
    written = f"云阳市2023年治气计划\n2023年2月1日\n一、重点任务\n1.清洁取暖。{text}{clause}\n"
    return read_plan(read_source(written.encode(), "plan.txt"))


def measures_of(text: str):
    (task,) = plan_of(text).tasks
    return [measure for group in task.groups for measure in group.measures]


def test_targets_in_words_stand_beside_the_numbers():
    (measure,) = measures_of("工地落实“八个百分之百”要求。")
    assert measure.targets == ()
    data = measure.to_json()
    assert data["targets"] == []
    (derived,) = data["derived_targets"]
    assert (derived["role"], derived["derived"], derived["value"]) == ("target", True, 100)
    assert derived["confidence"] <= 0.7
    field = next(field for field in measure.fields if field.name == "derived_target")
    assert (field.start, field.end) == (derived["start"], derived["end"])
    assert measure.nature == "binding"


def test_a_sentence_that_goes_on_takes_its_subject_over_and_is_doubtful():
    first, second = measures_of("东山区要在5月底前完成摸底，并于9月底前完成整治。")
    assert first.confidence > second.confidence
    assert second.confidence <= 0.8
    field = next(field for field in second.fields if field.name == "subject")
    assert field.value == "东山区"
    assert field.confidence < 0.7
    assert not any(field.name == "subject" for field in first.fields)


def test_without_a_subject_to_take_over_it_is_only_doubtful():
    *_, second = measures_of("5月底前完成摸底，同时2023年9月底前完成整治。")
    assert second.confidence <= 0.8
    assert not any(field.name == "subject" for field in second.fields)


def test_a_deadline_that_names_no_known_day_is_warned_of():
    plan = plan_of("管网移交前，完成普查。2023年小区移交前完成普查。")
    warned = [warning for warning in plan.warnings if "no day that the reader knows" in warning.message]
    assert [warning.message for warning in warned] == ["“2023年小区移交前” names no day that the reader knows"]
    assert not any(measure.deadlines for task in plan.tasks for group in task.groups for measure in group.measures)


def test_a_customary_deadline_is_read_with_a_warning():
    plan = plan_of("2023年夏收前完成农机检修。")
    (measure,) = plan.tasks[0].groups[0].measures
    assert measure.deadlines == ("2023-05-31",)
    assert any("夏收前" in warning.message for warning in plan.warnings)


def test_the_standards_know_every_unit_of_the_reader():
    for name, found in units().items():
        assert unit(found.code).code, name


def test_the_example_of_an_object_holds():
    assert doctest.testmod(objects).failed == 0
