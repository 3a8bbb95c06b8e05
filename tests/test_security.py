"""What a hostile visitor tries first: guessing passwords, forging requests, framing pages, scripts in names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape

import pytest
from django.test import Client

from lantian.city import services
from lantian.city.models import User
from lantian.web.models import ReplayedAnswer
from tests.api import token_for
from tests.builders import PASSWORD
from tests.routes import Route, World, all_routes

pytestmark = pytest.mark.django_db
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'--", "{{7*7}}", "=cmd|' /C calc'!A0")
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)[^>]*>|<style[\s>]|<[a-z][^>]*\s(?:style|on[a-z]+)\s*=|(?:href|src|action)=[\"']?\s*javascript:",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(
    r"<(?:script|link|img|iframe|form|source|object|embed)[^>]*(?:src|href|action)=[\"'](?:https?:)?//", re.I
)


@pytest.fixture
def world(ledger):
    return World(*ledger)


@pytest.fixture
def office(world, login):
    return login(world.city.people["office"])


def pages(world: World) -> list[tuple[Route, str]]:
    return [(route, world.fill(route.path)) for route in all_routes() if not route.path.startswith("/api/v1/")]


# Logging in


@pytest.fixture
def _axes(settings):
    settings.AXES_ENABLED = True


@pytest.mark.usefixtures("_axes")
def test_six_wrong_passwords_lock_the_login(city, client):
    for _try in range(6):
        answer = client.post("/login/", {"username": "office", "password": "wrong"})
    assert answer.status_code in {403, 429}
    right = client.post("/login/", {"username": "office", "password": PASSWORD})
    assert right.status_code in {403, 429}
    assert "_auth_user_id" not in client.session
    other = client.post("/login/", {"username": "county", "password": PASSWORD})
    assert other.status_code == 302


@pytest.mark.usefixtures("_axes")
def test_the_administrator_unlocks(city, client):
    for _try in range(6):
        client.post("/login/", {"username": "office", "password": "wrong"})
    assert services.unlock(city.people["admin"], city.people["office"]) >= 1
    assert client.post("/login/", {"username": "office", "password": PASSWORD}).status_code == 302


@pytest.mark.usefixtures("_axes")
def test_five_wrong_passwords_do_not_lock(city, client):
    for _try in range(5):
        client.post("/login/", {"username": "office", "password": "wrong"})
    assert client.post("/login/", {"username": "office", "password": PASSWORD}).status_code == 302


def test_the_answer_does_not_tell_whether_a_user_exists(city, client):
    def said(username: str) -> str:
        page = client.post("/login/", {"username": username, "password": "wrong"}).text
        return re.sub(r"name=\"csrfmiddlewaretoken\" value=\"[^\"]+\"|" + username, "", page)

    assert said("office") == said("no-such-person")


def test_the_session_changes_at_the_login_and_ends_at_the_logout(city, client):
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.post("/login/", {"username": "office", "password": PASSWORD})
    assert client.session.session_key != before
    kept = client.cookies["sessionid"].value
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    client.cookies["sessionid"] = kept
    assert client.get("/account/").status_code == 302


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(city, client):
    client.post("/login/", {"username": "office", "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["domain"]


def test_over_https_cookies_are_secure_and_hsts_is_sent(tmp_path):
    """The settings of an installation behind HTTPS pass Django's own check for deployment."""
    environment = {**os.environ, "LANTIAN_HTTPS": "1", "LANTIAN_DATA": str(tmp_path), "LANTIAN_DEBUG": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "lantian.settings"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "django", "check", "--deploy", "--tag", "security", "--fail-level", "ERROR"],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for fault in ("W004", "W012", "W016", "W018", "W019", "W022"):
        assert fault not in done.stderr, done.stderr


