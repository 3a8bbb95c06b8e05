"""Files, the store and the commands: the same city everywhere, once."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import polars as pl
import pytest
from click.testing import CliRunner

from lantian.gateway.core.telemetry import frame, open_store
from lantian.twin import make_city
from lantian.twin.cli import twin
from lantian.twin.history import fill
from lantian.twin.register import make, read_areas

START = dt.datetime(2020, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))
CITY = ["--seed", "7", "--plants", "6", "--days", "1", "--start", "2020-06-01"]


def test_a_folder_holds_register_devices_truth_and_rows(tmp_path):
    city = make_city(7, 6, 1, START)
    list(make(city, tmp_path))
    plants = json.loads((tmp_path / "plants.json").read_text(encoding="utf-8"))
    devices = json.loads((tmp_path / "devices.json").read_text(encoding="utf-8"))
    assert [one["code"] for one in plants] == [one.code for one in city.plants]
    assert all(one["synthetic"] for one in (*plants, *devices))
    assert all(one["mn"].startswith("TWIN") for one in devices)
    rows = pl.concat([pl.read_parquet(one) for one in sorted((tmp_path / "telemetry").glob("*.parquet"))])
    assert rows["synthetic"].all()
    assert rows.height == city.frame(city.start, city.end).height
    assert pl.read_parquet(tmp_path / "labels.parquet").height == city.labels.height
    assert json.loads((tmp_path / "city.json").read_text())["seed"] == 7


def test_the_store_is_filled_once_and_goes_on_where_it_was(tmp_path):
    city = make_city(7, 4, 2, START)
    half = city.start + dt.timedelta(hours=30)
    assert len(list(fill(city, tmp_path, half))) == 2
    assert list(fill(city, tmp_path, half)) == []
    assert len(list(fill(city, tmp_path, city.end))) == 1
    there = frame(open_store(tmp_path), start=city.start, end=city.end)
    made = city.frame(city.start, city.end).with_columns(pl.col("source", "quantity", "flag").cast(pl.String))
    order = ["source", "quantity", "valid_from", "valid_to"]
    there, made = there.with_columns(pl.col("source", "quantity").cast(pl.String)).sort(order), made.sort(order)
    assert there.height == made.height
    both = there.select(pl.col("value")).hstack(made.select(other=pl.col("value")))
    assert ((both["value"] - both["other"]).abs() < 0.012).mean() > 0.999
    assert there["flag"].cast(pl.String).to_list() == made["flag"].to_list()


def test_labels_are_printed_for_people_and_programs():
    plain = CliRunner().invoke(twin, ["labels", *CITY, "--plants", "40"])
    lines = CliRunner().invoke(twin, ["labels", *CITY, "--plants", "40", "--json"])
    assert plain.exit_code == lines.exit_code == 0
    found = [json.loads(one) for one in lines.output.splitlines()]
    assert len(found) == len(plain.output.splitlines()) == make_city(7, 40, 1, START).labels.height > 3
    assert {"plant", "subject", "kind", "start", "end", "hard"} <= set(found[0])


@pytest.mark.parametrize("wrong", [["--start", "yesterday"], ["--areas", "EMPTY"]])
def test_what_cannot_be_made_is_refused_with_a_reason(tmp_path, wrong):
    empty = tmp_path / "empty.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}')
    wrong = [str(empty) if one == "EMPTY" else one for one in wrong]
    found = CliRunner().invoke(twin, ["labels", *CITY[:-2], *wrong])
    assert found.exit_code == 2
    assert "Error" in found.output


def test_areas_come_from_geojson(tmp_path):
    ring = [[1, 1], [2, 1], [2, 2], [1, 1]]
    shapes = {"type": "FeatureCollection", "features": [
        {"properties": {"code": "B"}, "geometry": {"type": "MultiPolygon", "coordinates": [[ring], [ring]]}},
        {"properties": {"code": "C"}, "geometry": {"type": "Point", "coordinates": [1, 1]}},
    ]}  # fmt: skip
    (tmp_path / "a.geojson").write_text(json.dumps(shapes))
    (area,) = read_areas(tmp_path / "a.geojson")
    assert area.code == "B"
    assert len(area.rings) == 2
    assert len(area.rings[0]) == 3


def test_run_ends_at_an_interrupt_and_remembers(tmp_path):
    """Nobody listens: it says so in its counts, ends at SIGINT with 0, and another city's state is refused."""
    state = tmp_path / "state.json"
    command = [sys.executable, "-m", "lantian", "twin", "run", *CITY, "--port", "1", "--speed", "60", "--every", "0.2",
               "--state", str(state)]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "2020-06-01 00:0" in line and state.exists() and json.loads(state.read_text())["loggers"]:
            break
    process.send_signal(2)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "acknowledged 0" in out
    other = CliRunner().invoke(twin, ["run", *CITY, "--seed", "8", "--port", "1", "--state", str(state)])
    assert other.exit_code == 2
    assert "another city" in other.output
