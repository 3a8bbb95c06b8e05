"""targets.toml of a pack: what is read, what is refused, and that the plan's sentences are not said twice."""

import shutil

import pytest
from click.testing import CliRunner

from lantian.air import pack_checks
from lantian.air.targets.ask import targets_of_pack
from lantian.air.targets.model import KINDS, UnknownStatisticError, statistic_named, statistics
from lantian.air.targets.reading import read_targets
from lantian.city.pack import PackError, check_pack, find_pack, load_pack
from lantian.cli import main
from lantian.standards.units import unit

ONE = """
[[target]]
id = "a"
place = "141102"
year = 2020
statistic = "pm10_annual_mean"
value = 84
unit = "µg/m3"
source = "a paper"
confidence = "V1"
"""


@pytest.fixture
def pack(tmp_path):
    pack_checks.register()
    folder = tmp_path / "pack"
    shutil.copytree(find_pack("lvliang"), folder)
    return folder


def faults(pack, text):
    (pack / "targets.toml").write_text(text, encoding="utf-8")
    return [(one.kind, one.line, one.message) for one in check_pack(pack) if one.file == "targets.toml"]


def test_a_sound_file_has_no_faults(pack):
    assert faults(pack, ONE) == []
    (one,) = read_targets(pack).targets
    assert (one.place, one.year, one.value, one.comparator, one.origin) == ("141102", 2020, 84, "<=", "pack")


@pytest.mark.parametrize(
    ("old", "new", "kind", "says"),
    [
        ('place = "141102"', 'place = "149999"', "unknown-place", "no place has the code"),
        ('"pm10_annual_mean"', '"pm10_mean"', "bad-value", "pm10_mean"),
        ('"pm10_annual_mean"', '"dustfall"', "bad-value", "dustfall"),
        ('unit = "µg/m3"', 'unit = "mg/m3"', "bad-unit", "counted in µg/m3"),
        ("value = 84", "value = 84000", "bad-value", "cannot be 84000"),
        ("value = 84", 'value = "84"', "wrong-type", "'value'"),
        ("year = 2020", "year = 20", "bad-value", "'year' is 20"),
        ('source = "a paper"', "", "missing-key", "'source'"),
        ('confidence = "V1"', 'confidence = "sure"', "bad-value", "'confidence'"),
        ('confidence = "V1"', 'confidence = "V1"\ncomparator = ">="', "bad-value", "'comparator'"),
        ('confidence = "V1"', 'confidence = "V1"\nurl = "somewhere"', "bad-value", "'url'"),
        ('confidence = "V1"', 'confidence = "V1"\npart_of = "b"', "bad-value", "'part_of'"),
        ('confidence = "V1"', 'confidence = "V1"\naim = 3', "unknown-key", "'aim'"),
        ('confidence = "V1"', 'confidence = "V1"' + ONE, "duplicate", "given twice"),
        (ONE, '[[scope]]\nrole = "province-cities"\nscope = "nowhere"\n', "bad-value", "no scope 'nowhere'"),
    ],
)
def test_faults_name_line_and_what_is_wrong(pack, old, new, kind, says):
    found = faults(pack, ONE.replace(old, new))
    assert [one[0] for one in found] == [kind]
    assert says in found[0][2]
    assert found[0][1] >= 1


def test_a_number_that_the_plan_says_is_not_said_twice(pack):
    said = ONE.replace("141102", "141100").replace("2020", "2025").replace("pm10", "pm25").replace("84", "31")
    found = faults(pack, said)
    assert [one[0] for one in found] == ["twice"]
    assert "31微克" in found[0][2]


def test_a_broken_file_is_refused_when_it_is_read(pack):
    (pack / "targets.toml").write_text(ONE.replace("84", "-1"), encoding="utf-8")
    with pytest.raises(PackError, match="cannot be -1"):
        read_targets(pack)
    (pack / "targets.toml").unlink()
    assert read_targets(pack).targets == ()


@pytest.mark.parametrize("name", ["xinzhou", "lvliang"])
def test_the_packs_are_sound_and_their_invented_targets_say_so(name):
    pack_checks.register()
    assert check_pack(find_pack(name)) == []
    pack = load_pack(find_pack(name))
    demo = [one for one in targets_of_pack(pack, demonstration=True) if one.demonstration]
    assert all("虚构" in one.source for one in demo)
    assert not [one for one in targets_of_pack(pack) if one.demonstration]


def test_the_targets_of_the_plans_sentences_come_from_the_bindings():
    found = {(one.place, one.statistic.code): one for one in targets_of_pack(load_pack(find_pack("xinzhou")))}
    assert found["140900", "so2_annual_mean"].value == 20
    assert found["140923", "so2_annual_mean"].value == 60
    assert len([key for key in found if key[1] == "so2_annual_mean"]) == 15
    assert "rank_gain_168" in {key[1] for key in found if key[0] == "140900"}
    assert not [key for key in found if key[1] == "dustfall"]  # a limit of each month, shown on a page of its own
    assert all(one.origin == "plan" and one.sentence for one in found.values())


def test_parts_of_the_citys_targets_in_the_second_pack():
    found = targets_of_pack(load_pack(find_pack("lvliang")))
    pm10 = {one.place: one.value for one in found if one.statistic.code == "pm10_annual_mean" and one.year == 2020}
    assert len(pm10) == 13
    assert pm10["141102"] == 84


def test_statistics_are_sound():
    assert {one.kind for one in statistics().values()} <= set(KINDS)
    assert all(unit(one.unit).code == one.unit for one in statistics().values())
    with pytest.raises(UnknownStatisticError, match="pm25_annual_mean"):
        statistic_named("pm25")


def test_the_command_without_a_store_says_that_there_are_no_data(tmp_path):
    run = CliRunner().invoke(main, ["air", "targets", "--data", str(tmp_path), "--on", "2020-06-20", "--json"])
    assert run.exit_code == 0
    assert '"status": "no_data"' in run.output
    assert '"code": "140900"' in run.output
    none = CliRunner().invoke(main, ["air", "targets", "--data", str(tmp_path), "--place", "某地"])
    assert none.exit_code == 1
    assert "某地" in none.output
