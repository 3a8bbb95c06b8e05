"""The packs of this repository: sound, complete, and what they say."""

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest
import shapely

from lantian.city.pack import (
    CityPack,
    calendar_from_plain,
    check_pack,
    find_pack,
    find_quote,
    load_pack,
    national_thresholds,
    plain,
)
from lantian.city.pack.people import capabilities
from lantian.city.pack.schedule import threshold_rows
from lantian.standards.units import unit

NAMES = ("xinzhou", "lvliang")


@pytest.fixture(scope="module", params=NAMES)
def each(request: pytest.FixtureRequest) -> CityPack:
    return load_pack(find_pack(request.param))


@pytest.fixture(scope="module")
def big() -> CityPack:
    return load_pack(find_pack("xinzhou"))


@pytest.mark.parametrize("name", NAMES)
def test_the_packs_are_sound(name: str) -> None:
    assert [str(fault) for fault in check_pack(find_pack(name))] == []


def test_numbers_of_places(big: CityPack) -> None:
    counts = {kind: len(big.places.of_kind(kind)) for kind in ("city", "county", "zone", "scenic", "town", "village")}
    assert counts == {"city": 1, "county": 14, "zone": 1, "scenic": 1, "town": 173, "village": 2878}
    small = load_pack(find_pack("lvliang")).places
    assert [area.code for area in small.areas] == [
        "141102", "141121", "141122", "141123", "141124", "141125", "141126",
        "141127", "141128", "141129", "141130", "141181", "141182",
    ]  # fmt: skip


def test_the_tree_of_places(each: CityPack) -> None:
    places = each.places
    assert places.city.parent is None
    for place in places:
        if place.parent:
            assert place in places.children(place.parent)
            assert places.path(place.code)[0] == places.city
    levels = {"town": 3, "village": 4}
    assert all(len(places.path(place.code)) == levels.get(place.kind, 2) for place in places if place.parent)


def test_every_town_of_the_scenic_area_is_its_own(big: CityPack) -> None:
    assert [town.name_zh for town in big.places.children("140971")] == ["台怀镇", "石咀镇", "金岗库乡"]
    assert big.places.get("140902101000").name_en == "Qicun Town"


def test_polygons_are_in_wgs84_and_do_not_overlap(each: CityPack) -> None:
    shapes = [area.geometry for area in each.places.areas if area.geometry is not None]
    assert len(shapes) == len(each.places.of_kind("county"))
    union = shapely.union_all(shapes)
    assert shapely.box(*each.places.bbox).covers(union)
    assert union.area == pytest.approx(sum(shape.area for shape in shapes), rel=1e-4)


def test_the_datum_was_taken_off(big: CityPack) -> None:
    """The file is in GCJ-02, which in this region lies some 400 to 700 m east of WGS-84."""
    raw = json.loads((find_pack("xinzhou") / "places.geojson").read_text(encoding="utf-8"))
    published = shapely.Polygon(raw["features"][0]["geometry"]["coordinates"][0])
    loaded = big.places.get(raw["features"][0]["properties"]["code"]).geometry
    east = (published.centroid.x - loaded.centroid.x) * 111_320 * 0.78
    assert 300 < east < 800


def test_geometries_become_geojson(big: CityPack) -> None:
    shape = big.places.get("140902").geojson()
    assert shape is not None
    assert shape["type"] == "Polygon"
    assert big.places.get("1409Z1").geojson() is None
    assert big.places.get("1409Z1").inside == "140902"


def test_agencies_in_every_spelling(big: CityPack) -> None:
    names = big.gazetteer()
    spellings = {
        "市发改委": "发改委", "市发展改革委": "发改委", "发展和改革委员会": "发改委", "忻州市发展和改革委员会": "发改委",
        "市行政审批局": "行政审批局", "市审批局": "行政审批局", "市大气办": "大气污染防治工作领导小组办公室",
        "忻州供电公司": "忻州供电公司", "中铁太原局原平车务段": "中铁太原局原平车务段",
        "市清洁取暖领导小组成员单位": "清洁取暖领导小组成员单位", "市自然资源局": "自然资源局",
    }  # fmt: skip
    assert {text: names.agency(text) for text in spellings} == spellings


def test_areas_in_every_spelling(big: CityPack) -> None:
    names = big.gazetteer()
    for text, code in {
        "忻府": "140902",
        "五台山风景区管委会": "140971",
        "忻州经济开发区": "1409Z1",
        "代县": "140923",
    }.items():
        area = names.area(text)
        assert area is not None
        assert area.code == code
    assert len(names.all_areas) == 14
    assert names.heating_season is not None
    assert names.heating_season.start == "11-01"


def test_no_pack_knows_the_other_citys_names() -> None:
    small = load_pack(find_pack("lvliang")).gazetteer()
    assert small.area("忻府区") is None
    assert small.agency("国网吕梁供电公司") == "国网吕梁供电公司"


def test_the_plan_is_whole(big: CityPack) -> None:
    text = big.document("plan-2020").text
    assert big.document("plan-2020").number == "忻政办发〔2020〕36号"
    assert text.count("落实") > 40


def test_the_invented_plan_says_so() -> None:
    document = load_pack(find_pack("lvliang")).documents[0]
    assert document.demonstration
    assert document.text.count("演示") >= 4


def test_bindings_stand_at_their_quotes(each: CityPack) -> None:
    for binding in each.bindings:
        text = each.document(binding.document).text
        assert "".join(text[binding.start : binding.end].split()) == "".join(binding.quote.split())
        assert unit(binding.target_unit).dimension == unit(indicator_unit(each, binding.indicator)).dimension
        assert binding.target is not None


