"""The visitor's address behind proxies."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt

from lantian.web.proxy import visitor


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("", 1, ""),
        ("203.0.113.9", 0, ""),
        ("203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("203.0.113.9", 2, ""),
        ("<script>", 1, ""),
        ("2001:db8::1", 1, "2001:db8::1"),
    ],
)
def test_only_what_trusted_proxies_appended_counts(forwarded, proxies, address):
    assert visitor(forwarded, proxies) == address


@pytest.mark.django_db
def test_lockouts_count_by_the_visitors_address(city, client, settings):
    settings.AXES_ENABLED = True
    settings.TRUSTED_PROXIES = 1
    client.post("/login/", {"username": "office", "password": "x"}, headers={"x-forwarded-for": "1.1.1.1, 203.0.113.9"})
    assert AccessAttempt.objects.get().ip_address == "203.0.113.9"


@pytest.mark.django_db
def test_without_a_proxy_the_header_is_ignored(city, client, settings):
    settings.AXES_ENABLED = True
    client.post("/login/", {"username": "office", "password": "x"}, headers={"x-forwarded-for": "203.0.113.9"})
    assert AccessAttempt.objects.get().ip_address == "127.0.0.1"
