"""What the worker does for this room: files that wait are checked and written, one after the other.

The rows of ImportJob are the queue. One process at a time works on it, by a lock that ends with the process; what stands
there as begun while nobody holds the lock was left by a killed worker and is taken up again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F

from lantian.air.models import ImportJob
from lantian.air.queries import data_folder
from lantian.air.reading.declaring import DeclarationError
from lantian.air.reading.faults import Fault, FileFaultError
from lantian.air.reading.formats import UnknownFormatError
from lantian.air.reading.importing import ChangedError, Import, RefusedError, already, look, store_in, there, write
from lantian.city import clock
from lantian.observations.errors import BusyError, StoreError
from lantian.observations.model import Receipt
from lantian.records.files import path_of
from lantian.records.services import audit

log = logging.getLogger("lantian.air.jobs")
State = ImportJob.State
_EVERY = 0.5
_KEPT_FAULTS = 1000
_MOST_PLACES = 2000
# What was looked at last in this process: a file that is confirmed is not looked at twice.
_last: dict[int, Import] = {}


class Stopped(Exception):
    """Somebody asked to stop."""


def work() -> int:
    """Check and write everything that waits; return how many steps were done. Another process at it: none."""
    done = 0
    with _alone() as mine:
        if not mine:
            return 0
        ImportJob.objects.filter(state=State.LOOKING).update(state=State.WAITING)
        ImportJob.objects.filter(state=State.WRITING).update(state=State.CONFIRMED)
        put_off: set[int] = set()
        while (job := _next(put_off)) is not None:
            if _step(job) is State.CONFIRMED:
                put_off.add(job.pk)
            done += 1
    return done


def _next(put_off: set[int]) -> ImportJob | None:
    waiting = ImportJob.objects.filter(state__in=[State.WAITING, State.CONFIRMED]).exclude(pk__in=put_off)
    return waiting.select_related("file", "created_by", "confirmed_by").order_by("id").first()


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the lock of this work, if nobody else does."""
    path = data_folder() / "air-imports.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield False
        return
    try:
        yield True
    finally:
        os.close(handle)


def _step(job: ImportJob) -> str:
    """Check or write one file and say how it ended; a fault of ours is logged and said, the queue goes on."""
    writing = job.state == State.CONFIRMED
    try:
        ended = _write(job) if writing else _look(job)
    except Stopped:
        ended = _end(job, State.CANCELLED, "stopped")
    except BusyError:
        # Somebody else writes for long: it is tried again at the next minute.
        _set(job, state=State.CONFIRMED, message="busy")
        return State.CONFIRMED
    except (StoreError, RefusedError, ChangedError, OSError) as error:
        ended = _end(job, State.FAILED, f"refused|{error}")
    except Exception as error:
        log.exception("import %s failed", job.pk)
        ended = _end(job, State.FAILED, f"crashed|{error!r}")
    if ended != State.LOOKED:
        _last.pop(job.pk, None)
    return ended


def _set(job: ImportJob, **values: Any) -> None:
    ImportJob.objects.filter(pk=job.pk).update(**values, version=F("version") + 1)
    job.refresh_from_db()


def _end(job: ImportJob, state: str, message: str = "", **values: Any) -> str:
    """Set how it ended, and tell the audit chain of a failure."""
    with transaction.atomic():
        _set(job, state=state, message=message, finished_at=clock.now(), stop_asked=False, **values)
        if state == State.FAILED:
            audit(None, "air.import_fail", job, data={"message": message, "part": job.part, "parts": job.parts})
    return state


def _progress(job: ImportJob) -> Callable[[int, int], None]:
    """Note how far the reading is, now and then; raises Stopped when somebody asked for it."""
    told = [0.0]

    def tell(at: int, of: int) -> None:
        now = time.monotonic()
        if now - told[0] < _EVERY:
            return
        told[0] = now
        rows = ImportJob.objects.filter(pk=job.pk)
        rows.update(done_bytes=at, all_bytes=of)
        if rows.filter(stop_asked=True).exists():
            raise Stopped

    return tell


