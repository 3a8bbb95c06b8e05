"""roles.toml and demo.toml: who may do what, and who appears in the demonstration."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from lantian.city.pack.agencies import Names
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.model import DemoUser, Places, Role
from lantian.city.pack.reading import Table, read_toml, refuse_twice

ROLES, DEMO = "roles.toml", "demo.toml"
SCOPES = ("city", "agency", "area", "town", "enterprise", "none")
ROLE_KEYS = ("office", "department", "county", "town", "enterprise", "inspector", "public", "admin")


@cache
def capabilities() -> dict[str, dict[str, str]]:
    """What a role may be allowed, with its Chinese and English name."""
    text = resources.files("lantian.city").joinpath("data/capabilities.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)["capability"]
    return found


def read_roles(files: PackFiles, faults: Faults) -> tuple[Role, ...]:
    """Read the roles; every role of the house must be there."""
    root = read_toml(files, ROLES, faults)
    if root is None:
        return ()
    tables = root.tables("role")
    roles = tuple(_role(table) for table in tables)
    refuse_twice([(table, one.key) for table, one in zip(tables, roles, strict=True)], "key", "the role")
    if missing := [key for key in ROLE_KEYS if key not in {one.key for one in roles}]:
        root.fault("missing-role", f"roles are missing: {', '.join(missing)}.", "Add a [[role]] for each.")
    root.done()
    return roles


def _role(table: Table) -> Role:
    role = Role(
        key=table.choice("key", ROLE_KEYS),
        name_zh=table.text("name_zh", name=True),
        name_en=table.text("name_en", name=True),
        scope=table.choice("scope", SCOPES),
        can=table.texts("can"),
    )
    for number, capability in enumerate(role.can):
        if capability not in capabilities():
            hint = f"Known: {', '.join(capabilities())}."
            table.fault("unknown-capability", f"unknown capability {capability!r}.", hint, "can", number)
    table.done()
    return role


def read_demo(files: PackFiles, places: Places | None, names: Names | None, faults: Faults) -> tuple[DemoUser, ...]:
    """Read the demonstration's users (an optional file)."""
    root = read_toml(files, DEMO, faults, required=False)
    if root is None:
        return ()
    tables = root.tables("user")
    users = tuple(_user(table, places, names) for table in tables)
    refuse_twice([(table, one.username) for table, one in zip(tables, users, strict=True)], "username", "the user")
    root.done()
    return users


_NEEDS = {"department": "agency", "county": "place", "town": "place", "enterprise": "enterprise"}


def _user(table: Table, places: Places | None, names: Names | None) -> DemoUser:
    user = DemoUser(
        username=table.text("username", pattern=r"[a-z][a-z0-9._-]{1,29}", hint="Lower-case letters, digits, . _ -"),
        name_zh=table.text("name_zh", name=True),
        name_en=table.text("name_en", name=True),
        role=table.choice("role", ROLE_KEYS),
        place=table.text("place", "") or None,
        agency=table.text("agency", "") or None,
        enterprise=table.text("enterprise", "", name=True) or None,
    )
    table.done()
    need = _NEEDS.get(user.role)
    if need and not table.has(need):
        table.fault("missing-key", f"a user of role {user.role!r} needs {need!r}.", "", "role")
    if places and user.place and user.place not in places.by_code:
        table.fault("unknown-place", f"'place' names {user.place}, which the pack does not know.", "", "place")
    if names and user.agency and user.agency not in {one.short for one in names.agencies}:
        table.fault("unknown-agency", f"no agency {user.agency!r} in agencies.toml.", "Use its short form.", "agency")
    return user
