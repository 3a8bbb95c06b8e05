"""The kinds of files that are taken and those that are refused, from `data/kinds.toml`."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken for some purpose. `image` is the decoder's name for pictures, else empty."""

    id: str
    zh: str
    en: str
    mime: str
    extensions: tuple[str, ...]
    purposes: frozenset[str]
    image: str = ""
    max_pixels: int = 0

    def label(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True)
class Refusal:
    """A kind of file that is never taken, and the sentence that says why and what to do instead."""

    id: str
    zh: str
    en: str
    extensions: tuple[str, ...]

    def reason(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True)
class Limits:
    zip_entries: int
    zip_unpacked_bytes: int


@dataclass(frozen=True)
class Catalogue:
    kinds: dict[str, Kind]
    refused: dict[str, Refusal]
    limits: Limits

    def by_mime(self, mime: str) -> Kind | None:
        return next((kind for kind in self.kinds.values() if kind.mime == mime), None)

    def refused_extension(self, extension: str) -> Refusal | None:
        return next((r for r in self.refused.values() if extension in r.extensions), None)

    def accepting(self, purpose: str) -> list[Kind]:
        return [kind for kind in self.kinds.values() if purpose in kind.purposes]


@functools.cache
def catalogue() -> Catalogue:
    """Return the data file, read once."""
    data = tomllib.loads((Path(__file__).parent / "data" / "kinds.toml").read_text(encoding="utf-8"))
    return Catalogue(
        kinds={
            key: Kind(
                id=key, zh=entry["zh"], en=entry["en"], mime=entry["mime"], extensions=tuple(entry["extensions"]),
                purposes=frozenset(entry["purposes"]), image=entry.get("image", ""),
                max_pixels=entry.get("max_pixels", 0),
            )
            for key, entry in data["kinds"].items()
        },
        refused={
            key: Refusal(key, entry["zh"], entry["en"], tuple(entry["extensions"]))
            for key, entry in data["refused"].items()
        },
        limits=Limits(**data["limits"]),
    )  # fmt: skip
