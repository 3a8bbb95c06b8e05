"""Find a pack by its folder or by its name."""

from __future__ import annotations

import os
from pathlib import Path

from lantian.city.pack.meta import FILE

ENVIRONMENT = "LANTIAN_CITIES"


def pack_folders() -> list[Path]:
    """Where packs are looked for by name: $LANTIAN_CITIES, `cities/` here, `cities/` beside this package."""
    wanted = os.environ.get(ENVIRONMENT)
    beside = Path(__file__).resolve().parents[3] / "cities"
    return [Path(wanted)] if wanted else list(dict.fromkeys([Path("cities").resolve(), beside]))


def pack_names() -> list[str]:
    """Names of the packs that can be found."""
    found = {file.parent.name for folder in pack_folders() for file in folder.glob(f"*/{FILE}")}
    return sorted(found)


def find_pack(name: str | Path) -> Path:
    """Return the folder of a pack given by path or name; raises FileNotFoundError that lists the known names."""
    path = Path(name)
    if path.is_dir():
        return path
    if len(path.parts) == 1:
        for folder in pack_folders():
            if (folder / path / FILE).is_file():
                return folder / path
    known = ", ".join(pack_names()) or "none"
    raise FileNotFoundError(
        f"There is no city pack {str(name)!r}. Give a folder that holds {FILE}, or one of: {known}."
    )
