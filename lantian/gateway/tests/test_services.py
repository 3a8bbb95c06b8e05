"""Admit, change, block, ask: checked, audited, told to the gateways after the transaction."""

from __future__ import annotations

import pytest
from django.conf import settings

from lantian.city.models import Role
from lantian.gateway import access, services
from lantian.gateway.core.control import Control
from lantian.gateway.core.device import Point, password_fits
from lantian.gateway.models import DeviceRecord
from lantian.gateway.tests.lab import device, mn_of
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.records.models import AuditEntry
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path, settings, monkeypatch):
    settings.LANTIAN_DATA = tmp_path
    # The test's own transaction is never committed.
    monkeypatch.setattr("lantian.gateway.services.telling.transaction.on_commit", lambda tell: tell())


@pytest.fixture
def office(db):
    return make_user("office", Role.OFFICE)


def told():
    with Control(settings.LANTIAN_DATA) as control:
        return control.devices()


def test_admitted_devices_are_told(office):
    row = services.admit(
        office, mn_of(1), reason="letter 12", password="123456", networks=["10.1.0.0/16"],
        points={"P1": {"code": "E0001.P01", "quantity": "P", "scale": 0.001, "unit": "kW"}},
    )  # fmt: skip
    found = told()[mn_of(1)]
    assert found.points["P1"] == Point("E0001.P01", "P", 0.001, "kW")
    assert found.networks == ("10.1.0.0/16",)
    assert password_fits(found.password, "123456")
    assert "123456" not in row.password
    assert AuditEntry.objects.filter(action="gateway.admit").count() == 1


def test_the_same_form_twice_admits_once(office):
    first = services.admit(office, mn_of(1), reason="x", key="k1")
    assert services.admit(office, mn_of(1), reason="x", key="k1") == first
    with pytest.raises(Conflict):
        services.admit(office, mn_of(1), reason="x", key="k2")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("networks", {"networks": ["10.1"]}), ("dialect", {"dialect": "klingon"}), ("dialect", {"dialect": "capture"}),
        ("points", {"points": {"a b": {"code": "x"}}}), ("points", {"points": {"a": {"code": "x", "scale": 0}}}),
        ("points", {"points": {"a": {"code": "x", "unit": "furlong"}}}), ("minute_seconds", {"minute_seconds": 0}),
        ("password", {"password": "1;2"}), ("mn", {"mn": "not an mn"}), ("reason", {"reason": " "}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(office, field, values):
    given = {"mn": mn_of(1), "reason": "x", **values}
    with pytest.raises(DomainError) as refused:
        services.admit(office, given.pop("mn"), **given)
    assert refused.value.field == field
    assert not DeviceRecord.objects.exists()


def test_change_block_and_a_new_password(office):
    row = services.admit(office, mn_of(1), reason="x", password="123456")
    row = services.change(office, row, reason="moved", seen_version=1, clock=True, plant="")
    assert told()[mn_of(1)].clock
    with pytest.raises(Conflict):
        services.change(office, row, reason="late", seen_version=1, clock=False)
    services.block(office, row, blocked=True, reason="tampered")
    assert told()[mn_of(1)].status == "blocked"
    row.refresh_from_db()
    services.block(office, row, blocked=False, reason="mended")
    row.refresh_from_db()
    services.rotate_password(office, row, password="abcdef", reason="yearly")
    assert password_fits(told()[mn_of(1)].password, "abcdef")
    actions = list(AuditEntry.objects.filter(action__startswith="gateway.").values_list("action", flat=True))
    assert sorted(actions) == sorted(
        ["gateway.admit", "gateway.change", "gateway.block", "gateway.unblock", "gateway.password"]
    )


def test_requests_are_checked_before_they_are_queued(office):
    row = services.admit(office, mn_of(1), reason="x")
    with pytest.raises(DomainError):
        services.ask(office, row, "1062", {"RtdInterval": "1"}, reason="x")
    number = services.ask(office, row, "1062", {"RtdInterval": "60"}, reason="x", key="k")
    assert services.ask(office, row, "1062", {"RtdInterval": "60"}, reason="x", key="k") == number
    with Control(settings.LANTIAN_DATA) as control:
        (command,) = control.commands_of(row.mn)
        assert (command.cn, command.actor) == ("1062", "office")


def test_many_at_once(office):
    assert services.register_all(office, [device(1), device(2)], reason="workbook") == 2
    assert services.register_all(office, [DeviceRecord.objects.get(mn=mn_of(1)).plain()], reason="workbook") == 0
    assert services.publish_all() == 2


def test_who_may_not(office):
    row = services.admit(office, mn_of(1), reason="x")
    leader = make_user("plant", Role.ENTERPRISE, enterprise="E0009")
    with pytest.raises(NotAllowed):
        services.change(leader, row, reason="x", clock=True)
    from lantian.city.access import scope_of

    assert list(access.visible(scope_of(office))) == [row]
    assert list(access.visible(scope_of(leader))) == []
