"""Folders that the worker watches, as LANTIAN_AIR_FOLDERS declares them; every file of theirs stands in the list of imports."""

from __future__ import annotations

import logging
import time
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from lantian.air.jobs import plain_fault, summary_of
from lantian.air.models import ImportJob
from lantian.air.queries import data_folder
from lantian.air.reading.declaring import declare
from lantian.air.reading.formats import format_named
from lantian.air.reading.importing import store_in
from lantian.air.reading.watching import Outcome, Watched, WatchedError, Watcher
from lantian.city import clock
from lantian.city.models import User
from lantian.records.services import audit

log = logging.getLogger("lantian.air.folders")
_FIELDS = {"path", "format", "encoding", "time_format", "skip_bad", "actor", "lang", "declared"}
# Between two looks of one turn.
SETTLE = 2.0


class FolderError(ValueError):
    """The file that declares the folders is wrong: where and how."""


def declared_folders(path: Path) -> list[Watched]:
    """Read the file of folders; without it there are none. Raises FolderError."""
    if not path.exists():
        return []
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("folder", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FolderError(f"{path}: {error}") from error
    return [_watched(path, number, row) for number, row in enumerate(rows, 1)]


def _watched(path: Path, number: int, row: dict[str, Any]) -> Watched:
    where = f"{path}, folder {number}"
    unknown, lacking = set(row) - _FIELDS, {"path", "format"} - set(row)
    if unknown or lacking:
        raise FolderError(f"{where}: unknown {sorted(unknown)}, lacking {sorted(lacking)}")
    declared = {name: str(text) for name, text in row.get("declared", {}).items()}
    one = Watched(
        Path(row["path"]), row["format"], row.get("encoding", "utf-8"), row.get("time_format", ""), declared,
        bool(row.get("skip_bad", False)), row.get("actor", ""), row.get("lang", "zh"),
    )  # fmt: skip
    try:
        declare(format_named(one.form), encoding=one.encoding, time_format=one.time_format, declared=declared)
    except (ValueError, LookupError) as error:
        raise FolderError(f"{where}: {error}") from error
    return one


def work() -> int:
    """Import what is complete in the declared folders; return how many files were dealt with.

    A folder that cannot be watched is logged, the others go on.
    """
    try:
        folders = declared_folders(settings.LANTIAN_AIR_FOLDERS)
    except FolderError as error:
        log.error("%s", error)
        return 0
    return sum(_turn(Watcher(one, settle=SETTLE)) for one in folders)


def _turn(watcher: Watcher) -> int:
    store, done = store_in(data_folder()), 0
    try:
        if not watcher.waiting():
            return 0
        for look in range(2):
            if look:
                time.sleep(watcher.settle)
            for outcome in watcher.scan(store):
                done += 1
                if outcome.state != "waits":
                    enter(watcher.watched, outcome)
    except (WatchedError, OSError) as error:
        log.error("%s: %s", watcher.watched.folder, error)
    return done


@transaction.atomic
def enter(watched: Watched, outcome: Outcome) -> ImportJob:
    """Put a file of a folder into the list of imports."""
    person = User.objects.filter(username=watched.actor).first() if watched.actor else None
    found, receipt = outcome.found, outcome.receipt
    said = {"encoding": watched.encoding, "time_format": watched.time_format, **watched.declared}
    now = clock.now()
    job = ImportJob.objects.create(
        name=outcome.name[:200], origin=ImportJob.Origin.FOLDER, form=watched.form, skip_bad=watched.skip_bad,
        declared={name: text for name, text in said.items() if text},
        state=ImportJob.State.DONE if receipt else ImportJob.State.FAILED,
        batch=found.batch if found else "", parts=len(found.parts) if found else 0,
        part=len(found.parts) if found and receipt else 0, summary=_summary(outcome),
        faults=[plain_fault(one) for one in outcome.faults], message=f"folder|{outcome.path}"[:2000],
        written=receipt.rows if receipt else 0, repeated=bool(receipt and receipt.repeated),
        store_version=receipt.version if receipt else None, created_by=person, created_at=now, finished_at=now,
    )  # fmt: skip
    data = {"batch": job.batch, "values": job.written, "version": job.store_version, "folder": str(watched.folder)}
    audit(person, "air.import_done" if receipt else "air.import_fail", job, reason=outcome.text[:500], data=data)
    return job


def _summary(outcome: Outcome) -> dict[str, Any]:
    if outcome.found is not None:
        return summary_of(outcome.found)
    counts: dict[str, int] = {}
    for one in outcome.faults:
        counts[one.code] = counts.get(one.code, 0) + 1
    return {"faults": len(outcome.faults), "faults_by_kind": counts}
