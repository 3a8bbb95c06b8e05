"""Meters that speak MQTT: their messages go into an inbox and are acknowledged to the broker after they are on disk.

The last part of a topic is the device (MN), the payload the JSON of `pushed`; a message that names its device itself must
name that one. What is not taken is acknowledged too (the broker would send it for ever) and counted, with its reason logged.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from lantian.gateway.core.committer import Committer, Job
from lantian.gateway.core.control import Control
from lantian.gateway.core.device import ADMITTED, Device
from lantian.gateway.core.groups import MQTT
from lantian.gateway.core.inbox import Inbox, Work, folder_of
from lantian.gateway.core.pushed import BadMessage, check

log = logging.getLogger("lantian.gateway")
_QOS = 1


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to listen, for what."""

    host: str
    port: int = 1883
    topic: str = "lantian/+"
    user: str = ""
    password: str = ""
    tls: bool = False


class Listener:
    """A client of a broker; its session outlives it, so that the broker keeps what comes meanwhile."""

    def __init__(self, data: Path, broker: Broker, *, name: str = "mqtt") -> None:
        self.counts: Counter[str] = Counter()
        self._data, self._broker = data, broker
        self._inbox = Inbox(folder_of(data, name))
        self._committer: Committer[tuple[int, int]] = Committer(self._inbox, self._on_disk)
        self._revision, self._devices = "", dict[str, Device]()
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"lantian-{self._inbox.id[:12]}",
            clean_session=False,
            manual_ack=True,
        )
        client.on_connect, client.on_message = self._connected, self._came
        if broker.user:
            client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            client.tls_set()
        self.client = client

    def start(self) -> None:
        """Connect and listen in threads; a lost broker is sought again for ever."""
        self._committer.start()
        self.client.connect_async(self._broker.host, self._broker.port)
        self.client.loop_start()

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        self._committer.stop()
        self._inbox.close()

    def _connected(self, client: paho.Client, *_: Any) -> None:
        client.subscribe(self._broker.topic, qos=_QOS)

    def _came(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        try:
            raw = self._taken(message.topic, bytes(message.payload))
        except BadMessage as error:
            self.counts["refused"] += 1
            log.warning("%s: not taken: %s", message.topic, error)
            client.ack(message.mid, message.qos)
            return
        self._committer.submit(Job(Work([raw], MQTT), (message.mid, message.qos)))

    def _taken(self, topic: str, payload: bytes) -> bytes:
        mn = topic.rsplit("/", 1)[-1]
        try:
            said = json.loads(payload)
        except ValueError as error:
            raise BadMessage(f"this is no JSON: {error}") from error
        if not isinstance(said, dict) or said.get("device", mn) != mn:
            raise BadMessage("the message names another device than its topic")
        raw = json.dumps({**said, "device": mn}, ensure_ascii=False, separators=(",", ":")).encode()
        check(raw)
        device = self._known().get(mn)
        if device is None or device.status != ADMITTED:
            raise BadMessage(f"the device {mn} is not admitted")
        return raw

    def _known(self) -> dict[str, Device]:
        with Control(self._data) as control:
            revision = control.revision()
            if revision != self._revision:
                self._revision, self._devices = revision, control.devices()
        return self._devices

    def _on_disk(self, tokens: list[tuple[int, int]]) -> None:
        for number, qos in tokens:
            self.counts["kept"] += 1
            self.client.ack(number, qos)
