"""What this room knows about city packs: targets.toml, stations.csv, scopes.toml, neighbours.toml. No Django."""

from __future__ import annotations

from lantian.city.pack.checks import SeenPack, register_file_check
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles


def register() -> None:
    from lantian.air.targets.reading import check

    register_file_check(check)
    register_file_check(_network)
    register_file_check(_scopes)
    register_file_check(_neighbours)


def _network(files: PackFiles, seen: SeenPack, faults: Faults) -> None:
    from lantian.air.network import check_stations

    codes = {one.code for one in (seen.places.city, *seen.places.areas)} if seen.places else set()
    check_stations(files, codes, faults)


def _scopes(files: PackFiles, seen: SeenPack, faults: Faults) -> None:
    from lantian.air.assessing.scope_checks import check_scopes

    check_scopes(files, faults)


def _neighbours(files: PackFiles, seen: SeenPack, faults: Faults) -> None:
    from lantian.air.quality.near_checks import check_neighbours

    check_neighbours(files, faults)