def indicator_unit(pack: CityPack, code: str) -> str:
    return next(one.unit for one in pack.indicators if one.code == code)


# Every number of the plan's 21 tasks that sets a target or says which objects are meant: task, value, unit.
NUMBERS = [
    (1, "4.3", "m"), (1, "4.3", "m"), (4, "32", "家"), (4, "80", "%"), (5, "3", "m"), (5, "2.5", "mg/m3"),
    (5, "8", "mg/m3"), (5, "90", "%"), (7, "100", "%"), (7, "60", "%"), (8, "20", "%"), (8, "100", "%"),
    (9, "10", "t/h"), (9, "30", "万kW"), (9, "15", "km"), (10, "1400", "万吨"), (10, "80", "%"), (10, "80", "%"),
    (10, "80", "%"), (10, "90", "%"), (10, "150", "万吨"), (11, "10", "辆"), (13, "80", "%"),
    (16, "9", "t/(month·km2)"),
]  # fmt: skip


def test_every_number_of_the_plan_is_bound(big: CityPack) -> None:
    bound = [(one.task, str(one.value), one.unit) for one in big.bindings if one.value is not None]
    assert sorted(map(str, bound)) == sorted(map(str, NUMBERS))


def test_a_binding_knows_its_number_in_other_units(big: CityPack) -> None:
    power = next(one for one in big.bindings if one.id == "boilers-near-chp-power")
    assert power.says(Decimal(300), "MW")
    assert power.says(Decimal(30), "万千瓦")
    assert not power.says(Decimal(30), "MW")
    assert not power.says(Decimal(300), "km")
    assert not power.says(Decimal(300), "no such unit")
    words = next(one for one in big.bindings if one.form == "word")
    assert not words.says(Decimal(1), "%")


def test_every_indicator_is_used_or_kept_on_purpose(each: CityPack) -> None:
    kept = {"straw_use_rate"}  # the level itself is entered; the plan's target is about its change
    assert {one.code for one in each.indicators} - {one.indicator for one in each.bindings} <= kept


def test_quotes_are_found_across_line_breaks() -> None:
    assert find_quote("用电、\n用水 比例\n达到80 %以上", "比例达到80%以上") == [(7, 18)]
    assert find_quote("比例、比例", "比例") == [(0, 2), (3, 5)]
    assert find_quote("a.b", "a+b") == find_quote("x", " ") == []


def test_demo_covers_every_role(big: CityPack) -> None:
    assert {user.role for user in big.demo_users} == {role.key for role in big.roles}
    raw = (find_pack("xinzhou") / "demo.toml").read_text(encoding="utf-8")
    assert "password =" not in raw


def test_every_file_has_its_licence(each: CityPack) -> None:
    root = find_pack(each.meta.slug)
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert {one.file for one in each.meta.provenance} == names
    assert all(one.licence and one.origin for one in each.meta.provenance)


def test_a_pack_becomes_json(each: CityPack) -> None:
    stored = json.loads(json.dumps(plain(each.calendar)))
    assert calendar_from_plain(stored) == each.calendar
    assert json.loads(json.dumps(plain(each.bindings)))[0]["quote"] == each.bindings[0].quote
    assert "MultiPolygon" in json.dumps(plain(shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])))


def test_the_hash_covers_every_file(pack: Path) -> None:
    seen = {load_pack(pack).sha256}
    for file in sorted(pack.iterdir()):
        before = file.read_bytes()
        comment = b"" if file.suffix in {".csv"} else b" "
        file.write_bytes(before + (comment or b"\n"))
        seen.add(load_pack(pack).sha256)
        file.write_bytes(before)
    assert len(seen) == 1 + len(list(pack.iterdir()))
    assert load_pack(pack).sha256 in seen


def test_loading_the_big_pack_takes_less_than_a_second() -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        load_pack(find_pack("xinzhou"))
        times.append(time.perf_counter() - start)
    assert min(times) < 1.0


def test_unknown_names_and_documents(big: CityPack) -> None:
    with pytest.raises(KeyError):
        big.threshold("no.such")
    with pytest.raises(KeyError):
        big.document("no-such")
    with pytest.raises(FileNotFoundError, match=r"no city pack 'atlantis'.*xinzhou"):
        find_pack("atlantis")
    assert big.threshold("freshness.monthly") == 35
    assert big.thresholds["assignment.due_soon_days"].own


def test_documents_that_are_no_text_are_hashed_and_not_read(pack: Path) -> None:
    manifest = (pack / "pack.toml").read_text(encoding="utf-8").replace("plan.md", "plan.docx")
    (pack / "pack.toml").write_text(manifest, encoding="utf-8")
    (pack / "plan.md").rename(pack / "plan.docx")
    first = load_pack(pack)
    assert first.documents[0].text == ""
    (pack / "plan.docx").write_bytes(b"PK\x03\x04\xff")
    assert load_pack(pack).sha256 != first.sha256
    (pack / "plan.docx").unlink()
    assert "missing-file" in {fault.kind for fault in check_pack(pack)}


def test_national_thresholds_are_within_their_own_bounds() -> None:
    for row in threshold_rows().values():
        assert row["low"] <= row["value"] <= row["high"]
        assert unit(row["unit"]).code == row["unit"]
        assert row["zh"]
        assert row["en"]
        assert row["source"]
    assert {"assignment.due_soon_days", "freshness.monthly"} <= set(national_thresholds())


def test_capabilities_have_both_names() -> None:
    assert all(one["zh"] and one["en"] for one in capabilities().values())
    used = {can for role in load_pack(find_pack("xinzhou")).roles for can in role.can}
    assert used == set(capabilities())
