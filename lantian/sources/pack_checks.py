"""What this room knows about city packs: zones.geojson. No Django."""

from __future__ import annotations

from lantian.city.pack.checks import SeenPack, register_file_check
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles


def register() -> None:
    register_file_check(_zones)


def _zones(files: PackFiles, seen: SeenPack, faults: Faults) -> None:
    from lantian.sources.rules.zones import check_zones

    codes = {one.code for one in (seen.places.city, *seen.places.areas)} if seen.places else set()
    check_zones(files, codes, faults)
