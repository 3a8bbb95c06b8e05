"""A small store with a clock that the test moves."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.observations.store import Store
from lantian.observations.tests.builders import START, Clock


@pytest.fixture(autouse=True)
def _no_audit_chain(monkeypatch):
    """The library alone: under Django the records room connects itself."""
    monkeypatch.setattr("lantian.observations.hooks._trail", [])


@pytest.fixture
def clock() -> Clock:
    return Clock(START + dt.timedelta(days=400))


@pytest.fixture
def store(tmp_path, clock) -> Store:
    return Store(tmp_path / "observations", offset=dt.timedelta(hours=8), clock=clock)
