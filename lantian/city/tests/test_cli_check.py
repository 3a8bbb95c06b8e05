"""`lantian city check`."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lantian.city.cli import city
from lantian.city.pack import default_pack, find_pack, pack_names


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(city, ["check", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    folder = tmp_path / "spoilt"
    shutil.copytree(find_pack("lvliang"), folder)
    file = folder / "calendar.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("opens = 25", "opens = 52"), encoding="utf-8")
    return folder


def test_sound_packs_by_name_and_by_folder() -> None:
    assert run("lvliang") == (0, "lvliang: no faults.\n")
    assert run(str(find_pack("xinzhou"))) == (0, "xinzhou: no faults.\n")


def test_faults_are_printed_with_their_place(spoilt: Path) -> None:
    code, output = run(str(spoilt))
    assert code == 1
    assert "calendar.toml:" in output
    assert "'opens' is 52. It must lie between 1 and 31." in output
    assert output.endswith("spoilt: 1 fault.\n")


def test_faults_as_json(spoilt: Path) -> None:
    code, output = run(str(spoilt), "--json")
    report = json.loads(output)
    assert (code, report["pack"], report["ok"]) == (1, "spoilt", False)
    line = (spoilt / "calendar.toml").read_text(encoding="utf-8").split("\n").index("opens = 52") + 1
    assert report["faults"][0]["line"] == line
    assert json.loads(run("lvliang", "--json")[1]) == {"pack": "lvliang", "ok": True, "faults": []}


def test_a_pack_that_is_not_there() -> None:
    code, output = run("atlantis")
    assert code == 2
    assert "There is no city pack 'atlantis'" in output
    assert "lvliang" in output


def test_a_folder_that_is_no_pack(tmp_path: Path) -> None:
    code, output = run(str(tmp_path))
    assert code == 1
    assert "pack.toml:1: the file pack.toml is missing." in output


def test_the_pack_that_is_taken_when_nobody_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_pack() in pack_names()
    monkeypatch.setenv("LANTIAN_CITIES", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="Say which city pack"):
        default_pack()
    shutil.copytree(find_pack(Path(__file__).parents[3] / "cities" / "lvliang"), tmp_path / "only")
    assert default_pack() == "only"
    (tmp_path / "default").write_text("other\n", encoding="utf-8")
    assert default_pack() == "other"


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ('"late-remind"', '"late"', 'rule = "late"', "the escalation rule 'late' is unknown. One of: late-remind,"),
        ("threshold =", "treshold =", "treshold =", "'treshold' is unknown. One of: threshold,"),
        ("= 5", '= "five"', "threshold =", "threshold cannot be 'five'. Write a number."),
        ("= 5", "= -1", "threshold =", "threshold cannot be '-1'. Write a number from 0"),
        ("= 5", "= 1e999999", "threshold =", "Write a number from 0"),
        ("threshold = 5", 'level = "beat"', "level =", "level cannot be 'beat'. One of: remind,"),
        ("threshold = 5", "enabled = 1", "enabled =", "enabled cannot be '1'. Write true or false."),
        ("threshold = 5", "quiet_days = 1.5", "quiet_days =", "quiet_days cannot be '1.5'. Write a whole number."),
    ],
)
def test_faults_of_escalation_are_explained_with_their_line(
    tmp_path: Path, old: str, new: str, at: str, says: str
) -> None:
    """In a process of its own: the command loads no Django, and says all the same what the plan room knows."""
    folder = tmp_path / "own"
    shutil.copytree(find_pack("lvliang"), folder)
    rules = '[[override]]\nrule = "late-remind"\nsource = "s"\nconfidence = "V"\nsettings = { threshold = 5 }\n'
    (folder / "escalation.toml").write_text(rules.replace(old, new), encoding="utf-8")
    pack = folder / "pack.toml"
    licence = '\n[[provenance]]\nfile = "escalation.toml"\n'
    pack.write_text(pack.read_text(encoding="utf-8") + licence, encoding="utf-8")
    code = "import sys; from lantian.cli import main; main(['city', 'check', sys.argv[1]])"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("escalation.toml:")]
    text = (folder / "escalation.toml").read_text(encoding="utf-8").split("\n")
    line = next(number for number, words in enumerate(text, 1) if at in words)
    assert len(found) == 1, done.stdout + done.stderr
    assert found[0].startswith(f"escalation.toml:{line}:")
    assert says in found[0]
    assert done.returncode == 1
