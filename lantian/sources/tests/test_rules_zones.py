"""zones.geojson of a pack: what is read, and every fault with its line."""

import datetime as dt
import json
from pathlib import Path

import pytest

from lantian.city.pack import check_pack, find_pack
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.sources.rules.geo import ZONE_KINDS, metres
from lantian.sources.rules.zones import ZonesError, check_zones, read_zones

RING = [[112.6, 38.3], [112.8, 38.3], [112.8, 38.5], [112.6, 38.5], [112.6, 38.3]]
SAID = {"code": "Z1", "kind": "no_coal", "name_zh": "禁煤区", "name_en": "no-coal zone", "source": "公告"}


def write(folder: Path, *features: dict, datum: str | None = "WGS-84", name: str = "zones.geojson") -> Path:
    data = {"type": "FeatureCollection", "features": list(features)} | ({"datum": datum} if datum else {})
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


def feature(ring: list | None = None, **said: object) -> dict:
    geometry = {"type": "Polygon", "coordinates": [ring or RING]}
    return {"type": "Feature", "properties": {**SAID, **said}, "geometry": geometry}


def faults_of(folder: Path, places: tuple[str, ...] = ("140000",)) -> list[str]:
    faults = Faults()
    check_zones(PackFiles(folder, faults), places, faults)
    return [str(one) for one in faults]


def test_a_pack_without_zones_has_none(tmp_path: Path) -> None:
    assert read_zones(tmp_path) == ()
    assert faults_of(tmp_path) == []


def test_zones_are_read_in_wgs84(tmp_path: Path) -> None:
    write(tmp_path, feature(since="2020-10-31", area="140000"), feature(code="Z2", kind="built_up"), datum="GCJ-02")
    one, two = read_zones(tmp_path)
    assert (one.code, one.kind, one.since, one.until, one.area, one.synthetic) == (
        "Z1", "no_coal", dt.date(2020, 10, 31), None, "140000", False,
    )  # fmt: skip
    assert two.kind == "built_up"
    corner = one.geometry.exterior.coords[0]
    assert 300 < metres(*corner, 112.6, 38.3) < 800
    assert faults_of(tmp_path) == []


def test_invented_zones_are_read_for_a_demonstration_only_and_marked(tmp_path: Path) -> None:
    write(tmp_path, feature())
    write(tmp_path, feature(code="D1"), name="demo/zones.geojson")
    assert [one.code for one in read_zones(tmp_path)] == ["Z1"]
    assert [(one.code, one.synthetic) for one in read_zones(tmp_path, demonstration=True)] == [
        ("Z1", False),
        ("D1", True),
    ]


@pytest.mark.parametrize(
    ("features", "datum", "expected"),
    [
        ([feature()], None, "declares no datum"),
        ([feature()], "gcj", "declares gcj datum"),
        ([feature(kind="green")], "WGS-84", "kind 'green'"),
        ([feature(name_en="")], "WGS-84", "name_en is missing"),
        ([feature(source=3)], "WGS-84", "source is missing"),
        ([feature(colour="red")], "WGS-84", "unknown property colour"),
        ([feature(area="999999")], "WGS-84", "is no place of the pack"),
        ([feature(since="2020-13-01")], "WGS-84", "no day"),
        ([feature(since="2020-05-01", until="2020-04-30")], "WGS-84", "before it begins"),
        ([feature(), feature()], "WGS-84", "there is a zone 'Z1' already"),
        ([feature(RING[:-1])], "WGS-84", "not closed"),
        ([feature([[112.6, 38.3], [112.8, 38.5], [112.8, 38.3], [112.6, 38.5], [112.6, 38.3]])], "WGS-84", "not valid"),
        ([feature(code="")], "WGS-84", "without a code"),
    ],
)
def test_every_fault_names_its_line(tmp_path: Path, features, datum, expected) -> None:
    found = faults_of(write(tmp_path, *features, datum=datum))
    assert any(expected in one and one.startswith("zones.geojson:") for one in found), found
    if datum == "WGS-84":
        assert not any(one.startswith("zones.geojson:1:") for one in found)


def test_a_file_with_faults_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(ZonesError, match="kind 'green'"):
        read_zones(write(tmp_path, feature(kind="green")))


def test_what_is_no_geojson_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "zones.geojson").write_text("{", encoding="utf-8")
    assert len(faults_of(tmp_path)) == 1
    (tmp_path / "zones.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert faults_of(tmp_path) == []


def test_the_packs_here_are_sound_and_what_they_invent_is_in_their_demonstration() -> None:
    for slug in ("xinzhou", "lvliang"):
        root = find_pack(slug)
        assert check_pack(root) == []
        assert read_zones(root) == ()
    invented = read_zones(find_pack("xinzhou"), demonstration=True)
    assert {one.kind for one in invented} == {"built_up", "no_coal", "planning"} <= set(ZONE_KINDS)
    assert all(one.synthetic and "演示" in one.name_zh for one in invented)
