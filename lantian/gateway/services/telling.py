"""From the register to the gateways: the control tables hold what the database says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from lantian.gateway.core.control import Control
from lantian.gateway.models import DeviceRecord


def publish_all() -> int:
    """Write every device and the city's clock into the control tables; return how many devices there are."""
    devices = [one.plain() for one in DeviceRecord.objects.all()]
    with Control(settings.LANTIAN_DATA, durable=True) as control:
        control.publish(devices, whole=True)
        control.set_meta("offset_minutes", str(offset_minutes()))
    return len(devices)


def publish(devices: Iterable[DeviceRecord]) -> None:
    """Tell the gateways of devices once the present transaction is in the database."""
    plain = [one.plain() for one in devices]

    def tell() -> None:
        with Control(settings.LANTIAN_DATA, durable=True) as control:
            control.publish(plain)

    transaction.on_commit(tell)


def offset_minutes() -> int:
    """Return the city clock's distance from UTC."""
    offset = dt.datetime.now(ZoneInfo(settings.TIME_ZONE)).utcoffset() or dt.timedelta(0)
    return int(offset.total_seconds() // 60)