def _path(job: ImportJob) -> Path:
    if job.file_id is None:
        raise RefusedError("this import keeps no file")
    return path_of(job.file_id)


def looked_at(job: ImportJob) -> Import:
    """Read and check a job's file."""
    said = dict(job.declared)
    encoding, time_format = said.pop("encoding", "") or "utf-8", said.pop("time_format", "")
    return look(
        _path(job), job.form, encoding=encoding, time_format=time_format, declared=said, name=job.name,
        progress=_progress(job),
    )  # fmt: skip


def _look(job: ImportJob) -> str:
    _set(job, state=State.LOOKING, done_bytes=0, message="")
    try:
        found = looked_at(job)
    except FileFaultError as error:
        return _unreadable(job, error.faults)
    except DeclarationError as error:
        return _unreadable(job, (error.fault,))
    except UnknownFormatError as error:
        return _unreadable(job, (Fault(0, "form", job.form, "said_choice", expected=str(error)),))
    if ImportJob.objects.filter(pk=job.pk, stop_asked=True).exists():
        raise Stopped
    _last.clear()
    _last[job.pk] = found
    keep(job, found, already(found, store_in(data_folder())))
    return job.state


def summary_of(found: Import) -> dict[str, Any]:
    """What is kept of an import for the pages."""
    summary = found.summary()
    number = len(summary["places"])
    summary["places"] = dict(list(summary["places"].items())[:_MOST_PLACES])
    return summary | {"preview": found.first_rows(), "number_of_places": number}


def keep(job: ImportJob, found: Import, present: int) -> None:
    """Write down what was found; `present` parts of it are in the store already."""
    summary = summary_of(found) | {"present": present}
    if present:
        receipt = next(one for name in found.parts if (one := there(store_in(data_folder()), name)))
        summary["present_version"] = receipt.version
    _set(
        job, state=State.LOOKED, summary=summary, faults=[plain_fault(one) for one in found.faults.in_order()[:_KEPT_FAULTS]],
        batch=found.batch, parts=len(found.parts), part=0, done_bytes=job.all_bytes,
    )  # fmt: skip


def _unreadable(job: ImportJob, faults: tuple[Fault, ...]) -> str:
    counts: dict[str, int] = {}
    for one in faults:
        counts[one.code] = counts.get(one.code, 0) + 1
    _set(
        job, state=State.UNREADABLE, faults=[plain_fault(one) for one in faults],
        summary={"faults": len(faults), "faults_by_kind": counts},
    )  # fmt: skip
    return job.state


def plain_fault(fault: Fault) -> list[Any]:
    return [fault.row, fault.column, fault.value[:200], fault.code, fault.expected[:500], fault.other[:500]]


def _write(job: ImportJob) -> str:
    _set(job, state=State.WRITING, message="", done_bytes=0)
    found = _last.get(job.pk)
    if found is None or found.batch != job.batch:
        found = looked_at(job)
    if found.batch != job.batch:
        raise ChangedError(f"{job.name} is not what was confirmed")
    person = job.confirmed_by or job.created_by
    rows = {"written": 0}

    def on_part(part: int, parts: int, receipt: Receipt) -> None:
        rows["written"] += receipt.rows
        ImportJob.objects.filter(pk=job.pk).update(
            part=part, parts=parts, written=rows["written"], store_version=receipt.version
        )

    receipt = write(
        found, store_in(data_folder()), actor=person.username if person else "", skip_bad=job.skip_bad,
        progress=_progress(job), on_part=on_part,
    )  # fmt: skip
    with transaction.atomic():
        _end(job, State.DONE, store_version=receipt.version, repeated=receipt.repeated, part=job.parts)
        data = {"batch": job.batch, "values": rows["written"], "version": receipt.version, "repeated": receipt.repeated}
        audit(person, "air.import_done", job, data=data)
    return State.DONE
