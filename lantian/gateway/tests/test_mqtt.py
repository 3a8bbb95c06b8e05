"""MQTT with a broker in this process: kept before it is acknowledged, delivered like packets."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

amqtt = pytest.importorskip("amqtt.broker")

from lantian.gateway.core.delivery import deliver_all  # noqa: E402
from lantian.gateway.core.device import Point  # noqa: E402
from lantian.gateway.core.mqtt import Broker, Listener  # noqa: E402
from lantian.gateway.tests.lab import device, inbox_of, mn_of, publish, until  # noqa: E402
from lantian.gateway.tests.test_kills import free_port  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def broker():
    """A broker on a free port, in a thread."""
    port, loop, ready = free_port(), asyncio.new_event_loop(), threading.Event()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    made: list = []

    async def begin():
        one = amqtt.Broker(config)
        made.append(one)
        await one.start()
        ready.set()

    def run():
        asyncio.set_event_loop(loop)
        loop.create_task(begin())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    yield port
    asyncio.run_coroutine_threadsafe(made[0].shutdown(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)


def test_messages_are_kept_and_delivered(tmp_path, broker):
    import paho.mqtt.client as paho

    publish(tmp_path, device(1, points={"P": Point("E0001.P01")}))
    listener = Listener(tmp_path, Broker("127.0.0.1", broker))
    listener.start()
    until(listener.client.is_connected)
    meter = paho.Client(paho.CallbackAPIVersion.VERSION2)
    meter.connect("127.0.0.1", broker)
    meter.loop_start()
    reading = {"point": "P", "time": "2026-11-01T10:00:00+08:00", "value": 7}

    def sent() -> bool:  # until the subscription stands nothing comes
        meter.publish(f"lantian/{mn_of(1)}", json.dumps({"readings": [reading]}), qos=1).wait_for_publish(5)
        return listener.counts["kept"] > 0

    until(sent)
    meter.publish(f"lantian/{mn_of(2)}", json.dumps({"readings": [reading]}), qos=1).wait_for_publish(5)
    meter.publish(f"lantian/{mn_of(1)}", "no json", qos=1).wait_for_publish(5)
    until(lambda: listener.counts["refused"] == 2)
    meter.loop_stop()
    meter.disconnect()
    listener.stop()
    assert inbox_of(tmp_path, "mqtt").backlog()[1] >= 1
    done = deliver_all(tmp_path)
    assert done.rows == 1
