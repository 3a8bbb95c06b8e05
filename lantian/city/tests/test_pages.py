"""Pages about people as an administrator uses them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lantian.city import services
from lantian.city.access import permissions
from lantian.city.matrix import matrix
from lantian.city.models import ApiToken, Membership, User
from lantian.city.verbs import verb_in_words
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(city, login):
    return login(city.people["admin"])


def test_the_list_filters_by_role_agency_place_and_state(admin, city):
    def names(query: str) -> set[str]:
        return set(re.findall(r'href="/users/\d+/">(\w+)<', admin.get(f"/users/?{query}").text))

    assert names("role=office") == {"office", "office2"}
    assert names(f"agency={city.agencies['市场监管局'].pk}") == {"dept2"}
    assert names(f"place={city.areas[0].pk}") == {"county", "enterprise"}
    assert names("q=inspec") == {"inspector"}
    services.set_active(None, city.people["county"], active=False, reason="x")
    assert names("is_active=false") == {"county"}


def test_a_role_that_ended_does_not_count_in_the_filter(admin, city):
    Membership.objects.filter(user=city.people["office2"]).update(until=dt.date(2001, 1, 1))
    assert "office2" not in admin.get("/users/?role=office").text


def test_the_list_needs_the_same_queries_for_many_people(admin, city, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        admin.get("/users/?per_page=100")
    for n in range(40):
        make_user(f"more{n}", "county", place=city.areas[n % 3])
    with django_assert_num_queries(len(few)):
        admin.get("/users/?per_page=100")


def test_the_export_holds_the_roles(admin, city):
    answer = admin.get("/users/?export=csv&columns=username,roles&role=department")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "dept" in answer.content.decode("utf-8-sig")


def test_making_a_person_shows_the_password_once(admin, city):
    answer = admin.post("/users/new/", {"username": "wang", "display_name": "王", "phone": "", "language": "zh-hans"})
    password = re.search(r'id="one-time-password">([^<]+)<', answer.text).group(1)
    user = User.objects.get(username="wang")
    assert user.check_password(password)
    assert "no-store" in answer.headers["Cache-Control"]
    assert password not in admin.get(f"/users/{user.pk}/").text


def test_a_refused_form_keeps_what_was_typed(admin, city):
    answer = admin.post("/users/new/", {"username": "office", "display_name": "重名", "language": "zh-hans"})
    assert answer.status_code == 409
    assert "重名" in answer.text
    assert "已存在" in answer.text


def test_roles_are_given_and_ended_on_the_page(admin, city):
    user = city.people["nobody"]
    data = {"role": "county", "place": city.areas[2].pk, "since": "2020-01-01"}
    assert admin.post(f"/users/{user.pk}/roles/", data).status_code == 302
    held = user.memberships.get()
    page = admin.get(f"/users/{user.pk}/").text
    assert str(city.areas[2]) in page
    prefix = f"m{held.pk}-"
    refused = admin.post(
        f"/users/{user.pk}/roles/{held.pk}/end/", {prefix + "last_day": "2019-01-01", prefix + "reason": "x"}
    )
    assert refused.status_code == 400
    done = admin.post(
        f"/users/{user.pk}/roles/{held.pk}/end/", {prefix + "last_day": "2020-02-01", prefix + "reason": "x"}
    )
    assert done.status_code == 302
    held.refresh_from_db()
    assert held.until == dt.date(2020, 2, 1)


def test_the_page_of_an_administrator_offers_them_no_roles(admin, city):
    page = admin.get(f"/users/{city.people['admin'].pk}/").text
    assert "/roles/" not in re.sub(r'href="/roles/"', "", page)


def test_an_edit_from_an_old_page_is_a_conflict(admin, city):
    user = city.people["county"]
    data = {"display_name": "新名", "phone": "", "language": "en", "version": "1"}
    assert admin.post(f"/users/{user.pk}/edit/", data).status_code == 302
    again = admin.post(f"/users/{user.pk}/edit/", {**data, "display_name": "旧页"})
    assert again.status_code == 409
    assert "旧页" in again.text
    assert User.objects.get(pk=user.pk).display_name == "新名"


def test_reset_unlock_and_deactivation(admin, city):
    user = city.people["county"]
    answer = admin.post(f"/users/{user.pk}/password/")
    assert 'id="one-time-password"' in answer.text
    assert admin.post(f"/users/{user.pk}/unlock/").status_code == 302
    assert admin.post(f"/users/{user.pk}/active/", {"active": "0", "reason": ""}).status_code == 422
    assert admin.post(f"/users/{user.pk}/active/", {"active": "0", "reason": "离职"}).status_code == 302
    assert not User.objects.get(pk=user.pk).is_active


def test_one_time_password_opens_only_the_password_page(client, city):
    _user, password = services.create_user(None, username="wang", display_name="王")
    client.post("/login/", {"username": "wang", "password": password})
    for address in ("/", "/account/", "/roles/"):
        assert client.get(address).headers["Location"] == "/account/password/"
    assert client.get("/account/password/").status_code == 200
    refused = client.post("/account/password/", {"old": password, "new": "x", "again": "x"})
    assert refused.status_code == 400
    new = "quite-a-good-password"
    assert client.post("/account/password/", {"old": password, "new": new, "again": "other"}).status_code == 422
    assert client.post("/account/password/", {"old": password, "new": new, "again": new}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_own_profile_and_tokens(client, city, login):
    user = city.people["county"]
    login(user)
    assert client.post("/account/", {"phone": "123", "language": "en", "version": "1"}).status_code == 302
    assert User.objects.get(pk=user.pk).phone == "123"
    answer = client.post("/account/tokens/", {"name": "日报", "read_only": "on", "days": "30"})
    secret = re.search(r'id="token">([^<]+)<', answer.text).group(1)
    token = ApiToken.objects.get()
    assert services.find_token(secret) == token
    assert secret not in client.get("/account/").text
    assert client.post("/account/tokens/", {"name": "", "days": "30"}).status_code == 422
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert services.find_token(secret) is None


def test_somebody_elses_token_is_not_there(city, login):
    token, _secret = services.create_token(city.people["county"], name="x", read_only=True, days=1)
    assert login(city.people["county2"]).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404


def test_the_matrix_has_every_verb_in_words():
    used = frozenset().union(*permissions().values())
    shown = {row.verb for _group, rows in matrix() for row in rows}
    assert shown == used
    assert [verb for verb in used if verb_in_words(verb) == verb] == []


def test_the_matrix_page_opens_for_everybody(city, login):
    assert "●" in login(city.people["town"]).get("/roles/").text
