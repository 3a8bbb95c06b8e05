"""A sound pack in a folder of its own, to be spoilt by each test."""

import shutil
from pathlib import Path

import pytest

from lantian.city.pack import find_pack

VILLAGES = "code,name\n141102100200,吴城村委会\n141102100201,街上村委会\n"
PROVENANCE = '\n[[file]]\nname = "villages.csv"\norigin = "test"\nlicence = "test"\n'


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the small pack with two villages added."""
    folder = tmp_path / "pack"
    shutil.copytree(find_pack("lvliang"), folder)
    (folder / "villages.csv").write_text(VILLAGES, encoding="utf-8")
    with (folder / "pack.toml").open("a", encoding="utf-8") as file:
        file.write(PROVENANCE)
    return folder
