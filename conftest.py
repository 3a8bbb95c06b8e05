"""Fixtures that every room's tests share."""

from __future__ import annotations

import pytest


@pytest.fixture
def city(db):
    """A small invented city with people of every role (see tests/builders.py)."""
    from tests.builders import make_city

    return make_city()


@pytest.fixture
def ledger(city):
    """The small city's adopted plan with an assignment for every area; returns (city, version)."""
    from tests.builders import make_ledger

    return city, make_ledger(city)


@pytest.fixture
def login(client):
    """Return a function that logs a user in and returns the test client."""

    def _login(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _login


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    """Files of a test go to a folder of its own."""
    settings.FILES_DIR = tmp_path / "files"
