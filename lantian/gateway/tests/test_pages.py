"""Pages of the gateway: what they show, to whom, and what their forms do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from lantian.city.models import Role
from lantian.gateway import services
from lantian.gateway.core.delivery import deliver_all
from lantian.gateway.core.inbox import Stranger, Work
from lantian.gateway.models import DeviceRecord
from lantian.gateway.tests.lab import inbox_of, mn_of, packet
from lantian.gateway.tests.test_delivery import put
from tests.builders import make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 1, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _folder(tmp_path, settings, monkeypatch):
    settings.LANTIAN_DATA = tmp_path
    monkeypatch.setattr("lantian.gateway.services.telling.transaction.on_commit", lambda tell: tell())


@pytest.fixture
def office(client):
    user = make_user("office", Role.OFFICE)
    client.force_login(user)
    return user


@pytest.fixture
def device(office):
    return services.admit(
        office, mn_of(1), reason="x", name="脱硫塔", default_code="E0001.DA001", points={"P1": {"code": "E0001.P01"}}
    )


def test_a_device_page_shows_packets_and_values(client, device, tmp_path):
    put(tmp_path, packet(1, at=AT))
    deliver_all(tmp_path)
    text = client.get(device.get_absolute_url()).content.decode()
    for part in ("脱硫塔", "E0001.DA001", "a21026-Rtd", "1.5", "ST=31;CN=2011", "E0001.P01"):
        assert part in text


def test_live_page_and_what_renews_itself(client, device, tmp_path):
    inbox_of(tmp_path).commit([Work(strangers=[Stranger(mn_of(9), "10.0.0.9:4000", packet(9))])])
    for name in ("gateway:live", "gateway:now"):
        answer = client.get(reverse(name))
        assert answer.status_code == 200
        assert mn_of(9) in answer.content.decode()


def test_a_stranger_is_looked_at_and_admitted(client, office, tmp_path):
    inbox_of(tmp_path).commit([Work(strangers=[Stranger(mn_of(9), "10.0.0.9:4000", packet(9))])])
    url = reverse("gateway:admit", args=[mn_of(9)])
    page = client.get(url)
    assert "ST=31;CN=2011" in page.content.decode()
    form = {
        "dialect": "standard", "realtime_seconds": 30, "minute_seconds": 60, "idle_seconds": 0, "reason": "letter 7",
        "points": "a21026 E0009.DA001\nP1 E0009.P01 P 0.001 kW", "networks": "10.0.0.0/8", "key": "k", "password": "123456",
    }  # fmt: skip
    assert client.post(url, {**form, "points": "P1"}).status_code == 422
    assert client.post(url, form).status_code == 302
    made = DeviceRecord.objects.get()
    assert made.points["P1"] == {"code": "E0009.P01", "quantity": "P", "scale": 0.001, "unit": "kW"}
    edit = reverse("gateway:edit", args=[made.mn])
    shown = client.get(edit).context["form"].initial
    assert shown["points"] == "a21026 E0009.DA001 - 1.0 -\nP1 E0009.P01 P 0.001 kW"
    assert client.post(edit, {**form, "version": 1, "key": "e", "clock": "on"}).status_code == 302
    made.refresh_from_db()
    assert (made.clock, made.version) == (True, 2)


def test_buttons_of_a_device(client, device):
    for name, form in (
        ("ask", {"cn": "1062", "parameters": "RtdInterval=60", "reason": "x", "key": "1"}),
        ("password", {"password": "abc", "reason": "x", "version": 1, "key": "2"}),
        ("block", {"reason": "x", "version": 2, "key": "3"}),
    ):
        assert client.get(reverse(f"gateway:{name}", args=[device.mn])).status_code == 200
        answer = client.post(reverse(f"gateway:{name}", args=[device.mn]), form)
        assert answer.status_code == 302, (name, answer.context["form"].errors)
    device.refresh_from_db()
    assert device.status == "blocked"
    assert "RtdInterval=60" in client.get(device.get_absolute_url()).content.decode()
    assert client.get(reverse("gateway:devices") + "?export=xlsx").status_code == 200


def test_others_see_only_their_own(client, device):
    client.force_login(make_user("plant", Role.ENTERPRISE, enterprise="E0009"))
    assert client.get(device.get_absolute_url()).status_code == 404
    assert client.get(reverse("gateway:admit", args=["X"])).status_code == 403
    assert mn_of(1) not in client.get(reverse("gateway:live")).content.decode()
    client.force_login(make_user("anybody", Role.PUBLIC))
    assert client.get(reverse("gateway:live")).status_code == 403


def test_pushed_readings_are_on_disk_once(client, device, tmp_path):
    from lantian.city import tokens

    _, secret = tokens.create_token(make_user("meter", Role.OFFICE), name="meter", read_only=False, days=1)
    message = {"device": mn_of(1), "readings": [{"point": "P1", "time": "2026-11-01T10:00:00+08:00", "value": 3.5}]}

    def post(body, **headers):
        return client.post(
            "/api/v1/telemetry", body, content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", **headers},
        )  # fmt: skip

    assert post(message, **{"Idempotency-Key": "reading-0001"}).json() == {"readings": 1}
    assert post(message, **{"Idempotency-Key": "reading-0001"}).json() == {"readings": 1}
    assert inbox_of(tmp_path, "push").backlog()[1] == 1
    bad = {**message, "readings": [{"point": "P1", "time": "2026-11-01T10:00:00", "value": 3.5}]}
    assert post(bad).status_code in (400, 422)
    assert post({**message, "device": "NOBODY"}).status_code == 404
    deliver_all(tmp_path)
    answer = client.get(f"/api/v1/telemetry/{mn_of(1)}/latest", headers={"Authorization": f"Bearer {secret}"})
    assert [(row["source"], row["value"]) for row in answer.json()] == [("E0001.P01", 3.5)]
