"""Requests to devices: taken, refused, answered late, sent again, kept for a device that is away."""

from __future__ import annotations

import pytest

from lantian.gateway.core.codec import judge
from lantian.gateway.core.control import Control
from lantian.gateway.tests.lab import device, exchange, gateway, mn_of, packet, publish, read_answers, until
from lantian.gateway.wire.answers import execution_result, request_answer
from lantian.gateway.wire.encode import encode


@pytest.fixture
def data(tmp_path):
    publish(tmp_path, device(1))
    (tmp_path / "gateway" / "limits.toml").write_text(
        "[requests]\ntimeout_seconds = 1\nresends = 1\nexecution_seconds = 2\n"
    )
    return tmp_path


def order(data, cn, **parameters):
    with Control(data, durable=True) as control:
        return control.order(mn_of(1), cn, parameters, actor="li")


def state(data, number):
    with Control(data) as control:
        return next(one for one in control.commands_of(mn_of(1)) if one.id == number)


def over(data, number, wanted):
    return until(lambda: (one := state(data, number)).state == wanted and one)


def asked(link):
    (raw,) = read_answers(link, 1)
    return judge(raw, "standard").packet


def test_taken_and_done(data):
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1))
        number = order(data, "1062", RtdInterval="60")
        request = asked(link)
        assert (request.cn, request.cp["RtdInterval"], request.pw) == ("1062", "60", "123456")
        link.sendall(encode(request_answer(request, 1)))
        over(data, number, "accepted")
        link.sendall(encode(execution_result(request, 1)))
        assert over(data, number, "done").result["ExeRtn"] == "1"


def test_refused(data):
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1))
        number = order(data, "3012", PolId="a21026")
        link.sendall(encode(request_answer(asked(link), 2)))
        assert over(data, number, "refused").result == {"QnRtn": "2"}


def test_data_that_a_request_fetches(data):
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1))
        number = order(data, "2051", BeginTime="20261101080000", EndTime="20261101080159")
        request = asked(link)
        link.sendall(encode(request_answer(request, 1)))
        assert len(exchange(link, packet(1, cn="2051"), packet(1, cn="2051", serial=60))) == 2
        link.sendall(encode(execution_result(request, 1)))
        assert over(data, number, "done").result["packets"] == 2


def test_sent_again_then_given_up(data):
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1))
        number = order(data, "1063")
        assert asked(link).qn == asked(link).qn
        done = over(data, number, "timeout")
        assert (done.tries, done.result) == (2, {"waited": "answer"})


def test_what_is_wrong_with_a_request_is_said(data):
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1))
        assert "RtdInterval" in over(data, order(data, "1062", RtdInterval="1"), "failed").result["error"]


def test_a_request_waits_for_its_device_and_outlives_its_gateway(data):
    number = order(data, "1063")
    with gateway(data) as one, one.connect() as link:
        assert state(data, number).state == "queued"
        exchange(link, packet(1))
        asked(link)
        over(data, number, "sent")
        one.kill()
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1, serial=1))
        request = asked(link)
        link.sendall(encode(request_answer(request, 1)) + encode(execution_result(request, 1)))
        over(data, number, "done")


def test_a_clock_that_is_off_is_set(data):
    publish(data, device(1, clock=True))
    with gateway(data) as one, one.connect() as link:
        exchange(link, packet(1))  # numbered in the past
        request = asked(link)
        assert request.cn == "1012"
        assert len(request.cp["SystemTime"]) == 14
        with Control(data) as control:
            (command,) = control.commands_of(mn_of(1))
            assert command.actor == "gateway"
            assert command.purpose.startswith("drift -")
            (seen,) = control.select("select drift from seen")
            assert seen["drift"] < -60_000
