"""Names and codes of a pack's city and areas, read from two small files: a command shall not load a whole pack for them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lantian.air.assessing.series import AREA, CITY
from lantian.city.pack.meta import FILE as PACK
from lantian.city.pack.places import FILE as PLACES


class PackFileError(ValueError):
    """A file of the pack cannot be read."""


@dataclass(frozen=True, slots=True)
class PackPlace:
    """The city of a pack or one of its areas. `kind`: "city" or "area"."""

    code: str
    kind: str
    zh: str
    en: str
    aliases: tuple[str, ...]

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.zh, *self.aliases, self.code)


def pack_places(root: Path) -> tuple[PackPlace, ...]:
    """Return the city and its areas in the order of the pack; raises PackFileError for files that cannot be read."""
    files = (root / PACK, root / PLACES)
    return _read(root, tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files))


@lru_cache(16)
def _read(root: Path, _changed: tuple[int, ...]) -> tuple[PackPlace, ...]:
    meta, listed = _toml(root / PACK).get("pack", {}), _toml(root / PLACES)
    city = listed.get("city", {})
    own = (
        () if not meta else (_place(meta | {"code": meta.get("adcode", ""), "aliases": city.get("aliases", ())}, CITY),)
    )
    return (*own, *(_place(row, AREA) for row in listed.get("area", ())))


def _toml(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackFileError(f"{file.name}: {error}; `lantian city check` says more") from error


def _place(row: dict[str, Any], kind: str) -> PackPlace:
    return PackPlace(
        str(row.get("code", "")),
        kind,
        str(row.get("name_zh", "")),
        str(row.get("name_en", "")),
        tuple(str(one) for one in row.get("aliases", ())),
    )
