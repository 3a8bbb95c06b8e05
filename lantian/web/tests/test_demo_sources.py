"""The demonstration's synthetic plants: in the register once, telemetry up to the present hour, nothing twice."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.city import clock
from lantian.city.pack import find_pack, load_pack
from lantian.city.services import load_pack_into_database
from lantian.gateway.core.telemetry import frame, open_store
from lantian.gateway.models import DeviceRecord
from lantian.sources.queries import plants
from lantian.web import demo_sources

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2020, 6, 20, 1, 30, tzinfo=dt.UTC)


@pytest.fixture
def small(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path
    settings.LANTIAN_CLOCK_OFFSET = (NOW - dt.datetime.now(dt.UTC)).total_seconds()
    monkeypatch.setattr(demo_sources, "PLANTS", 5)
    monkeypatch.setattr(demo_sources, "BEFORE", 1)
    pack = load_pack(find_pack("xinzhou"))
    load_pack_into_database(pack)
    return pack


def test_plants_and_telemetry_are_made_once_and_go_on(small, settings, tmp_path):
    said = list(demo_sources.make_sources(small))
    assert [one.split(": ")[1] for one in said] == ["plants …", "a week of telemetry …"]
    made = {one.code for one in demo_sources.read_plants(tmp_path / "twin" / "plants.json")}
    found = [one for one in plants() if one.code in made]  # the invented register stands beside them
    assert len(found) == len(made) == 5
    assert all(one.synthetic and one.area and one.equipment for one in found)
    store = open_store(tmp_path)
    rows = frame(store, start=None, end=None)
    assert rows["valid_from"].min() == dt.datetime(2020, 6, 18, 16, tzinfo=dt.UTC)
    assert clock.now() - rows["valid_to"].max() < dt.timedelta(hours=1)
    assert set(rows["place"].unique()) == {one.code for one in found}
    settings.LANTIAN_CLOCK_OFFSET += 7200
    assert list(demo_sources.make_sources(small)) == [], "silent when it is there"
    assert frame(open_store(tmp_path), start=None, end=None).height > rows.height


def test_facts_survive_the_file(small, tmp_path):
    list(demo_sources.make_sources(small))
    written = demo_sources.read_plants(tmp_path / "twin" / "plants.json")
    stored = {one.code: one for one in plants()}
    for one in written:
        assert {each.code for each in one.outlets} == {each.code for each in stored[one.code].outlets}
        assert {each.id for each in one.orders} == {each.id for each in stored[one.code].orders}
        assert all(each.start.tzinfo for each in one.orders)


def test_a_twin_that_fails_says_why(small, monkeypatch):
    monkeypatch.setattr(demo_sources, "SEED", "no number")
    with pytest.raises(demo_sources.TwinError, match="--seed"):
        list(demo_sources.make_sources(small))


def test_a_file_with_unknown_fields_is_refused(tmp_path):
    (tmp_path / "p.json").write_text('[{"code": "T1", "name": "x", "industry": "y", "colour": "red"}]')
    with pytest.raises(ValueError, match="colour"):
        demo_sources.read_plants(tmp_path / "p.json")


def test_loggers_are_admitted_with_sealed_passwords_and_played_live(small, settings):
    assert demo_sources.live_command(small, 1234) == []
    list(demo_sources.make_sources(small))
    devices = DeviceRecord.objects.all()
    assert len(devices) >= 5
    assert all(one.synthetic and one.mn.startswith("TWIN") and one.status == "admitted" for one in devices)
    assert all(one.password.startswith("scrypt$") for one in devices)
    known = {each.code for one in plants() for each in (*one.equipment, *one.outlets)}
    assert {point["code"] for one in devices for point in one.points.values()} <= known
    command = demo_sources.live_command(small, 1234)
    assert command[command.index("--port") + 1] == "1234"
    assert "--for-ever" in command
