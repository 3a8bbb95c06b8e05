"""What pages and other rooms ask of gateways: how they are, what devices were seen, newest values, last packets, gaps."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings

from lantian.gateway.core import telemetry
from lantian.gateway.core.codec import judge
from lantian.gateway.core.control import Control
from lantian.gateway.core.inbox import Inbox, Waiting, inbox_folders, now_us
from lantian.gateway.wire.packet import escaped
from lantian.gateway.wire.words import say
from lantian.observations.store import Store

# A gateway that has said nothing for so long is not there.
_SILENT_US = 15_000_000


def control() -> Control:
    """Return a connection to the control tables; close it (it is a context)."""
    return Control(settings.LANTIAN_DATA)


def store() -> Store:
    """Return the telemetry store; keep it for a process."""
    return telemetry.open_store(settings.LANTIAN_DATA)


def moment(us: int | None) -> dt.datetime | None:
    """Return microseconds since 1970 as a moment, None for none."""
    return dt.datetime.fromtimestamp(us / 1e6, dt.UTC) if us else None


def gateways() -> list[dict[str, Any]]:
    """Return every gateway with its state; `alive`: it spoke within 15 seconds and runs."""
    with control() as tables:
        found = tables.gateways()
    now = now_us()
    for one in found:
        one["alive"] = bool(one.get("running")) and now - one["at"] < _SILENT_US
        one["seen"], one["since"] = moment(one["at"]), moment(one.get("started"))
    return found


def delivery() -> dict[str, Any]:
    """Return the state of delivery with what waits in all inboxes; {} when none ever ran."""
    with control() as tables:
        text = tables.meta("delivery")
    found: dict[str, Any] = json.loads(text) if text else {}
    waiting, oldest = 0, None
    for inbox in _inboxes():
        _, packets, at = inbox.backlog()
        waiting += packets
        oldest = min(at, oldest) if at and oldest else at or oldest
        inbox.close()
    alive = bool(found) and now_us() - found["at"] < 4 * _SILENT_US
    return {**found, "waiting": waiting, "oldest": moment(oldest), "alive": alive, "seen": moment(found.get("at"))}


def _inboxes() -> Iterable[Inbox]:
    return (Inbox(folder) for folder in inbox_folders(settings.LANTIAN_DATA))


def strangers() -> list[Waiting]:
    """Return the devices in quarantine of all gateways, newest first."""
    found: dict[str, Waiting] = {}
    for inbox in _inboxes():
        for one in inbox.strangers():
            found.setdefault(one.mn, one)
        inbox.close()
    return sorted(found.values(), key=lambda one: -one.last)


def packets_of_stranger(mn: str, lang: str = "zh") -> list[dict[str, Any]]:
    """Return the newest packets of a device in quarantine, decoded."""
    rows = [(at, raw) for inbox in _inboxes() for at, raw in inbox.packets_of_stranger(mn)]
    return [_shown(at, raw, "standard", lang) for at, raw in sorted(rows, reverse=True)[:20]]


def seen(mns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return {MN: first, last, gateway, peer, packets, bytes, errors, drift (ms), refused, linked} of devices."""
    if not mns:
        return {}
    with control() as tables:
        wanted = set(mns)
        rows = {row["mn"]: row for row in tables.select("select * from seen") if row["mn"] in wanted}
        linked = {row["mn"] for row in tables.select("select distinct mn from links")}
    for mn, row in rows.items():
        row["linked"] = mn in linked
        row["last_at"], row["first_at"] = moment(row["last"]), moment(row["first"])
        row["drift_seconds"] = None if row["drift"] is None else round(row["drift"] / 1000, 1)
    return rows


def links(mns: set[str] | None, most: int = 100) -> list[dict[str, Any]]:
    """Return the links on which something came last (of some devices; None: of all)."""
    with control() as tables:
        rows = tables.select("select * from links order by last desc limit 5000")
    chosen = [row for row in rows if mns is None or row["mn"] in mns][:most]
    for row in chosen:
        row["last_at"], row["since_at"] = moment(row["last"]), moment(row["since"])
    return chosen


def faults(mn: str | None = None, most: int = 30, lang: str = "zh") -> list[dict[str, Any]]:
    """Return the newest packets that were not taken (of one device), with the reason in words."""
    with control() as tables:
        if mn is None:
            rows = tables.select("select * from faults order by id desc limit ?", most)
        else:
            rows = tables.select("select * from faults where mn = ? order by id desc limit ?", mn, most)
    for row in rows:
        row["at"], row["words"], row["text"] = moment(row["at"]), say(row["code"], lang), escaped(bytes(row["raw"]))
    return rows


def packets(mn: str, dialect: str, lang: str = "zh") -> list[dict[str, Any]]:
    """Return the last packets of a device, raw and decoded, newest first."""
    with control() as tables:
        rows = tables.select("select at, raw from packets where mn = ? order by id desc", mn)
    return [_shown(row["at"], bytes(row["raw"]), dialect, lang) for row in rows]


def _shown(at: int, raw: bytes, dialect: str, lang: str) -> dict[str, Any]:
    judged = judge(raw, dialect)
    packet = judged.packet
    return {
        "at": moment(at), "text": escaped(raw), "ok": packet is not None, "cn": packet.cn if packet else "",
        "data_time": packet.data_time if packet else None,
        "items": [(factor, values) for factor, values in packet.items.items()] if packet else [],
        "error": "" if packet else say(judged.error, lang),
    }  # fmt: skip


def latest(*, places: Sequence[str] = (), sources: Sequence[str] = (), mn: str = "") -> list[dict[str, Any]]:
    """Return the newest value of every point: source, quantity, place, valid_from, valid_to, value, flag, unit, mn."""
    conditions, values = ["1"], []
    for column, wanted in (("place", places), ("source", sources), ("mn", (mn,) if mn else ())):
        if wanted:
            conditions.append(f"{column} in ({', '.join('?' * len(wanted))})")
            values += list(wanted)
    query = f"select * from latest where {' and '.join(conditions)} order by source, quantity"  # noqa: S608 - names of ours
    with control() as tables:
        rows = tables.select(query, *values)
    for row in rows:
        for name in ("valid_from", "valid_to", "at"):
            row[name] = moment(row[name])
    return rows


def gaps(mn: str, most: int = 50) -> list[dict[str, Any]]:
    """Return the stretches that lacked of a device, newest first; times are local, without a zone."""
    with control() as tables:
        rows = tables.select("select * from gaps where mn = ? order by begin desc limit ?", mn, most)
    for row in rows:
        row["from"], row["to"] = (
            dt.datetime.fromtimestamp(row[name], dt.UTC).replace(tzinfo=None) for name in ("begin", "end")
        )
    return rows


def requests(mn: str) -> list[dict[str, Any]]:
    """Return the newest requests to a device, with what became of them."""
    with control() as tables:
        found = tables.commands_of(mn)
    return [
        {"made_at": moment(one.made), "cn": one.cn, "parameters": one.parameters, "state": one.state, "actor": one.actor,
         "purpose": one.purpose, "result": one.result or {}}
        for one in found
    ]  # fmt: skip
