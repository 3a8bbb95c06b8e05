"""lantian gateway mqtt: meters that speak MQTT."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click

from lantian.gateway.cli.run import data_option, prepared


@click.command()
@click.option("--broker", required=True, help="host of the broker")
@click.option("--port", default=1883, show_default=True)
@click.option("--topic", default="lantian/+", show_default=True, help="its last part is the MN of the device")
@click.option("--user", default="", help="the password comes from LANTIAN_MQTT_PASSWORD")
@click.option("--tls", is_flag=True)
@data_option
def mqtt(broker: str, port: int, topic: str, user: str, tls: bool, data: Path) -> None:
    """Take readings from an MQTT broker; a message is acknowledged when it is on disk."""
    from lantian.gateway.core.mqtt import Broker, Listener

    data = data.resolve()
    prepared(data)
    password = os.environ.get("LANTIAN_MQTT_PASSWORD", "")
    listener = Listener(data, Broker(broker, port, topic, user, password, tls))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    listener.start()
    stopping.wait()
    listener.stop()
