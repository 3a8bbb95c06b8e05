"""Writers at the same time queue up, and the chain has no fork."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading

import pytest
from django.db import connection

from lantian.records.models import Evidence
from lantian.records.services import add_evidence
from lantian.records.tests.many_writers import EACH, THREADS, hammer
from lantian.records.tests.samples import picture, upload
from lantian.records.verify import verify_chain


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the SQLite of the tests lives in memory")
@pytest.mark.django_db(transaction=True)
def test_threads_on_postgresql():
    assert hammer() == []
    result = verify_chain()
    assert result.ok
    assert result.entries == THREADS * EACH


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file of its own")
def test_threads_on_a_sqlite_file(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "LANTIAN_CLOCK"}}
    environment |= {"LANTIAN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "lantian.settings"}
    answer = subprocess.run(
        [sys.executable, "-m", "lantian.records.tests.many_writers"], env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert result["problems"] == []
    assert result["ok"] is True
    assert result["entries"] == THREADS * EACH


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
@pytest.mark.django_db(transaction=True)
def test_the_same_form_from_two_threads_makes_one_record(city):
    meet, made = threading.Barrier(2), []

    def send() -> None:
        try:
            meet.wait()
            county = city.people["county"]
            made.append(add_evidence(county, upload(picture()), effective_on=dt.date(2020, 6, 4), key="once").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert Evidence.objects.count() == 1
    assert verify_chain().ok
