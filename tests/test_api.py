"""The HTTP API's common rules: who calls, refusals, pages, locking, repeats. Rooms test their own operations."""

from __future__ import annotations

import json
import threading
import uuid

import pytest
from django.db import connection
from django.test import Client

from lantian.city import services
from lantian.city.models import User
from lantian.records.models import AuditEntry
from lantian.web.apidoc import declared_verbs, openapi
from lantian.web.models import ReplayedAnswer
from tests.api import Api, token_for

pytestmark = pytest.mark.django_db
NEW = {"username": "wangwu", "display_name": "王五"}


@pytest.fixture
def admin(city):
    return Api(city.people["admin"])


def test_nobody_is_told_how_to_log_in(city):
    answer = Api().get("/me")
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_logged_in"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic abc", "bearer", "Token x"])
def test_a_wrong_token_is_nobody_even_with_a_session(city, login, header):
    client = login(city.people["office"])
    assert client.get("/api/v1/me", headers={"authorization": header}).status_code == 401


def test_a_token_is_its_person(city):
    me = Api(city.people["county"]).get("/me").json()
    assert (me["username"], me["roles"]) == ("county", ["county"])
    assert "assignment.submit" in me["verbs"]
    assert me["memberships"][0]["place"]["code"] == city.areas[0].code


def test_a_verb_that_the_role_lacks_is_refused_in_words(city):
    answer = Api(city.people["office"]).get("/users", accept_language="en")
    assert answer.status_code == 403
    assert answer.json() == {
        "error": "not_allowed",
        "message": "Your role does not allow this here: manage users and roles.",
        "hint": "Ask the leading-group office to do it, or the administrator for the role.",
        "field": "",
    }
    assert "角色" in Api(city.people["office"]).get("/users", accept_language="zh-CN").json()["message"]


def test_a_read_only_token_does_not_write(city):
    api = Api(city.people["admin"], read_only=True)
    assert api.get("/users").status_code == 200
    assert api.post("/users", NEW).status_code == 403
    assert not User.objects.filter(username="wangwu").exists()


def test_a_token_in_the_address_is_refused(city):
    token = token_for(city.people["office"])
    for address in (f"/me?token={token}", f"/places?q={token}"):
        answer = Api(city.people["office"]).get(address)
        assert answer.status_code == 400
        assert token not in answer.text
    assert Client().get(f"/api/v1/me?access_token={token}").status_code == 400


def test_an_inactive_person_and_a_one_time_password_end_the_token(city):
    api = Api(city.people["office"])
    User.objects.filter(username="office").update(must_change_password=True)
    assert api.get("/me").status_code == 401
    User.objects.filter(username="office").update(must_change_password=False, is_active=False)
    assert api.get("/me").status_code == 401


def test_the_browsers_session_needs_csrf_to_write(city):
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me").status_code == 200
    body = json.dumps(NEW)
    refused = client.post("/api/v1/users", body, content_type="application/json")
    assert refused.status_code == 403
    client.get("/account/")
    csrf = client.cookies["csrftoken"].value
    done = client.post("/api/v1/users", body, content_type="application/json", headers={"x-csrftoken": csrf})
    assert done.status_code == 201


def test_a_session_with_a_one_time_password_gets_json(city, client):
    _user, password = services.create_user(None, username="wang", display_name="王")
    client.post("/login/", {"username": "wang", "password": password})
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("DELETE", "/me", 405, "wrong_method"),
        ("GET", "/users/999999", 404, "not_found"),
        ("GET", "/users/abc", 422, "invalid"),
        ("GET", "/users/99999999999999999999999", 422, "invalid"),
        ("GET", "/users/0", 422, "invalid"),
        ("GET", "/users?agency=99999999999999999999999", 422, "invalid"),
        ("GET", "/users?limit=201", 422, "invalid"),
        ("GET", "/users?limit=0", 422, "invalid"),
        ("GET", "/users?offset=-1", 422, "invalid"),
        ("GET", "/users?role=emperor", 422, "invalid"),
        ("GET", "/places?q=%00", 400, "refused"),
        ("GET", "/places?q=%ff", 200, None),
        ("GET", "/places/%00", 400, "refused"),
        ("GET", "/places?kind=&parent=", 422, "invalid"),
    ],
)
def test_every_refusal_is_json(admin, method, path, status, error):
    answer = admin(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json")
    if error:
        assert set(answer.json()) == {"error", "message", "hint", "field"}
        assert answer.json()["error"] == error


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("{", 400),
        ("NaN", 400),
        ('{"username": NaN}', 400),
        ("[" * 100_000, 400),
        ('{"username": "a\\u0000b", "display_name": "x"}', 400),
        ('{"username": "ab", "display_name": "\\ud800"}', 400),
        ('{"\\u0000": 1}', 400),
        (b"\xff\xfe", 400),
        ("null", 422),
        ("[]", 422),
        ('"text"', 422),
        ('{"username": 1e999, "display_name": []}', 422),
        (json.dumps({"username": "x" * 5_000_000, "display_name": "x"}), 413),
    ],
)
def test_broken_bodies_are_refused(admin, body, status):
    answer = admin("POST", "/users", body)
    assert answer.status_code == status, answer.text
    assert answer.json()["message"]


def test_an_invalid_input_names_its_field(admin):
    answer = admin.post("/users", {"username": "x"})
    assert answer.json()["field"].endswith("display_name")


