"""The gateway under load on this machine's own processors: durable, acknowledged packets a second, and how long an answer takes.

The load comes from processes beside the gateway (each link sends a packet and waits for its answer). In the same run
another process takes every packet out of the inbox, decodes it to values and counts: as many as were acknowledged.
LANTIAN_BENCH_SECONDS: how long each case runs (default 8).
"""

from __future__ import annotations

import multiprocessing
import os
import selectors
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

from lantian.gateway.core.control import Control
from lantian.gateway.core.device import seal_password
from lantian.gateway.core.inbox import Inbox, folder_of
from lantian.gateway.tests.lab import PASSWORD, device, gateway, packet
from lantian.gateway.wire import fast
from lantian.gateway.wire.framing import Frame

SECONDS = float(os.environ.get("LANTIAN_BENCH_SECONDS", "8"))
WARM = 2.0
LOADERS = 2
LEAST_PACKETS, MOST_P99 = 20_000, 0.050
ITEMS = ";".join(f"a{21000 + i:05d}-Rtd={i * 1.37:.3f},a{21000 + i:05d}-Flag=N" for i in range(13))


def load(port: int, first: int, number: int, begin: float, end: float, results: Any) -> None:
    """Child: links that each send a packet and wait for its answer; every packet has a time of its own."""
    chooser = selectors.DefaultSelector()
    links = []
    for mn in range(first, first + number):
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setblocking(False)
        links.append([link, packet(mn, items=ITEMS), 0.0])
        chooser.register(link, selectors.EVENT_READ, links[-1])
    times: list[float] = []
    sent = answered = 0
    for one in links:
        one[2] = time.perf_counter()
        sent += 1
        one[0].send(one[1])
    going = True
    while answered < sent:
        for key, _ in chooser.select(1.0):
            one = key.data
            one[0].recv(4096)
            now = time.perf_counter()
            answered += 1
            if begin <= time.time() < end:
                times.append(now - one[2])
            going = time.time() < end
            if going:
                one[2] = now
                sent += 1
                one[0].send(one[1])
    results.put((answered, times, len(links[0][1])))


def decode(data: str, ready: Any, stop: Any, results: Any) -> None:
    """Child: take packets out of the inbox, decode them to values, count."""
    inbox = Inbox(folder_of(Path(data), "one"))
    fast.prepare()
    while not fast.ready():
        time.sleep(0.05)
    ready.set()
    packets = values = bad = last = 0
    while True:
        groups = inbox.after(last, 20_000)
        if not groups:
            if stop.is_set():
                break
            time.sleep(0.1)
            continue
        batch = fast.decode_many([Frame(raw, b"", "", 0, ()) for group in groups for raw in group.packets()])
        packets += int(batch.ok.sum())
        bad += int((~batch.ok).sum())
        values += int(((batch.factor != 0) & (batch.value == batch.value)).sum())
        last = groups[-1].seq
        inbox.remove(last)
    results.put((packets, values, bad))


def case(links: int) -> tuple[float, float, float, bool]:
    """Return (packets a second, p50, p99 in seconds, whether as many were decoded as acknowledged)."""
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        password = seal_password(PASSWORD)
        with Control(data) as control:
            control.publish([device(number, password=password) for number in range(1, links + 1)])
        results, counted, stop = context.Queue(), context.Queue(), context.Event()
        with gateway(data) as one:
            ready = context.Event()
            decoder = context.Process(target=decode, args=(folder, ready, stop, counted))
            decoder.start()
            ready.wait(120)
            begin = time.time() + WARM
            share = links // LOADERS
            loaders = [
                context.Process(target=load, args=(one.port, 1 + n * share, share, begin, begin + SECONDS, results))
                for n in range(LOADERS)
            ]
            for loader in loaders:
                loader.start()
            found = [results.get() for _ in loaders]
            stop.set()
            packets, values, bad = counted.get()
            for process in (*loaders, decoder):
                process.join()
    times = sorted(moment for _, moments, _ in found for moment in moments)
    answered = sum(number for number, _, _ in found)
    rate = len(times) / SECONDS
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(
        f"{links} links, {found[0][2]} bytes: {rate:,.0f} packets/s, answer p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms;"
        f" acknowledged {answered:,}, decoded {packets:,} ({values:,} values), bad {bad}"
    )
    return rate, p50, p99, packets == answered and not bad


def run() -> bool:
    """Measure 200 and 2,000 links; limits: 20,000 packets a second, p99 below 50 ms at 200 links, all decoded."""
    print(f"load averages before: {', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} processors")
    rate, _, p99, whole = case(200)
    many, _, _, all_of_them = case(2000)
    print(
        f"200 links: {rate / LEAST_PACKETS:.2f} of the packets wanted, p99 {p99 / MOST_P99:.2f} of what is allowed; 2,000: {many:,.0f}/s"
    )
    return rate >= LEAST_PACKETS and p99 < MOST_P99 and whole and all_of_them
