"""Find a pack by its folder or by its name."""

from __future__ import annotations

import os
from pathlib import Path

from lantian.city.pack.meta import FILE

FOLDER_VARIABLE = "LANTIAN_CITIES"
# A file beside the packs whose first word names the one that is taken when nobody says which.
DEFAULT_FILE = "default"


def pack_folders() -> list[Path]:
    """Where packs are looked for by name: $LANTIAN_CITIES, or `cities/` here, then `cities/` beside this package."""
    wanted = os.environ.get(FOLDER_VARIABLE)
    beside = Path(__file__).resolve().parents[3] / "cities"
    return [Path(wanted)] if wanted else list(dict.fromkeys([Path("cities").resolve(), beside]))


def pack_names() -> list[str]:
    """Names of the packs that can be found."""
    found = {file.parent.name for folder in pack_folders() for file in folder.glob(f"*/{FILE}")}
    return sorted(found)


def default_pack() -> str:
    """Name of the pack to take when nobody says which: the word in `cities/default`, or the only pack there is.

    Raises FileNotFoundError when neither decides.
    """
    for folder in pack_folders():
        file = folder / DEFAULT_FILE
        if file.is_file() and (words := file.read_text(encoding="utf-8").split()):
            return words[0]
    names = pack_names()
    if len(names) == 1:
        return names[0]
    raise FileNotFoundError(f"Say which city pack to take, or write its name into cities/{DEFAULT_FILE}. {_known()}")


def find_pack(name: str | Path) -> Path:
    """Return the folder of a pack given by path or name; raises FileNotFoundError that lists the known names."""
    path = Path(name)
    if path.is_dir() and (path / FILE).is_file():
        return path
    if len(path.parts) == 1:
        for folder in pack_folders():
            if (folder / path / FILE).is_file():
                return folder / path
    if path.is_dir():
        return path  # a folder without pack.toml: the checker says so
    raise FileNotFoundError(
        f"There is no city pack {str(name)!r}. Give a folder that holds {FILE}, or a name. {_known()}"
    )


def _known() -> str:
    return f"Known names: {', '.join(pack_names()) or 'none'}."
