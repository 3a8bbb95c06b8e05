"""The gateway over real sockets: what is answered is on disk, what is not taken is not answered."""

from __future__ import annotations

import socket
import time

import pytest

from lantian.gateway.core.control import Control
from lantian.gateway.tests.lab import (
    device,
    exchange,
    gateway,
    inbox_of,
    kept,
    mn_of,
    packet,
    publish,
    read_answers,
    until,
)


@pytest.fixture
def data(tmp_path):
    publish(tmp_path, device(1), device(2, networks=("10.0.0.0/8",)), device(3, status="blocked"))
    return tmp_path


def test_a_packet_is_on_disk_when_its_answer_comes(data):
    with gateway(data) as one, one.connect() as link:
        sent = packet(1)
        (answer,) = exchange(link, sent)
        one.kill()
        qn = sent[9:26]
        assert qn in answer
        assert b"ST=91;CN=9014;" in answer
        assert kept(data) == [sent]


def test_both_forms_of_answers(data):
    segment = (
        f"QN=20261101080000001;ST=31;CN=2011;PW=123456;MN={mn_of(1)};Flag=1;CP=&&DataTime=20261101080000;B02-Rtd=1&&"
    )
    from lantian.gateway.core.heads import framed

    with gateway(data) as one, one.connect() as link:
        modern, old = exchange(link, packet(1), framed(segment.encode()))
    assert b"QN=20261101080000000;ST=91;CN=9014" in modern
    assert b"CP=&&QN=20261101080000001;CN=2011" in old


def test_packets_in_any_pieces_and_many_at_once(data):
    packets = [packet(1, serial=number) for number in range(50)]
    stream = b"".join(packets)
    with gateway(data) as one, one.connect() as link:
        for at in range(0, len(stream), 37):
            link.sendall(stream[at : at + 37])
        assert len(read_answers(link, 50)) == 50
        assert len(exchange(link, *[packet(1, serial=100 + number) for number in range(500)])) == 500
    assert kept(data)[:50] == packets


@pytest.mark.parametrize("dialect", ["line-ends", "length-plus-6"])
def test_a_device_that_ends_its_packet_in_its_own_way_is_answered_at_once(tmp_path, dialect):
    """It waits for its answer before it sends anything more: the gateway must not wait for that."""
    publish(tmp_path, device(1, dialect=dialect))
    right = packet(1)
    sent = right[:-2] + b"\n" if dialect == "line-ends" else b"##%04d" % (int(right[2:6]) + 6) + right[6:]
    with gateway(tmp_path) as one, one.connect() as link:
        (answer,) = exchange(link, sent)
    assert right[9:26] in answer


def test_no_answer_is_sent_where_none_is_wanted(data):
    with gateway(data) as one, one.connect() as link:
        link.sendall(packet(1, flag=4))
        assert len(exchange(link, packet(1, serial=1))) == 1
    assert len(kept(data)) == 2


@pytest.mark.parametrize(
    ("sent", "code"),
    [(packet(1, pw="654321"), b"QnRtn=3"), (packet(2), b"QnRtn=2"), (packet(3), b"QnRtn=2")],
    ids=["password", "network", "blocked"],
)
def test_what_is_refused_is_told_and_not_kept(data, sent, code):
    with gateway(data) as one, one.connect() as link:
        (answer,) = exchange(link, sent)
        assert code in answer
        assert b"CN=9011" in answer
        state = one.wait_for(lambda state: state["errors"])
        assert sum(state["errors"].values()) == 1
    assert kept(data) == []


def test_bad_input_is_counted_and_a_good_packet_follows(data):
    broken = packet(1)[:-6] + b"7FC1\r\n"
    with gateway(data) as one, one.connect() as link:
        link.sendall(b"GET / HTTP/1.1\r\n\r\n" + b"\x00\xff noise\n" + broken + b"##0100QN=2026\r\n")
        assert len(exchange(link, packet(1, serial=1))) == 1
        state = one.wait_for(lambda state: state["errors"].get("crc"))
        assert state["errors"]["noise_http"] == 1
        with Control(data) as control:
            assert {one["code"] for one in control.select("select code from faults")} >= {"crc", "noise_http"}
    assert kept(data) == [packet(1, serial=1)]


def test_a_stranger_waits_for_a_person(data):
    sent = [packet(9, serial=number) for number in range(3)]
    with gateway(data) as one, one.connect() as link:
        assert len(exchange(link, *sent)) == 3  # kept on disk, so it may be told
        assert kept(data) == []
        inbox = inbox_of(data)
        assert [(w.mn, w.packets) for w in inbox.strangers()] == [(mn_of(9), 3)]
        publish(data, device(9))
        until(lambda: kept(data))
        assert kept(data) == sent
        assert inbox.strangers() == []
        assert len(exchange(link, packet(9, serial=7))) == 1
    assert len(kept(data)) == 4


def test_quarantine_has_an_end(data):
    (data / "gateway" / "limits.toml").write_text("[quarantine]\npackets_per_device = 5\n")
    with gateway(data) as one, one.connect() as link:
        answers = exchange(link, *[packet(9, serial=number) for number in range(8)])
        assert sum(b"QnRtn=4" in answer for answer in answers) == 3
        assert inbox_of(data).strangers()[0].packets == 5


def test_a_device_that_is_blocked_loses_its_link(data):
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1))
        publish(data, device(1, status="blocked"))
        assert link.recv(100) == b""
        assert one.wait_for(lambda state: state["closed"].get("not_admitted"))


def test_idle_links_and_links_that_never_speak_are_closed(data):
    (data / "gateway" / "limits.toml").write_text("[server]\nhello_seconds = 1\nidle_seconds = 1\n")
    with gateway(data) as one, one.connect() as silent, one.connect() as idle:
        exchange(idle, packet(1))
        assert silent.recv(10) == b""
        assert idle.recv(10) == b""
        state = one.wait_for(lambda state: len(state["closed"]) == 2)
        assert state["closed"] == {"silent": 1, "idle": 1}


def test_who_does_not_read_its_answers_is_not_read_and_then_closed(data):
    (data / "gateway" / "limits.toml").write_text("[server]\nslow_seconds = 1\nanswer_bytes = 20000\n")
    with gateway(data) as one, one.connect() as link, one.connect() as other:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.settimeout(15)
        stream = b"".join(packet(1, serial=number) for number in range(1000))
        with pytest.raises((ConnectionError, TimeoutError)):
            link.sendall(stream * 200)
        begin = time.monotonic()
        assert len(exchange(other, packet(1, serial=5))) == 1
        assert time.monotonic() - begin < 1
        assert one.wait_for(lambda state: state["closed"].get("slow"))


def test_stop_answers_what_was_read(data):
    with gateway(data) as one, one.connect() as link:
        link.sendall(packet(1))
        read_answers(link, 1)
        assert one.stop() == 0
        assert link.recv(10) == b""
    assert len(kept(data)) == 1
    with Control(data) as control:
        assert control.gateways()[0]["running"] is False
        assert control.select("select * from links") == []


def test_a_device_without_line_ends_is_understood_by_its_dialect(data):
    publish(data, device(4, dialect="standard+no_line_end"))
    with gateway(data) as one, one.connect() as link:
        link.sendall(packet(4)[:-2])
        assert len(read_answers(link, 1)) == 1
