"""Minutes and hours that did not come: found, asked for again, followed until they came or nothing can be had.

A stretch is asked for once it is older than its grace; the device must allow it (`backfill`). What then comes is marked
by its own row here (`filled`) and in the store by when it was learned (`known_at`).
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from lantian.gateway.core.control import DONE, OVER, Control
from lantian.gateway.core.device import ADMITTED, Device
from lantian.gateway.core.limits import GapLimits
from lantian.gateway.core.slots import HOURS, MINUTES, missing, step_of

WAITING, ASKED, FILLED, GIVEN_UP = "waiting", "asked", "filled", "given_up"


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look did."""

    open: int
    asked: int
    filled: int


def look(control: Control, devices: Mapping[str, Device], limits: GapLimits, local_now: int) -> Looked:
    """Find what lacks, ask for it, close what came. `local_now`: seconds since 1970 on the devices' clock."""
    asked = 0
    with control.transaction() as db:
        for mn, device in devices.items():
            if device.status != ADMITTED:
                continue
            for cn, wanted in ((MINUTES, device.minutes), (HOURS, device.hours)):
                if wanted:
                    _find(db, device, mn, cn, limits, local_now)
        filled = _close(db, devices, local_now)
        for mn, device in devices.items():
            if device.status == ADMITTED and device.backfill:
                asked += _ask(db, control, mn, limits, local_now)
        count = db.execute("select count(*) from gaps where state in (?, ?)", (WAITING, ASKED)).fetchone()[0]
    return Looked(int(count), asked, filled)


def _find(db: sqlite3.Connection, device: Device, mn: str, cn: str, limits: GapLimits, now: int) -> None:
    """Enter stretches that lack, from the first packet of this kind on; each at most as long as a request may be."""
    step = step_of(device, cn)
    first = db.execute("select min(day) from slots where mn = ? and cn = ?", (mn, cn)).fetchone()[0]
    if first is None:
        return
    grace = 60 * (limits.grace_hour_minutes if cn == HOURS else limits.grace_minutes)
    begin = max(now - limits.look_back_hours * 3600, _first_time(db, mn, cn, first, step))
    longest = step * (limits.most_hours if cn == HOURS else max(1, limits.most_minutes * 60 // step))
    for low, high in missing(db, mn, cn, step, begin, now - grace - step):
        for at in range(low // longest * longest, high, longest):
            start, end = max(low, at), min(high, at + longest)
            known = db.execute(
                'select begin from gaps where mn = ? and cn = ? and begin <= ? and "end" > ?', (mn, cn, start, start)
            ).fetchone()
            if known is None:
                db.execute(
                    "insert or ignore into gaps values (?,?,?,?,?,?,0,'',?,0,?)",
                    (mn, cn, start, end, now, WAITING, now, (end - start) // step),
                )
            elif known[0] == start:
                db.execute(
                    'update gaps set "end" = max("end", ?), missing = max(missing, ?) where mn = ? and cn = ? and begin = ? '
                    "and state = ?", (end, (end - start) // step, mn, cn, start, WAITING),
                )  # fmt: skip


def _first_time(db: sqlite3.Connection, mn: str, cn: str, day: str, step: int) -> int:
    bits = bytes(db.execute("select bits from slots where mn = ? and cn = ? and day = ?", (mn, cn, day)).fetchone()[0])
    number = next((one for one in range(len(bits) * 8) if bits[one >> 3] >> (one & 7) & 1), 0)
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp()) + number * step


def _close(db: sqlite3.Connection, devices: Mapping[str, Device], now: int) -> int:
    """Close stretches that came meanwhile; return how many."""
    filled = 0
    rows = db.execute("select * from gaps where state <> ?", (FILLED,)).fetchall()
    for row in rows:
        step = step_of(devices.get(row["mn"]), row["cn"])
        left = sum(
            (high - low) // step for low, high in missing(db, row["mn"], row["cn"], step, row["begin"], row["end"])
        )
        came = (row["end"] - row["begin"]) // step - left
        if came == row["filled"] and left:
            continue
        state = row["state"] if left else FILLED
        filled += not left
        db.execute(
            "update gaps set state = ?, filled = ?, changed = ? where mn = ? and cn = ? and begin = ?",
            (state, came, now, row["mn"], row["cn"], row["begin"]),
        )
    return filled


def _ask(db: sqlite3.Connection, control: Control, mn: str, limits: GapLimits, now: int) -> int:
    """Ask for the newest stretch of a device if no request of ours is under way; return 0 or 1."""
    asked = db.execute("select * from gaps where mn = ? and state = ?", (mn, ASKED)).fetchall()
    for row in asked:
        answered = db.execute("select state, changed from commands where id = ?", (row["command"],)).fetchone()
        if answered is not None and answered["state"] not in OVER:
            return 0
        again = now - row["changed"] >= limits.again_minutes * 60 or (answered and answered["state"] != DONE)
        if not again:
            continue
        state = GIVEN_UP if row["tries"] >= limits.tries else WAITING
        db.execute(
            "update gaps set state = ?, changed = ? where mn = ? and cn = ? and begin = ?",
            (state, now, mn, row["cn"], row["begin"]),
        )
    row = db.execute(
        "select * from gaps where mn = ? and state = ? order by tries, begin desc limit 1", (mn, WAITING)
    ).fetchone()
    if row is None:
        return 0
    step = 1
    parameters = {"BeginTime": _stamp(row["begin"]), "EndTime": _stamp(row["end"] - step)}
    number = control.order(mn, row["cn"], parameters, actor="gateway", purpose="gap", hours=12)
    db.execute(
        "update gaps set state = ?, tries = tries + 1, command = ?, changed = ? where mn = ? and cn = ? and begin = ?",
        (ASKED, number, now, mn, row["cn"], row["begin"]),
    )
    return 1


def _stamp(local: int) -> str:
    return f"{dt.datetime.fromtimestamp(local, dt.UTC):%Y%m%d%H%M%S}"
