"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil

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


@pytest.fixture(scope="session")
def written_air(tmp_path_factory):
    """A data folder with invented air of the small city; not to be changed."""
    from lantian.observations import hooks
    from tests.air import write_air

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "_trail", [])  # it is written before there is a database
        return write_air(tmp_path_factory.mktemp("air"))


@pytest.fixture(scope="session")
def checked_air(written_air, tmp_path_factory):
    """The same, with quality control done and the kept figures computed; not to be changed."""
    from lantian.observations import hooks
    from tests.air import NOW, check_air

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "_trail", [])
        patch.setattr(hooks, "_clock", [lambda: NOW])
        data = tmp_path_factory.mktemp("checked") / "data"
        shutil.copytree(written_air, data)
        return check_air(data)


@pytest.fixture
def air(written_air, settings, tmp_path, monkeypatch):
    """The data folder of a test that may change it: invented air from 2019-01-01 to 2020-06-20, 9 o'clock."""
    return _air_of(written_air, settings, tmp_path, monkeypatch)


@pytest.fixture
def reviewed_air(checked_air, settings, tmp_path, monkeypatch):
    """As `air`, with quality control done and the kept figures computed: a decision changes single ones."""
    return _air_of(checked_air, settings, tmp_path, monkeypatch)


def _air_of(written, settings, tmp_path, monkeypatch):
    from lantian.city import clock
    from tests.air import NOW, PACKS

    data = tmp_path / "data"
    shutil.copytree(written, data)
    settings.LANTIAN_DATA = data
    settings.LANTIAN_CLOCK_OFFSET = -1.0  # a demonstration's folder has a demonstration's clock
    monkeypatch.setenv("LANTIAN_CITIES", str(PACKS))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return data


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


# Fixtures through which a test reaches the database without the mark.
_DATABASE = {"db", "transactional_db", "live_server", "client", "admin_client", "django_db_setup"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With LANTIAN_DATABASE_TESTS_ONLY run only what needs a database: pure code is the same whatever stands below."""
    if not os.environ.get("LANTIAN_DATABASE_TESTS_ONLY"):
        return
    with_database, pure = [], []
    for item in items:
        needs = item.get_closest_marker("django_db") or _DATABASE & set(getattr(item, "fixturenames", ()))
        (with_database if needs else pure).append(item)
    items[:] = with_database
    config.hook.pytest_deselected(items=pure)
