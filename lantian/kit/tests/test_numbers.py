"""What strangers write where a whole number belongs."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lantian.kit.numbers import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("42", 42), ("007", 7), ("", None), (None, None), ("²", None), ("٣", None), ("-1", None), (" 1", None),
     ("1_0", None), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("9" * 5000, None)],
)  # fmt: skip
def test_only_plain_digits_that_a_database_holds_are_a_number(text, number):
    assert whole(text) == number


ODD = ["²", "9" * 30, "9" * 5000]


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("address", ["/assignments/?per_page=", "/plan/?agency=", "/plan/?version="])
def test_an_odd_number_in_an_address_is_no_server_error(ledger, login, address, odd):
    city, _version = ledger
    assert login(city.people["office"]).get(address + odd).status_code in (200, 404)


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_number_in_a_form_is_no_server_error(ledger, login, odd):
    city, version = ledger
    browser = login(city.people["office"])
    assert browser.get(reverse("plan:compare", args=[version.pk]), {"with": odd}).status_code == 200
    several = reverse("plan:signoff_several", args=["approve"])
    assert browser.post(several, {"assignment": [odd], "reason": "同意"}).status_code == 302