def test_pages_of_a_list(admin):
    first = admin.get("/users?limit=2&offset=1").json()
    assert (len(first["items"]), first["count"], first["limit"], first["offset"]) == (2, User.objects.count(), 2, 1)


def test_places_and_agencies(city):
    api = Api(city.people["town"])
    towns = api.get(f"/places?kind=town&parent={city.areas[0].code}").json()
    assert [place["name"] for place in towns["items"]] == [str(town) for town in city.towns]
    assert api.get(f"/places/{city.areas[0].code}").json()["parent"] == city.city.code
    assert api.get("/agencies?q=监管").json()["count"] == 1
    assert api.get("/city").json()["slug"] == "qingchuan"


def test_people_through_the_api(admin, city):
    made = admin.post("/users", NEW)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    pk = made.json()["user"]["id"]
    role = admin.post(f"/users/{pk}/roles", {"role": "county", "place": city.areas[1].code})
    assert role.status_code == 201, role.text
    held = role.json()["id"]
    refused = admin.post(f"/users/{pk}/roles", {"role": "admin"})
    assert (refused.status_code, refused.json()["error"]) == (409, "conflict")
    unknown = admin.post(f"/users/{pk}/roles", {"role": "county", "place": "0"})
    assert (unknown.status_code, unknown.json()["field"]) == (400, "place")
    ended = admin.post(f"/users/{pk}/roles/{held}/end", {"reason": "调离"})
    assert ended.json()["until"]
    assert admin.post(f"/users/{pk}/active", {"active": False, "reason": "离职"}).json()["is_active"] is False
    assert admin.post(f"/users/{pk}/unlock").json() == {"failures": 0}
    assert admin.post(f"/users/{pk}/password").json()["password"]
    assert admin.get("/users?q=wangwu").json()["count"] == 1


def test_an_older_version_is_a_conflict(admin, city):
    pk = city.people["county"].pk
    read = admin.get(f"/users/{pk}")
    assert read.headers["ETag"] == '"1"'
    assert admin.patch(f"/users/{pk}", {"phone": "1"}, if_match='"1"').json()["version"] == 2
    for old in ({"phone": "2", "version": 1}, {"phone": "2"}):
        answer = admin.patch(f"/users/{pk}", old, if_match='W/"1"')
        assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert admin.patch(f"/users/{pk}", {"phone": "2", "version": 2}, if_match='"1"').status_code == 400
    assert admin.patch(f"/users/{pk}", {"phone": "2"}, if_match="nonsense").status_code == 400


def test_the_same_request_with_the_same_key_is_done_once(admin, city):
    pk, key = city.people["nobody"].pk, str(uuid.uuid4())
    body = {"role": "county", "place": city.areas[1].code}
    first = admin.post(f"/users/{pk}/roles", body, idempotency_key=key)
    again = admin.post(f"/users/{pk}/roles", body, idempotency_key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert AuditEntry.objects.filter(action="city.role_grant").count() == 1
    other = admin.post(f"/users/{pk}/roles", {"role": "office"}, idempotency_key=key)
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")


def test_a_key_belongs_to_its_person(admin, city):
    services.grant_role(city.people["admin"], city.people["nobody"], role="admin")
    key = str(uuid.uuid4())
    pk = city.people["county"].pk
    for api in (admin, Api(city.people["nobody"])):
        answer = api.post(f"/users/{pk}/unlock", idempotency_key=key)
        assert "Idempotency-Replayed" not in answer.headers


def test_a_refusal_is_forgotten_and_leaves_nothing(admin, city):
    key = str(uuid.uuid4())
    pk = city.people["nobody"].pk
    assert admin.post(f"/users/{pk}/roles", {"role": "county"}, idempotency_key=key).status_code == 400
    assert not ReplayedAnswer.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_secret_is_not_kept_for_a_repeat(admin, city):
    key = str(uuid.uuid4())
    pk = city.people["county"].pk
    first = admin.post(f"/users/{pk}/password", idempotency_key=key).json()["password"]
    assert not ReplayedAnswer.objects.exists()
    assert first not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("key", ["short", "x" * 81, "with space in it", "汉字汉字汉字汉字"])
def test_impossible_keys_are_refused(admin, city, key):
    answer = admin.post(f"/users/{city.people['county'].pk}/unlock", idempotency_key=key)
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_moment_is_done_once(city):
    api, key, pk = Api(city.people["admin"]), str(uuid.uuid4()), city.people["nobody"].pk
    body, answers = {"role": "inspector"}, []

    def ask() -> None:
        answers.append(api.post(f"/users/{pk}/roles", body, idempotency_key=key))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert AuditEntry.objects.filter(action="city.role_grant").count() == 1


def test_the_description_names_the_verb_of_every_operation():
    schema = openapi()
    operations = [op for path in schema["paths"].values() for op in path.values()]
    assert len(operations) == len(declared_verbs())
    for operation in operations:
        assert isinstance(operation["x-verbs"], list)
        assert operation["tags"], operation["operationId"]
        assert operation["description"], operation["operationId"]
        assert operation["security"] == [{"token": []}]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))


def test_the_description_needs_a_login(city):
    assert Client().get("/api/v1/openapi.json").status_code == 401
    assert Api(city.people["town"]).get("/openapi.json").json()["openapi"].startswith("3.1")
    assert Client().get("/api/v1/docs").status_code == 302


def test_the_page_shows_every_operation(city, login):
    page = login(city.people["county"]).get("/api/v1/docs").text
    for path in openapi()["paths"]:
        assert path in page
    assert "您的角色没有此权限" in page
