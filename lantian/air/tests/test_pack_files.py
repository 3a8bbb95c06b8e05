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
