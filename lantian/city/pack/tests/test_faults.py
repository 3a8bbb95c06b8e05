"""Every kind of fault: a sound pack is spoilt in one place, and the fault must name that file and that line."""

import re
from pathlib import Path

import pytest

from lantian.city.pack import Fault, PackError, check_pack, load_pack
from lantian.city.pack.tests.cases import CASES, Spoil


def line_of(folder: Path, file: str, mark: str) -> int:
    text = (folder / file).read_text(encoding="utf-8")
    assert mark in text, f"{mark!r} is not in {file}"
    return text[: text.index(mark)].count("\n") + 1


def replace(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def found(faults: list[Fault], spoil: Spoil) -> Fault | None:
    file = spoil.in_file or spoil.file
    return next((one for one in faults if (one.kind, one.file) == (spoil.kind, file) and spoil.says in str(one)), None)


@pytest.mark.parametrize("spoil", CASES, ids=lambda one: f"{one.file}-{one.kind}-{one.new[:24]!r}")
def test_fault_has_its_file_and_line(pack: Path, spoil: Spoil) -> None:
    assert check_pack(pack) == []
    replace(pack, spoil.file, spoil.old, spoil.new)
    faults = check_pack(pack)
    if not spoil.says:  # the spoiling is harmless: it proves that the checker does not cry wolf
        assert faults == []
        return
    fault = found(faults, spoil)
    assert fault is not None, "\n".join(map(str, faults))
    assert fault.line == line_of(pack, spoil.in_file or spoil.file, spoil.at), str(fault)
    with pytest.raises(PackError, match=re.escape(fault.message)):
        load_pack(pack)


def ring(west: float, south: float, east: float, north: float) -> str:
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return "[[" + ",".join(f"[{x},{y}]" for x, y in corners) + "]]"


@pytest.mark.parametrize(
    ("coordinates", "kind", "says"),
    [
        (ring(110.8, 36.9, 110.9, 37.0).replace(",[110.8,36.9]]]", "]]"), "not-closed", "is not closed"),
        ("[[[110.8,36.9],[110.9,37.0],[110.9,36.9],[110.8,37.0],[110.8,36.9]]]", "bad-polygon", "not valid"),
        ("[[[110.8,36.9],[110.8,36.9],[110.8,36.9],[110.8,36.9]]]", "bad-polygon", "not valid"),
        ("[[[110.8,36.9],[110.9,37.0]]]", "bad-polygon", "fewer than four"),
        ("[[[110.8,36.9],[110.9],[110.9,36.9],[110.8,36.9]]]", "bad-polygon", "pair"),
        ('[[[110.8,36.9],["a",37],[110.9,36.9],[110.8,36.9]]]', "bad-polygon", "pair"),
        ("[[[110.8,36.9],[NaN,37],[110.9,36.9],[110.8,36.9]]]", "bad-polygon", "not on the earth"),
        ("[[[110.8,36.9],[1e400,37],[110.9,36.9],[110.8,36.9]]]", "bad-polygon", "not on the earth"),
        ("[]", "bad-polygon", "with coordinates"),
        ("[[]]", "bad-polygon", "fewer than four"),
        (ring(36.9, 110.8, 37.0, 110.9), "bad-polygon", "not on the earth"),
        (ring(100.1, 36.9, 100.2, 37.0), "outside", "leaves the city's bbox"),
        (ring(111.0, 37.0, 112.0, 37.5), "overlap", "overlap"),
    ],
)
def test_faults_of_polygons(pack: Path, coordinates: str, kind: str, says: str) -> None:
    file = pack / "places.geojson"
    lines = file.read_text(encoding="utf-8").split("\n")
    number = next(n for n, line in enumerate(lines) if '"141126"' in line)
    lines[number] = re.sub(r'"coordinates":.*\]', f'"coordinates":{coordinates}', lines[number])
    file.write_text("\n".join(lines), encoding="utf-8")
    faults = [one for one in check_pack(pack) if one.kind == kind]
    assert faults, "\n".join(map(str, check_pack(pack)))
    assert all(one.file == "places.geojson" for one in faults)
    assert says in faults[0].message
    # An overlap is reported at the later of the two features.
    assert number + 1 in {one.line for one in faults} or kind == "overlap"


def test_overlap_names_both_areas_and_the_later_line(pack: Path) -> None:
    file = pack / "places.geojson"
    lines = file.read_text(encoding="utf-8").split("\n")
    first, second = (next(n for n, line in enumerate(lines) if code in line) for code in ('"141102"', '"141126"'))
    geometry = lines[first][lines[first].index('"geometry"') :]
    lines[second] = lines[second][: lines[second].index('"geometry"')] + geometry
    file.write_text("\n".join(lines), encoding="utf-8")
    overlap = next(one for one in check_pack(pack) if one.kind == "overlap")
    assert (overlap.line, "141102 and 141126" in overlap.message) == (second + 1, True)


def test_alias_cycle_over_two_agencies(pack: Path) -> None:
    replace(pack, "agencies.toml", 'names = ["交通局"]', 'names = []\nsuccessor = "财政局"')
    replace(pack, "agencies.toml", 'short = "财政局"', 'short = "财政局"\nsuccessor = "交通运输局"')
    cycles = [one for one in check_pack(pack) if one.kind == "alias-cycle"]
    assert {one.line for one in cycles} == {
        line_of(pack, "agencies.toml", 'successor = "财政局"'),
        line_of(pack, "agencies.toml", 'successor = "交通运输局"'),
    }


def test_overlapping_heating_seasons(pack: Path) -> None:
    season = '\n[[heating_season]]\nstart = "11-15"\nend = "03-15"\nsource = "s"\nconfidence = "V"\n'
    with (pack / "calendar.toml").open("a", encoding="utf-8") as file:
        file.write(season)
    (fault,) = check_pack(pack)
    assert (fault.kind, fault.line) == ("bad-dates", line_of(pack, "calendar.toml", season.lstrip()))


THRESHOLD = '\n[[threshold]]\nkey = "assignment.due_soon_days"\nvalue = 3\nunit = "d"\nsource = "s"\nconfidence = "V"\n'


@pytest.mark.parametrize(
    ("old", "new", "kind", "at", "says"),
    [
        ("due_soon_days", "due_sometime", "bad-value", "key =", "Allowed:"),
        ("value = 3", "value = 300", "bad-value", "value =", "between 1 and 60"),
        ('unit = "d"', 'unit = "%"', "bad-unit", "unit =", "It is measured in d"),
        ('source = "s"\n', "", "missing-key", "[[threshold]]", "'source' is missing"),
    ],
)
def test_faults_of_thresholds(pack: Path, old: str, new: str, kind: str, at: str, says: str) -> None:
    (pack / "thresholds.toml").write_text(THRESHOLD.replace(old, new), encoding="utf-8")
    (fault,) = check_pack(pack)
    assert (fault.kind, fault.file) == (kind, "thresholds.toml")
    assert says in str(fault)
    assert fault.line == line_of(pack, "thresholds.toml", at)


def test_own_threshold_is_converted_to_the_national_unit(pack: Path) -> None:
    text = THRESHOLD.replace('unit = "d"', 'unit = "h"').replace("value = 3", "value = 72")
    (pack / "thresholds.toml").write_text(text, encoding="utf-8")
    own = load_pack(pack).thresholds["assignment.due_soon_days"]
    assert (own.value, own.unit, own.own) == (3, "d", True)


OVERRIDE = '[[override]]\nrule = "late-remind"\nsource = "s"\nconfidence = "V"\n[override.settings]\nthreshold = 5\n'


def test_escalation_overrides_are_read_and_checked(pack: Path) -> None:
    (pack / "escalation.toml").write_text(OVERRIDE, encoding="utf-8")
    replace(pack, "pack.toml", 'name = "villages.csv"', 'name = "escalation.toml"')
    (pack / "villages.csv").unlink()
    (override,) = load_pack(pack).escalation
    assert (override.rule, dict(override.settings)) == ("late-remind", {"threshold": 5})
    (pack / "escalation.toml").write_text(OVERRIDE + OVERRIDE, encoding="utf-8")
    (fault,) = check_pack(pack)
    assert (fault.kind, fault.line) == ("duplicate", 8)


@pytest.mark.parametrize("name", ["places.toml", "plan.md", "towns.csv", "places.geojson"])
def test_encoding_faults_name_the_line(pack: Path, name: str) -> None:
    raw = (pack / name).read_bytes()
    (pack / name).write_bytes(b"\xef\xbb\xbf" + raw)
    assert [(one.kind, one.file, one.line) for one in check_pack(pack)] == [("bom", name, 1)]
    at = raw.index(b"\n", raw.index(b"\n") + 1)
    (pack / name).write_bytes(raw[:at] + b"\xff" + raw[at:])
    assert ("not-utf8", name, 2) in [(one.kind, one.file, one.line) for one in check_pack(pack)]
    (pack / name).write_bytes(raw[:at] + b"\x00" + raw[at:])
    assert ("nul", name, 2) in [(one.kind, one.file, one.line) for one in check_pack(pack)]


@pytest.mark.parametrize(
    "name",
    [
        "pack.toml", "places.toml", "places.geojson", "agencies.toml", "calendar.toml", "thresholds.toml",
        "indicators.toml", "bindings.toml", "roles.toml", "plan.md",
    ],
)  # fmt: skip
def test_missing_files(pack: Path, name: str) -> None:
    (pack / name).unlink()
    faults = [one for one in check_pack(pack) if one.kind == "missing-file"]
    assert any(name in one.message for one in faults)


def test_links_out_of_the_pack_are_not_followed(pack: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.md"
    outside.write_text("secret", encoding="utf-8")
    (pack / "plan.md").unlink()
    (pack / "plan.md").symlink_to(outside)
    assert [one.kind for one in check_pack(pack) if one.file == "plan.md"] == ["unsafe-path"]


def test_huge_files_are_refused(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lantian.city.pack.files.MAX_BYTES", 15_000)
    assert [(one.kind, one.file) for one in check_pack(pack) if one.kind == "too-large"] == [
        ("too-large", "places.geojson")
    ]


def test_no_such_folder(tmp_path: Path) -> None:
    (fault,) = check_pack(tmp_path / "none")
    assert fault.kind == "missing-file"
    with pytest.raises(PackError, match="there is no folder"):
        load_pack(tmp_path / "none")


def test_many_faults_are_told_in_one_run_and_in_order(pack: Path) -> None:
    replace(pack, "calendar.toml", "opens = 25", "opens = 99")
    replace(pack, "calendar.toml", "weekend = [6, 7]", "weekend = 6")
    replace(pack, "agencies.toml", 'kind = "company"', 'kind = "firm"')
    replace(pack, "towns.csv", "141102100000,", "1,")
    faults = check_pack(pack)
    assert len(faults) >= 4
    assert faults == sorted(faults, key=lambda one: (one.file, one.line))
    with pytest.raises(PackError, match=r"city pack pack: \d+ faults") as caught:
        load_pack(pack)
    assert caught.value.faults == faults
