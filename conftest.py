"""Fixtures that every room's tests share."""

from __future__ import annotations

import pytest
from django.utils import translation


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


@pytest.fixture(autouse=True)
def _language():
    """A page that a test opened must not leave its language to the next test."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _empty_audit_table():
    """Emptying the database after a transactional test is what the audit triggers refuse: they step aside for it."""
    from django.db import connections
    from django.test import TransactionTestCase

    from lantian.records import guards

    emptied = TransactionTestCase._fixture_teardown

    def teardown(self):
        for name in self._databases_names(include_mirrors=False):
            guards.remove(connections[name])
        emptied(self)
        for name in self._databases_names(include_mirrors=False):
            guards.install(connections[name])

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = emptied
