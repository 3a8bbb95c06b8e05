"""`lantian city check` names file and line of what is wrong with stations.csv and scopes.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from lantian.air.tests.made_stores import HEADER, station
from lantian.cli import main

PACKS = Path(__file__).parents[3] / "cities"


def checked(folder):
    return CliRunner().invoke(main, ["city", "check", str(folder)]).output


def test_stations_and_scopes_of_a_pack_are_checked(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(PACKS / sorted(one.name for one in PACKS.glob("*/scopes.toml") for one in [one.parent])[0], folder)
    assert "no faults" in checked(folder)
    (folder / "stations.csv").write_text(f"{HEADER}\n{station('1A')}\n{station('1B', kind='x')}\n", encoding="utf-8")
    scopes = folder / "scopes.toml"
    first = scopes.read_text(encoding="utf-8")
    scopes.write_text(
        first + '\n[[scope]]\nid = "A B"\nzh = "甲"\nen = "a"\nplaces = ["甲", "甲"]\nsource = "s"\n', encoding="utf-8"
    )
    said = checked(folder)
    assert "stations.csv:2: place: '990001' is no place of the pack" in said
    assert "stations.csv:3: kind: 'x' is none of" in said
    line = first.count("\n") + 2
    assert f"scopes.toml:{line}" in said
    assert "'places' names '甲' twice" in said
    assert "'id' has the wrong form" in said
    assert "'confidence' is missing" in said


def test_neighbours_of_a_pack_are_checked(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(
        PACKS / sorted(one.name for one in PACKS.glob("*/neighbours.toml") for one in [one.parent])[0], folder
    )
    assert "no faults" in checked(folder)
    (folder / "neighbours.toml").write_text(
        """schema = 1

[[neighbours]]
place = "临水市"
near = ["石门市", "石门", "临水"]
source = "a map"
confidence = "sure"

[[neighbours]]
place = "临水"
near = []
sauce = "a map"
confidence = "R-H"
""",
        encoding="utf-8",
    )
    said = checked(folder)
    for text in (
        "neighbours.toml:5:1: 'near' names '石门' twice",
        "neighbours.toml:5:1: '临水市' is named as its own neighbour",
        "neighbours.toml:7:1: 'confidence'",
        "neighbours.toml:10:1: '临水' has neighbours twice",
        "neighbours.toml:11:1: 'near' names no city",
        "neighbours.toml:9:1: the key 'source' is",
        "neighbours.toml:12:1: unknown key 'sauce'",
        "Did you mean",
    ):
        assert text in said, (text, said)
    (folder / "neighbours.toml").write_text("[[neighbours]\n", encoding="utf-8")
    assert "neighbours.toml:1" in checked(folder)
