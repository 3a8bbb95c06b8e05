"""The store tells nobody here: the audit chain is the records room's own test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lantian.observations import hooks


@pytest.fixture(autouse=True, scope="module")
def _no_trail() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "_trail", [])
        patch.setattr(hooks, "_finders", {})
        yield
