"""The audit chain: entries appended per second and the time to verify them, against 100,000 entries a minute."""

from __future__ import annotations

import os
import tempfile
import time

from benchmarks.measure import report

ENTRIES = 5000


def run() -> bool:
    folder = tempfile.mkdtemp(prefix="lantian-bench-")
    os.environ["LANTIAN_DATA"] = folder
    os.environ.pop("DATABASE_URL", None)
    from lantian.cli import setup_django

    setup_django()
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from lantian.city.models import LoadedPack
    from lantian.records.services import audit
    from lantian.records.verify import verify_chain

    pack = LoadedPack.objects.create(slug="b", name="b", pack_version="1", sha256="0" * 64, loaded_at=timezone.now())
    began = time.perf_counter()
    with transaction.atomic():
        for number in range(ENTRIES):
            audit(None, "benchmark.write", pack, changes={"n": (number, number + 1)})
    append = (time.perf_counter() - began) / ENTRIES * 1000
    held = report("append an entry", append, 5, "ms")
    began = time.perf_counter()
    result = verify_chain()
    seconds = time.perf_counter() - began
    if not result.ok:
        print("the chain does not verify")
        return False
    return report("verify, per 100,000 entries", seconds * 100_000 / ENTRIES, 60, "s") and held
