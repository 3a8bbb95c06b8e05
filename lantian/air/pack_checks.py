"""What this room knows about city packs: targets.toml. No Django."""

from __future__ import annotations

from lantian.air.targets.reading import check
from lantian.city.pack.checks import register_file_check


def register() -> None:
    register_file_check(check)