def test_forms_work_behind_a_proxy_that_ends_tls(city, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://testserver"]
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    data = {"username": "office", "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post("/login/", data, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/login/", data, headers={"origin": "https://testserver"}).status_code == 302


def test_passwords_are_hashed_with_argon2():
    from lantian import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


# Forged requests


def test_every_form_wants_its_csrf_token(world):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.city.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    faults = []
    for _route, path in pages(world):
        status = client.post(path, {"reason": "x"}).status_code
        if status not in {403, 405}:
            faults.append(f"{path}: {status}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil"],
)
def test_no_redirect_leads_elsewhere(city, client, target):
    answer = client.post(f"/login/?next={target}", {"username": "office", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"
    language = client.post("/language/", {"language": "en", "next": target})
    assert language.headers["Location"] == "/"


def test_a_foreign_host_name_is_refused(client):
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400


def test_a_page_takes_no_token(world):
    """Tokens are for the API: a page that took them could be opened by a link."""
    token = token_for(world.city.people["office"])
    client = Client()
    assert client.get("/assignments/", headers={"authorization": f"Bearer {token}"}).status_code == 302
    assert client.get(f"/assignments/?token={token}").status_code == 302


# What pages carry


def test_every_page_forbids_scripts_of_others_and_frames(world, office):
    faults = []
    for _route, path in pages(world):
        answer = office.get(path)
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src" not in policy or "unsafe-" in policy or "*" in policy:
            faults.append(f"{path}: policy {policy!r}")
        if "frame-ancestors 'none'" not in policy and "sandbox" not in policy:
            faults.append(f"{path}: may be framed")
        if answer.headers.get("X-Frame-Options") != "DENY":
            faults.append(f"{path}: X-Frame-Options")
        if answer.headers.get("X-Content-Type-Options") != "nosniff":
            faults.append(f"{path}: nosniff")
        if answer.headers.get("Referrer-Policy") != "same-origin":
            faults.append(f"{path}: Referrer-Policy")
    assert not faults, "\n".join(faults)


def test_no_page_holds_inline_code_or_loads_from_elsewhere(world, office):
    """What the policy would block, or would have to allow."""
    faults = []
    for _route, path in pages(world):
        answer = office.get(path)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for pattern in (INLINE, ELSEWHERE):
            faults += [f"{path}: {match.group()[:120]}" for match in pattern.finditer(answer.text)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/users/", 403), ("/api/v1/nowhere", 404)])
def test_error_answers_carry_the_policy_too(office, path, status):
    answer = office.get(path)
    assert answer.status_code == status
    assert "unsafe-" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


# Hostile names


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_they_are_and_never_run(world, client, name):
    city = world.city
    user = city.people["county2"]
    services.edit_user(city.people["admin"], user, display_name=name, phone="", language="zh-hans")
    admin = city.people["admin"]
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/users/", f"/users/{user.pk}/", "/audit/"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert name in unescape(client.get(f"/users/{user.pk}/").text)
    sheet = client.get("/users/?export=csv&columns=display_name").content.decode("utf-8-sig")
    assert all(not line.strip('"').startswith(("=", "+", "-", "@")) for line in sheet.splitlines())


def test_a_search_for_markup_is_text(office):
    page = office.get("/search/", {"q": "<script>alert(1)</script>"}).text
    assert "<script>alert(1)</script>" not in page


def test_hostile_values_in_addresses_are_no_server_error(world, office):
    names = ("q", "page", "sort", "columns", "per_page", "area", "status", "from", "version")
    for path in ("/users/", "/assignments/", "/evidence/", "/audit/", "/search/", "/plan/", "/rounds/", "/baseline/"):
        for value in ("'", "\ud7ff", "9" * 400, "-1", "../../etc/passwd", "%00", "[]", "１２"):
            for query in (dict.fromkeys(names, value), {"export": value}, {"export": "csv", "columns": value}):
                status = office.get(path, query).status_code
                assert status < 500, f"{path}?{query}: {status}"


def test_a_nul_is_refused_wherever_it_stands(world, office):
    for path in ("/search/?q=%00", "/users/?q=a%00b", "/assignments/?%00=1", "/counties/%00/"):
        assert office.get(path).status_code == 400, path
    answer = office.post("/signoff/approve/", {"reason": "a\x00b", "assignment": str(world.second.pk)})
    assert answer.status_code == 400


# Secrets


def test_nothing_secret_is_stored_in_clear(world):
    city = world.city
    token, secret = services.create_token(city.people["office"], name="x", read_only=True, days=1)
    stored = (
        str(list(type(token).objects.values()))
        + str(list(User.objects.values()))
        + str(list(ReplayedAnswer.objects.values()))
    )
    assert secret not in stored
    assert PASSWORD not in stored


def test_pages_of_people_are_not_cached(world, login):
    client = login(world.city.people["admin"])
    for path in ("/account/", "/account/password/", "/users/new/", f"/users/{world.city.people['county'].pk}/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]
