"""Fixtures of the plan room's tests."""

from __future__ import annotations

import pytest

from lantian.plan.tests import ledger as lib


@pytest.fixture
def go():
    """A function that moves the city's clock; it stands at 2020-06-20."""
    with lib.calendar_days() as go:
        yield go
