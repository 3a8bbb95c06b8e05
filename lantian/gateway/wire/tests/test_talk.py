"""Answers in both forms, requests of each edition, long messages in parts, factor codes."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from lantian.gateway.wire import answers, commands, encode, factors, requests
from lantian.gateway.wire.assembly import Assembler
from lantian.gateway.wire.decode import decode_all
from lantian.gateway.wire.dialect import STANDARD, dialect
from lantian.gateway.wire.packet import Entry
from lantian.gateway.wire.tests.samples import KEY, framed, samples, segment

MN, OLD_MN = "010000A8900016F000169DC0", "88888880000001"


def packet(text, under=STANDARD):
    [decoded] = decode_all(framed(text), under)
    return decoded.packet


def said(answer):
    return encode.segment(answer).decode() if answer else None


def request(command, edition="2017", **parameters):
    mn = OLD_MN if edition == "2005" else MN
    return requests.request(
        command, edition=edition, st="32", mn=mn, pw="123456", qn="20160801085857223", parameters=parameters
    )


def test_answers_of_2017_repeat_the_qn_in_the_header():
    answer = answers.answer_packet(packet(segment(CN="2051")))
    assert said(answer) == f"QN=20240101000000001;ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"
    notice = answers.answer_packet(packet(segment("PolId=w01018", CN="1013")))
    assert said(notice) == f"QN=20240101000000001;ST=91;CN=9013;PW=123456;MN={MN};Flag=4;CP=&&&&"
    assert said(answers.answer_packet(packet(segment(Flag="9")))).endswith("Flag=8;CP=&&&&")


def test_answers_of_2005_name_the_qn_inside_cp():
    old = {"QN": "20040516010101001", "MN": OLD_MN, "Flag": "1"}
    assert (
        said(answers.answer_packet(packet(segment(CN="2051", **old))))
        == "ST=91;CN=9014;CP=&&QN=20040516010101001;CN=2051&&"
    )
    parted = packet(segment(CN="2051", **old | {"Flag": "3;PNUM=2;PNO=1"}))
    assert said(answers.answer_packet(parted)) == "ST=91;CN=9014;CP=&&QN=20040516010101001;CN=2051;PNO=1;PNUM=2&&"
    notice = answers.answer_packet(packet(segment("AlarmTime=20040506010101", CN="2072", **old)))
    assert said(notice) == f"ST=91;CN=9013;PW=123456;MN={OLD_MN};CP=&&QN=20040516010101001&&"


def test_nothing_is_answered_that_does_not_ask():
    assert answers.answer_to(packet(segment(Flag="4"))) is None
    assert answers.answer_to(packet(segment(Flag=None, MN=OLD_MN))) is None
    for cn in answers.REPLIES:
        assert answers.answer_to(packet(segment("QnRtn=1", CN=cn))) is None


def test_answers_are_decoded_by_ourselves_and_equal_the_printed_ones():
    """Every 9011, 9013, 9014 that the standards print is what we would have sent, byte by byte (CRC among it)."""
    printed = [sample.raw for sample in samples() if sample.kind == "derived" and b"ST=91" in sample.raw]
    of_2017 = request("1062", RtdInterval=30)
    of_2005 = packet(segment(QN="20040516010101001", ST="32", CN="2051", MN=OLD_MN, Flag="1"))
    ours = [
        encode.encode(answers.request_answer(of_2017, 1)),
        answers.answer_to(packet(segment(QN="20160801085857223", ST="32", CN="1013"))),
        answers.answer_to(packet(segment(QN="20160801085857223", ST="32", CN="2051"))),
        encode.encode(answers.execution_result(of_2005, 1)),
        answers.answer_to(
            packet(segment("AlarmTime=1", QN="20040516010101001", ST="32", CN="2072", MN=OLD_MN, Flag="1"))
        ),
        answers.answer_to(of_2005),
    ]
    assert sorted(ours) == sorted(printed)


def test_answers_of_devices_are_read_in_both_forms():
    new, old = request("fetch_hours", BeginTime="20240101000000", EndTime="20240101000000"), request("get_time", "2005")
    for asked in (new, old):
        [ready] = decode_all(encode.encode(answers.request_answer(asked, 1)))
        [done] = decode_all(encode.encode(answers.execution_result(asked, 100)))
        assert answers.read_answer(ready.packet) == answers.Answer("9011", asked.qn, "1")
        assert answers.read_answer(done.packet) == answers.Answer("9012", asked.qn, "100")
        assert answers.read_answer(done.packet).words("en") == "no data"
    assert answers.read_answer(new) is None
    data = answers.read_answer(packet("ST=91;CN=9014;CP=&&QN=20040516010101001;CN=2051;PNO=1;PNUM=2&&"))
    assert (data.qn, data.to_cn, data.pno, data.pnum) == ("20040516010101001", "2051", "1", "2")


def test_a_device_with_another_crc_is_answered_with_it():
    under = dialect("modbus-crc")
    sent = answers.answer_to(packet(segment()), under)
    [strict], [fitting] = decode_all(sent), decode_all(sent, under)
    assert (strict.error, fitting.ok) == ("modbus_crc", True)
    longer = dialect("standard").__class__("x", sends=frozenset({"length_plus_6", "lower_case_crc"}))
    assert set(decode_all(answers.answer_to(packet(segment()), longer))[0].needs) <= {"length_plus_6", "lower_case_crc"}


def test_requests_equal_the_printed_ones():
    """What the standards print of set-up, history and control is what we build, byte by byte."""
    ours = {
        encode.encode(one)
        for one in (
            request("set_time", PolId="w01018", SystemTime=datetime(2016, 8, 1, 8, 58, 57)),
            request("set_realtime_interval", RtdInterval=30),
            request("set_minute_interval", MinInterval=10),
            request("set_password", NewPW="654321"),
            request("start_realtime"),
            request("stop_realtime"),
            request("stop_state"),
            request("fetch_minutes", BeginTime="20160801084000", EndTime="20160801084000"),
            request("fetch_hours", BeginTime="20160801080000", EndTime="20160801080000"),
            request("calibrate", PolId="w01018"),
            request("comparison_sample", PolId="w01018"),
            request("keep_sample"),
            request("get_sampling_period", PolId="w01018"),
            request("get_serial_number", PolId="w01018"),
        )
    }
    printed = {sample.raw for sample in samples() if sample.source.startswith("HJ 212-2017")}
    assert ours <= printed
    old = {
        encode.encode(one)
        for one in (
            _of_2004("1072", PW="654321"),
            _of_2004("1011"),
            _of_2004("1021", PolId=["101", "102"]),
            _of_2004("1041"),
            _of_2004("1061"),
            _of_2004("1000", OverTime=5, ReCount=3),
            _of_2004("2071", BeginTime="20040506010001", EndTime="20040506150030"),
        )
    }
    assert old <= {sample.raw for sample in samples() if sample.source.startswith("HJ/T 212-2005")}


def _of_2004(command, **parameters):
    return requests.request(
        command, edition="2005", st="32", mn=OLD_MN, pw="123456", qn="20040516010101001", parameters=parameters
    )


@pytest.mark.parametrize(
    ("command", "edition", "parameters", "words"),
    [
        ("set_time", "2017", {}, "needs SystemTime"),
        ("set_time", "2017", {"SystemTime": "20240230000000"}, "SystemTime=20240230000000"),
        ("set_minute_interval", "2017", {"MinInterval": 7}, "one of"),
        ("set_minute_interval", "2005", {"MinInterval": 10}, "no request of edition 2005"),
        ("set_realtime_interval", "2017", {"RtdInterval": 5}, "30 to 3600"),
        ("set_password", "2017", {"PW": "654321"}, "needs NewPW"),
        ("set_password", "2017", {"NewPW": "65;321"}, "not allowed"),
        ("fetch_hours", "2017", {"BeginTime": "20240102000000", "EndTime": "20240101000000"}, "after"),
        ("set_key", "2017", {}, "no request of edition 2017"),
        ("set_key", "2025", {"SKCreateTime": "20260101000000", "NewSK": b"1"}, "NewSK"),
        ("sample", "2017", {"PolId": "w01018", "X": "1"}, "has no X"),
        ("set_parameter", "2017", {"PolId": "w01018", "i13004-Info": "1;2"}, "not allowed"),
        ("9014", "2017", {}, "no request"),
    ],
)
def test_requests_that_no_device_would_understand_are_not_built(command, edition, parameters, words):
    with pytest.raises(ValueError, match=words):
        request(command, edition, **parameters)


def test_every_request_of_every_edition_comes_back_from_the_decoder():
    values = {
        "OverTime": 10, "ReCount": 3, "WarnTime": 60, "SystemTime": "20240101000000", "BeginTime": "20240101000000",
        "EndTime": "20240102000000", "PolId": "w01018", "InfoId": "i11001", "RtdInterval": 60, "MinInterval": 10, "PW": "654321",
        "NewPW": "654321", "CstartTime": "000000", "CTime": 2, "AlarmTarget": "13800000000", "ReportTime": "0100",
        "SKCreateTime": "20260101000000", "NewSK": KEY,
    }  # fmt: skip
    for cn, row in commands.commands().items():
        for edition in row.editions if row.kind == "request" else ():
            made = request(cn, edition, **{name: values[name] for name in row.order(edition)})
            [back] = decode_all(encode.encode(made))
            assert back.ok, back
            expected = "surface-water" if edition == "surface-water" else edition
            assert back.packet.entries == made.entries
            assert back.packet.edition in (expected, "2025"), (cn, edition)
            assert back.packet.wants_answer
    assert set(requests.NAMES.values()) <= set(commands.commands())


def test_the_new_key_travels_encrypted():
    made = request("set_key", "2025", SKCreateTime="20260101000000", NewSK=b"n" * 16)
    sent = encode.encode(made, key=KEY)
    assert (b"n" * 16).hex().upper().encode() not in sent
    [back] = decode_all(sent, keys=[KEY])
    assert back.packet.cp["NewSK"] == (b"n" * 16).hex().upper()
    assert encode.encode(request("get_time", "2025"), key=KEY) == encode.encode(request("get_time", "2025"))


def long_packet(count=60):
    entries = [("", "DataTime", "20240101000000")]
    entries += [(f"a{number:05d}", suffix, "1.5") for number in range(count) for suffix in ("Min", "Avg", "Max")]
    return encode.packet(
        edition="2017", cn="2061", st="31", mn=MN, pw="123456", qn="20231231235959999", entries=entries, answer=True
    )


def test_long_messages_are_sent_in_parts_and_put_together():
    whole = long_packet()
    with pytest.raises(ValueError, match="in parts"):
        encode.encode(whole)
    parts = encode.parts(whole)
    sent = [decode_all(encode.encode(part))[0].packet for part in parts]
    assert [part.part for part in sent] == [(len(parts), number) for number in range(1, len(parts) + 1)]
    assert [part.qn for part in sent[:2]] == ["20231231235959999", "20240101000000000"]
    assert all(part.flag == 7 and part.data_time == datetime(2024, 1, 1) for part in sent)
    random.Random(2).shuffle(sent)
    assembler = Assembler()
    *pending, done = [assembler.add(part, 0.0) for part in sent]
    assert pending == [None] * len(pending)
    assert done.entries == whole.entries
    assert (done.flag, done.part) == (5, None)
    assert assembler.add(sent[0], 1.0) is None  # the answer was lost: it comes again
    assert assembler.expire(1.0) == []


def test_parts_that_never_come():
    parts = encode.parts(long_packet())
    assembler = Assembler(seconds=60, most=2)
    assert assembler.add(parts[1], 0.0) is None
    assert assembler.add(parts[1], 5.0) is None  # a part twice replaces itself
    assert assembler.expire(60.0) == []
    [late] = assembler.expire(61.0)
    assert late.missing == [1, *range(3, len(parts) + 1)]
    for minute in range(5):
        stamped = [Entry("", "DataTime", f"2024010100{minute:02d}00"), Entry("a", "Rtd", "1")]
        made = encode.packet(edition="2017", cn="2051", st="31", mn=MN, qn="20240101000000000", entries=stamped)
        made.header.update(Flag="6", PNUM="2", PNO="1")
        assembler.add(made, 100.0 + minute)
    assert len(assembler.expire(105.0)) == 3
    assert assembler.add(whole := packet(segment()), 0.0) is whole
    with pytest.raises(ValueError, match="there is room for"):
        encode.parts(encode.packet(edition="2017", cn="3020", st="31", mn=MN, entries=[("i", "Info", "x" * 1100)]))


def test_codes_of_2005_have_the_names_of_2017():
    assert len(factors.factors()) == 379
    assert len(factors.old_factors()) == 93
    pairs = {
        "02": "a21026",
        "03": "a21002",
        "01": "a34013",
        "S01": "a19001",
        "S02": "a01011",
        "B02": "a00000",
        "011": "w01018",
    }
    assert {old: factors.canonical(old, "2005").code for old in pairs} == pairs
    for code in ("a21026", "LA", "Leq", "zz9", "Nh3-scr", "f21011"):
        assert factors.canonical(code, "2005").code == code
    assert not factors.canonical("zz9").known


def test_units_are_never_implied():
    """A code does not say a unit: where the tables print others the answer says so, and no number is touched."""
    differ = {old for old in factors.old_factors() if factors.canonical(old, "2005").units_differ}
    assert {"S02", "S04", "S08", "020", "022", "024", "026", "027", "034", "035"} <= differ
    assert not differ & {"01", "02", "03", "S01", "S03", "S05", "011", "060"}
    assert factors.canonical("S02", "2005")[3:5] == ("m3/h", "米/秒")


def test_day_and_night_were_swapped():
    assert factors.canonical("Ld", "2005") == factors.Canonical("Ln", True, False, "dB", "分贝", True)
    assert factors.canonical("Ln", "2005").code == "Ld"
    assert factors.canonical("Ld", "2017").code == "Ld"
    assert factors.old_factors()["Ld"].zh.startswith("夜")
    assert factors.by_code()["Ld"].zh.startswith("昼")
