"""The front door: login, language, errors."""

from __future__ import annotations

import pytest
from django.test import Client

from lantian.web.views import server_error
from tests.builders import PASSWORD

pytestmark = pytest.mark.django_db


def test_login_opens_the_home_page(client, city):
    answer = client.post("/login/", {"username": "office", "password": PASSWORD})
    assert answer.status_code == 302
    page = client.get("/")
    assert page.status_code == 200


def test_wrong_password_says_so(client, city):
    answer = client.post("/login/", {"username": "office", "password": "wrong"})
    assert answer.status_code == 200
    assert "alert-danger" in answer.text


def test_home_needs_a_login(client, city):
    assert client.get("/").headers["Location"].startswith("/login/")


def test_language_switch_is_remembered(client, city):
    assert 'lang="zh-hans"' in client.get("/login/", headers={"accept-language": "en"}).text
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert 'lang="en"' in client.get("/login/").text


def test_language_switch_does_not_redirect_elsewhere(client, city):
    answer = client.post("/language/", {"language": "en", "next": "https://example.com/"})
    assert answer.headers["Location"] == "/"


def test_the_page_of_a_fault_says_when_and_where_without_the_database(rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = server_error(rf.get("/rounds/7/?a=<b>"))
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "系统出错" in text
    assert "/rounds/7/" in text
    assert "<b>" not in text


def test_a_form_older_than_the_login_is_refused_in_words(city):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"username": "office", "password": PASSWORD})
    assert answer.status_code == 403
    assert "表单未被接收" in answer.text
    assert "刷新页面" in answer.text


def test_an_empty_login_says_what_is_missing(client, city):
    answer = client.post("/login/", {"username": "", "password": ""})
    assert answer.text.count('role="alert"') == 2
