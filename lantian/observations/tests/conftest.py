"""A small store with a clock that the test moves."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.observations import hooks
from lantian.observations.store import Store
from lantian.observations.tests.builders import START, Clock


@pytest.fixture(scope="package", autouse=True)
def _no_audit_chain():
    """The library alone: under Django the records room connects itself. Stores of whole modules are made under it as well."""
    connected, hooks._trail[:] = list(hooks._trail), []
    finders = dict(hooks._finders)
    hooks._finders.clear()
    yield
    hooks._trail[:] = connected
    hooks._finders.update(finders)


@pytest.fixture
def clock() -> Clock:
    return Clock(START + dt.timedelta(days=400))


@pytest.fixture
def store(tmp_path, clock) -> Store:
    return Store(tmp_path / "observations", offset=dt.timedelta(hours=8), clock=clock)
