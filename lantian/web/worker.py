"""The worker: schedules that run beside the web server. Jobs are the rooms' own functions; here they only get their hours.

One worker runs per installation. A job that fails is logged with its traceback and tried again at its next hour.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import close_old_connections
from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from lantian.kit import later

log = logging.getLogger("lantian.worker")
queue = SqliteHuey("lantian", filename=str(settings.LANTIAN_DATA / "queue.sqlite3"), fsync=True, utc=False)


@queue.periodic_task(crontab(hour="7", minute="30"))
@queue.lock_task("daily")
def daily() -> None:
    """Every morning: what is due soon, who has not reported, what should be escalated."""
    from lantian.plan import jobs

    for name, result in jobs.daily().items():
        log.info("daily %s: %s", name, result)


@queue.periodic_task(crontab(hour="3", minute="10"))
@queue.lock_task("nightly")
def nightly() -> None:
    """Every night: the audit chain is verified, so that a fault is known before the office opens."""
    from lantian.records.verify import verify_chain

    result = verify_chain()
    log.log(logging.INFO if result.ok else logging.ERROR, "audit chain: %s", result)


@queue.periodic_task(crontab(hour="2", minute="40"))
@queue.lock_task("upkeep")
def upkeep() -> None:
    """Every night: the small files that every hour leaves in the observation store become a few big ones."""
    from lantian.web.upkeep import tidy

    log.info("observations: %s months merged", tidy())


@queue.periodic_task(crontab(minute="*/10"))
@queue.lock_task("demonstration's air")
def demonstration_air() -> None:
    """In a demonstration: add the hours of invented air that are over by now. Elsewhere there is nothing to do."""
    from lantian.web import demo_air

    added = demo_air.add_newest()
    if added and added.values:
        log.info("invented air: %s values up to %s", added.values, added.last)


@queue.periodic_task(crontab(minute="*"))
def minute() -> None:
    """Every minute: what the rooms registered as work for the worker, also what a killed worker left."""
    for name in later.names():
        work(name)


@queue.task()
def work(name: str) -> None:
    """Do a registered work now."""
    # Between two works a connection may have grown old, or the server of the database may have been restarted.
    close_old_connections()
    result = later.run(name)
    if result:
        log.info("%s: %s", name, result)


def consumer() -> Consumer:
    """Return the worker. Locks that a killed worker left are taken away: no other one is running that could hold them."""
    # Three threads: a long import and a long file of a folder do not keep the schedules waiting.
    # It looks for work often: somebody watches a page.
    return queue.create_consumer(workers=3, max_delay=1.0, periodic=True, check_worker_health=True, flush_locks=True)


def run() -> None:
    """Run the worker until it is told to stop (SIGINT or SIGTERM). It begins with what waited while none was running."""
    minute()
    consumer().run()
