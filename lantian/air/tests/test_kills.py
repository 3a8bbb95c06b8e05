"""The commands are killed at random; what they acknowledged is there once. LANTIAN_KILLS=50 kills fifty times."""

from __future__ import annotations

import os

from lantian.air.tests.kills import storm


def test_killed_commands_neither_lose_nor_double(tmp_path):
    kills = int(os.environ.get("LANTIAN_KILLS", "3"))
    found = storm(tmp_path, kills, seed=20260301)
    assert sum(found.killed.values()) == kills
    assert min(found.killed.values()) > 0
    assert found.writing > 0
