"""The people of a demonstration: one login of each kind, with passwords made once and kept in the data folder."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from lantian.city.models import Agency, Membership, Place, User
from lantian.city.pack.model import CityPack, DemoUser
from lantian.city.passwords import one_time_password
from lantian.kit.trail import audit

FILE = "demo-logins.json"


@dataclass(frozen=True)
class DemoLogin:
    """One login. `password` is empty for somebody who existed before and whose password was never made here."""

    username: str
    password: str
    name: str
    name_en: str
    role: str
    holder: str


def logins_path() -> Path:
    """Where the passwords of the demonstration lie (mode 0600)."""
    return Path(settings.LANTIAN_DATA) / FILE


def create_demo_people(pack: CityPack) -> list[DemoLogin]:
    """Make the pack's demonstration users, each with its role; return all of them with their passwords.

    Running it again keeps people, passwords and whatever was changed about them. The pack must be loaded before
    (raises Place.DoesNotExist or Agency.DoesNotExist otherwise).
    """
    passwords = _kept_passwords()
    with transaction.atomic():
        logins = [_login(user, passwords) for user in pack.demo_users]
        # Inside the transaction: a login that nobody could know the password of is not made.
        _keep(logins)
    return logins


def _login(demo: DemoUser, passwords: dict[str, str]) -> DemoLogin:
    place = Place.objects.get(code=demo.place) if demo.place else None
    agency = Agency.objects.get(short=demo.agency) if demo.agency else None
    exists = User.objects.filter(username=demo.username).exists()
    password = passwords.get(demo.username) or ("" if exists else one_time_password())
    if not exists:
        _make(demo, password, place, agency)
    holder = demo.enterprise or (agency.short if agency else "") or (place.name if place else "")
    return DemoLogin(demo.username, password, demo.name_zh, demo.name_en, demo.role, holder)


def _make(demo: DemoUser, password: str, place: Place | None, agency: Agency | None) -> None:
    user = User.objects.create_user(username=demo.username, password=password, display_name=demo.name_zh)
    membership = Membership.objects.create(
        user=user,
        role=demo.role,
        place=place,
        agency=agency,
        enterprise=demo.enterprise or "",
        # A demonstration may pretend any day: its people hold their roles since long before.
        since=dt.date(2000, 1, 1),
    )
    audit(None, "city.user_create", user, data={"role": str(membership), "demonstration": True})


def _kept_passwords() -> dict[str, str]:
    path = logins_path()
    if not path.exists():
        return {}
    return {row["username"]: row["password"] for row in json.loads(path.read_text(encoding="utf-8"))}


def _keep(logins: list[DemoLogin]) -> None:
    """Write the file so that nobody else can read it, not even for a moment."""
    path = logins_path()
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_text(json.dumps([asdict(one) for one in logins], ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(path)
