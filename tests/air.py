"""Invented air of the tests' city, written once for all tests: tests get a folder of their own with a copy of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from lantian.air.quality.consequences import bring_up_to_date
from lantian.air.quality.running import check_new
from lantian.air.reading.importing import store_in
from lantian.air.synthetic.writing import synthesize

PACKS = Path(__file__).parent / "packs"
PACK = PACKS / "qingchuan"
SEED = 11
START = dt.date(2019, 1, 1)
# The present of tests with air: a year and a half of hours, so that periods can be compared with the year before.
NOW = dt.datetime.fromisoformat("2020-06-20T09:00:00+08:00")


def draw_boundaries() -> None:
    """Give the areas of the tests' city (tests/builders.py) the boundaries of the pack, for maps."""
    from lantian.city.models import Place

    for one in json.loads((PACK / "places.geojson").read_text(encoding="utf-8"))["features"]:
        Place.objects.filter(code=one["properties"]["code"]).update(boundary=one["geometry"])


def write_air(data: Path) -> Path:
    """Write all of it into an empty folder (some two seconds)."""
    synthesize(data, PACK, start=START, until=NOW, seed=SEED)
    return data


def check_air(data: Path) -> Path:
    """Run quality control over a folder's hours and compute the kept figures."""
    store = store_in(data)
    check_new(store)
    bring_up_to_date(store)
    return data
