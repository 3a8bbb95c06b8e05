"""The HTTP API of the register."""

from __future__ import annotations

import pytest

from lantian.sources import services
from lantian.sources.tests.builders import make_enterprise, make_plant
from tests.api import token_for

pytestmark = pytest.mark.django_db


def ask(client, person, path):
    return client.get(f"/api/v1/{path}", headers={"authorization": f"Bearer {token_for(person)}"})


def test_the_list_and_the_file(city, client):
    one = make_plant(area=city.areas[0], lon=112.5, lat=38.5, wgs_lon=112.5, wgs_lat=38.5, datum="WGS-84")
    make_enterprise("E0002", "乙焦化", industry="coking", area=city.areas[1])
    office = city.people["office"]
    services.change(office, one, {"phone": "1"}, reason="更正")
    listed = ask(client, office, "sources?industry=brick").json()
    assert [(row["code"], row["area"], row["lon"]) for row in listed["items"]] == [("E0001", "990001", 112.5)]
    file = ask(client, office, "sources/E0001").json()
    assert file["enterprise"]["phone"] == "1"
    assert [row["code"] for row in file["rows"]["equipment"]] == ["E0001.P01", "E0001.T01"]
    assert file["rows"]["pair"][0]["production"] == ["E0001.P01"]
    changes = ask(client, office, "sources/E0001/changes").json()["items"]
    assert changes[0]["changes"] == {"phone": ["", "1"]}


def test_who_sees_what(city, client):
    make_plant(area=city.areas[0], phone="秘密")
    assert ask(client, city.people["county2"], "sources").json()["count"] == 0
    assert ask(client, city.people["county2"], "sources/E0001").status_code == 404
    assert ask(client, city.people["county"], "sources/E0001").status_code == 200
    assert ask(client, city.people["enterprise"], "sources/E0001").status_code in (200, 401, 403)
    answer = ask(client, city.people["public"], "sources")
    assert answer.status_code == 403
    assert "秘密" not in answer.content.decode()
