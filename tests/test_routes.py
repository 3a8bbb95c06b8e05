"""Every route tried as every role and as nobody.

`tests/route_permissions.json` holds what is expected: for each route the verbs of which one is needed to open it, and
for routes that change something more than that, the verbs of which one is needed to act. Which role carries which verb
is data (permissions.toml). A new route fails until somebody has written down who may use it:

    python -m scripts.routes     adds new routes with the guard that they declare (then look at them)
"""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from lantian.city.access import permissions
from lantian.city.models import Role
from lantian.records.models import AuditEntry
from tests.api import token_for
from tests.routes import Route, World, all_routes, minimal_body

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parent / "route_permissions.json"
PUBLIC = "public"
# Who stands for each role, and a login without any role.
PEOPLE = {
    "office": "office",
    "department": "dept",
    "county": "county",
    "town": "town",
    "enterprise": "enterprise",
    "inspector": "inspector",
    "public": "public",
    "admin": "admin",
    "": "nobody",
}
REFUSED = {403, 404, 405}


def expected() -> dict[str, dict[str, list[str] | str]]:
    table: dict[str, dict[str, list[str] | str]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def entry(route: Route) -> dict[str, list[str] | str]:
    """Return what a route's guard declares, as the table writes it."""
    return {"needs": PUBLIC if route.needs is None else list(route.needs)}


def carries(role: str, verbs: list[str]) -> bool:
    return not verbs or not permissions().get(role, frozenset()).isdisjoint(verbs)


def test_every_route_declares_its_guard_and_is_in_the_table():
    table = expected()
    declared = {route.key: entry(route)["needs"] for route in all_routes()}
    assert {key: row["needs"] for key, row in table.items()} == declared
    verbs = frozenset().union(*permissions().values())
    for key, row in table.items():
        for name in ("needs", "acts"):
            assert row.get(name) == PUBLIC or verbs.issuperset(row.get(name, [])), f"{key}: unknown verb in {name}"


def test_public_routes_are_few_and_known():
    public = {key for key, row in expected().items() if row["needs"] == PUBLIC}
    assert public == {"/login/", "/logout/", "/language/", "/publicity/", "/publicity/{pk}/"}


@pytest.fixture
def world(ledger):
    return World(*ledger)


def ask(
    client: Client, cookies: str, method: str, path: str, *, token: str | None = None, route: Route | None = None
) -> tuple[int, str, bool]:
    """Send a request and undo it; return status, Location, and whether the audit chain grew.

    Pages get an empty form, operations of the API (`route`) the smallest body that their description allows.
    """
    client.cookies = SimpleCookie(cookies)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    body, kind = minimal_body(route) if route is not None and route.is_api else ("", "application/octet-stream")
    with transaction.atomic():
        before = AuditEntry.objects.count()
        answer = client.generic(method, path, body, content_type=kind, headers=headers)
        grew = AuditEntry.objects.count() != before
        transaction.set_rollback(True)
    return answer.status_code, answer.headers.get("Location", ""), grew


def test_nobody_is_sent_to_the_login(world):
    client, faults = Client(raise_request_exception=False), []
    for route in all_routes():
        public = expected()[route.key]["needs"] == PUBLIC
        path = world.fill(route.path)
        for method in route.methods:
            status, location, grew = ask(client, "", method, path, route=route)
            if route.is_api and not path.endswith("/docs"):
                right = status == 401
            elif public:
                right = status < 500
            else:
                right = status == 405 or (status == 302 and location.startswith("/login/"))
            if not right or grew:
                faults.append(f"{method} {path}: {status} {location}{' and something was done' if grew else ''}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", PEOPLE, ids=lambda role: role or "without-role")
def test_every_route_as_every_role(world, role):
    """Without the verb: refused. With it: anything but a refusal of the guard. Never a server error."""
    user = world.city.people[PEOPLE[role]]
    client, token = Client(raise_request_exception=False), token_for(user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookies = client.cookies.output(header="", sep=";")
    faults = []
    for route in all_routes():
        row, path = expected()[route.key], world.fill(route.path)
        needs = [] if row["needs"] == PUBLIC else row["needs"]
        for method in route.methods:
            verbs = row.get("acts", needs) if method != "GET" else needs
            status, location, grew = ask(
                client, cookies, method, path, token=token if route.is_api else None, route=route
            )
            if fault := wrong(role, needs, verbs, status, location, grew):
                faults.append(f"{method} {path}: {status} {location} {fault}")
    assert not faults, f"{len(faults)} routes as {role or 'nobody'}:\n" + "\n".join(faults)


def wrong(role: str, needs: list[str], verbs: list[str], status: int, location: str, grew: bool) -> str:
    """Return what is wrong with an answer, or nothing."""
    if status >= 500:
        return "a server error"
    if location.startswith("/login/") and needs:
        return "a login was asked for"
    if not carries(role, needs) and status not in {403, 405}:
        return f"the role carries none of {needs}"
    if not carries(role, verbs) and status not in REFUSED:
        return f"the role carries none of {verbs}"
    if grew and not carries(role, verbs):
        return f"something was done without any of {verbs}"
    return ""


# What belongs to area 0; a person of another county must not find it, by whatever method.
MINE = (
    "/assignments/{pk}",
    "/evidence/{pk}",
    "/reports/{pk}",
    "/objections/{pk}",
    "/county-plans/{pk}",
    "/traces/{pk}",
    "/escalations/{pk}",
    "/notices/{pk}",
    "/entries/{pk}",
    "/inbox/{pk}",
    "/tokens/{pk}",
    "/uploads/{pk}",
)


def test_another_county_finds_nothing_of_ours(world):
    user = world.city.people["county2"]
    client, token = Client(raise_request_exception=False), token_for(user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookies = client.cookies.output(header="", sep=";")
    tried, faults = 0, []
    for route in all_routes():
        if not any(part in route.path for part in MINE):
            continue
        path = world.fill(route.path)
        for method in route.methods:
            status, location, grew = ask(
                client, cookies, method, path, token=token if route.is_api else None, route=route
            )
            tried += 1
            if status not in REFUSED or grew:
                faults.append(f"{method} {path}: {status} {location}")
    assert tried > 60
    assert not faults, "\n".join(faults)


def test_other_methods_are_no_server_error(world):
    client = Client(raise_request_exception=False)
    client.force_login(world.city.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    cookies = client.cookies.output(header="", sep=";")
    faults = []
    for route in all_routes():
        path = world.fill(route.path)
        for method in ("PUT", "DELETE", "OPTIONS", "HEAD"):
            status, _location, _grew = ask(client, cookies, method, path)
            if status >= 500:
                faults.append(f"{method} {path}: {status}")
    assert not faults, "\n".join(faults)


def test_the_table_of_roles_is_complete():
    assert set(PEOPLE) - {""} == set(Role.values) == set(permissions())


def write_table() -> None:
    """Add new routes with the guard that they declare, drop those that are gone; what people wrote stays."""
    old = expected() if TABLE.exists() else {}
    table = {route.key: old.get(route.key, {}) | entry(route) for route in all_routes()}
    TABLE.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
