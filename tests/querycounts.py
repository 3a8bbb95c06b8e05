"""The number of queries of a page: the same when its rows grow tenfold, and never more than the baseline file says.

`tests/query_counts.json` holds page -> queries. It may only shrink: `LANTIAN_LOWER_QUERY_COUNTS=1 pytest
tests/test_query_counts.py` writes lower numbers and new pages into it, never higher ones. A page that needs more
queries is a finding; whoever really wants it edits the file by hand and says why in the commit.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

BASELINE = Path(__file__).parent / "query_counts.json"


def baseline() -> dict[str, int]:
    """Return page -> the most queries that it may take."""
    counts: dict[str, int] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return counts


def count(client, address: str) -> int:
    """Return how many queries a page takes, the session and the frame included (the page is opened once before)."""
    first = client.get(address)
    assert first.status_code == 200, (address, first.status_code)
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    return len(caught)


def hold(page: str, queries: int) -> None:
    """Fail when a page takes more queries than the baseline; with LANTIAN_LOWER_QUERY_COUNTS=1 lower the baseline."""
    known = baseline()
    if os.environ.get("LANTIAN_LOWER_QUERY_COUNTS") == "1" and queries < known.get(page, queries + 1):
        known[page] = queries
        BASELINE.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
    assert page in known, f"{page} takes {queries} queries and is not in {BASELINE.name}"
    assert queries <= known[page], f"{page} takes {queries} queries, the baseline says {known[page]}"
