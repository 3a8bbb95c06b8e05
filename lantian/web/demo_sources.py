"""The demonstration's plants: a synthetic city's register, devices and week of telemetry, and then live, from the twin.

The twin is a program of its own and nothing here imports it: it writes files (`lantian twin make`), fills the telemetry
store (`lantian twin fill`) and, beside the gateway, plays the loggers (`lantian twin run`).
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.city.pack import CityPack
from lantian.gateway.core.device import Device, seal_password
from lantian.gateway.services import register_all
from lantian.sources import facts
from lantian.sources.services.taking import take_plants
from lantian.web import demo_register
from lantian.web.demo_clock import remember
from lantian.web.demo_story import person

SEED, PLANTS, DAYS, BEFORE = 7, 60, 60, 7
SOURCE = "synthetic"
_FOLDER = "twin"
_PLACES = "places.geojson"
_OFFSET = dt.timezone(dt.timedelta(hours=8))
# Time windows of facts.Plant and below: moments, and days.
_MOMENTS, _DAYS = ("start", "end"), ("valid_from", "valid_until", "closed_since")
_PARTS = {
    "lines": facts.Line, "equipment": facts.Equipment, "pairs": facts.Pair, "outlets": facts.Outlet,
    "limits": facts.Limit, "orders": facts.Order,
}  # fmt: skip


class TwinError(RuntimeError):
    """The twin ended with an error; the text is what it said."""


def make_sources(pack: CityPack) -> Iterator[str]:
    """Make register and telemetry of the synthetic plants, or add the hours that are over by now; yield lines to print.

    A pack without polygons of its areas gets no plants. Raises TwinError.
    """
    if not (pack.root / _PLACES).is_file():
        return
    data = Path(settings.LANTIAN_DATA)
    begun = remember(data).get("twin_start")
    if begun is None:
        yield "making the demonstration: plants …"
        begun = (clock.today() - dt.timedelta(days=BEFORE)).isoformat()
    city = city_options(pack.root, begun)
    if "twin_start" not in remember(data):
        _twin("make", *city, "--register-only", "--out", str(data / _FOLDER))
        with translation.override("zh-hans"):
            take_plants(None, read_plants(data / _FOLDER / "plants.json"), source=SOURCE)
            _take_devices(data / _FOLDER / "devices.json")
            demo_register.make_register()
        remember(data, twin_start=begun)
        yield "making the demonstration: a week of telemetry …"
    _twin("fill", *city, "--data", str(data))


def live_command(pack: CityPack, port: int) -> list[str]:
    """Return the command that plays the loggers at the speed of the clock to a gateway on a port; empty without plants."""
    data = Path(settings.LANTIAN_DATA)
    begun = remember(data).get("twin_start")
    if begun is None:
        return []
    state = ["--state", str(data / _FOLDER / "state.json"), "--missed-hours", "1", "--every", "600"]
    me = [sys.executable, "-m", "lantian", "twin", "run", "--for-ever", "--port", str(port)]
    return [*me, *city_options(pack.root, begun), *state]


def _take_devices(path: Path) -> None:
    """Admit the synthetic loggers as the office would; the file has their passwords in the clear, the register has not."""
    known = {one.name for one in fields(Device)}
    devices = []
    for read in json.loads(path.read_text(encoding="utf-8")):
        said = {name: value for name, value in read.items() if name in known}
        devices.append(Device.from_json({**said, "password": seal_password(read["password"])}))
    register_all(person("office"), devices, reason=_("loggers of the synthetic city"))


def city_options(pack: Path, start: str) -> list[str]:
    """Return the options that make the demonstration's city the same one in every call of the twin."""
    return [
        "--seed", str(SEED), "--plants", str(PLANTS), "--days", str(DAYS), "--start", start,
        "--areas", str(pack / _PLACES), "--clock-offset", str(settings.LANTIAN_CLOCK_OFFSET),
    ]  # fmt: skip


def _twin(*arguments: str) -> None:
    command = [sys.executable, "-m", "lantian", "twin", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise TwinError(f"lantian twin {arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")


def read_plants(path: Path) -> tuple[facts.Plant, ...]:
    """Read plants as `lantian twin make` writes them; raises ValueError for what is no plant."""
    return tuple(_made(facts.Plant, one) for one in json.loads(path.read_text(encoding="utf-8")))


def _made(kind: Any, read: Mapping[str, Any]) -> Any:
    names = {one.name for one in fields(kind)}
    if unknown := read.keys() - names:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return kind(**{name: _value(name, value) for name, value in read.items()})


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _PARTS and isinstance(value, Sequence):
        # A pair names its lines and an outlet its lines by code, a plant has them whole.
        return tuple(_made(_PARTS[name], one) if isinstance(one, Mapping) else one for one in value)
    if name in _MOMENTS:
        return dt.datetime.fromisoformat(value)
    if name in _DAYS:
        return dt.date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
