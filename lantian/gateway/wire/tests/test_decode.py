"""Fields, items, editions, times, text and encryption of single packets."""

from __future__ import annotations

from datetime import datetime

import pytest

from lantian.gateway.wire import sm4
from lantian.gateway.wire.decode import decode_all
from lantian.gateway.wire.dialect import STANDARD, dialect, dialects
from lantian.gateway.wire.encode import encode
from lantian.gateway.wire.packet import escaped, unescaped
from lantian.gateway.wire.tests.samples import KEY, framed, segment
from lantian.gateway.wire.values import number
from lantian.gateway.wire.words import deviations, say

EVERYTHING = dialect("everything")


def one(raw, under=STANDARD, keys=()):
    [decoded] = decode_all(raw, under, keys)
    return decoded


def packet(text, under=STANDARD):
    decoded = one(framed(text), under)
    assert decoded.ok, decoded.error
    return decoded.packet


def test_what_a_packet_says():
    found = packet(segment())
    assert (found.edition, found.qn, found.st, found.cn, found.pw) == (
        "2017",
        "20240101000000001",
        "31",
        "2011",
        "123456",
    )
    assert (found.mn, found.flag, found.wants_answer, found.part) == ("010000A8900016F000169DC0", 5, True, None)
    assert found.items == {"a21026": {"Rtd": "12.5", "ZsRtd": "14.1", "Flag": "N"}}
    assert found.cp == {"DataTime": "20240101000000"}
    assert found.data_time == datetime(2024, 1, 1)
    assert found.notes == ()


def test_fields_are_found_in_any_order():
    mixed = "ST=32;CN=2051;QN=20190424002721168;PNO=1;PNUM=2;Flag=6;MN=010000A8900016F000169DC0;PW=123456;CP=&&&&"
    found = packet(mixed)
    assert (found.qn, found.part, found.entries) == ("20190424002721168", (2, 1), ())


# segment -> (what the strict dialect says, what a lenient one notes)
GRAMMAR = {
    "comma after QN": (segment().replace("001;ST", "001,ST"), "comma_after_qn"),
    "comma before MN": (segment().replace(";MN=", ";,MN="), "stray_comma"),
    "no semicolon before CP": (segment().replace("5;CP", "5CP"), "no_semicolon_before_cp"),
    "blank after &&": (segment(" DataTime=20240101000000"), "blanks"),
    "blank before &&": (segment("DataTime=20240101000000 "), "blanks"),
    "blank before =": (segment("i12003-Info =0"), "blanks"),
    "blank after Flag": (segment(Flag="5 "), "blanks"),
    "Flag after CP": (segment(Flag=None) + ";Flag=5", "flag_after_cp"),
    "two semicolons": (segment("a-Rtd=1;;b-Rtd=2"), "empty_items"),
    "an empty field": (segment(QN="20240101000000001;"), "empty_items"),
}


@pytest.mark.parametrize("name", GRAMMAR)
def test_slips_are_accepted_where_a_dialect_says_so(name):
    text, code = GRAMMAR[name]
    strict = one(framed(text))
    assert (strict.ok, strict.error, strict.needs) == (False, code, (code,))
    assert code in packet(text, EVERYTHING).notes
    takers = [each for each in dialects().values() if code in each.accepts and each.devices]
    assert takers
    for each in takers:
        assert one(framed(text), each).ok


REFUSED = {
    "no CP": ("QN=20240101000000001;ST=31;CN=2011;MN=1&&", "no_cp"),
    "CP not closed": (segment()[:-2] + "&", "cp_end"),
    "&& inside": (segment("a-Rtd=1&&b-Rtd=2"), "cp_end"),
    "no CN": (segment(CN=None), "no_cn"),
    "MN twice": (segment(MN="1;MN=2"), "field_twice"),
    "a field without =": (segment(MN="1;X"), "header_syntax"),
    "two =": (segment(MN="1=2"), "header_syntax"),
    "an item without =": (segment("a-Rtd=1;b"), "cp_syntax"),
    "an item with two =": (segment("a-Rtd=1=2"), "cp_syntax"),
    "an item without name": (segment("=1"), "cp_syntax"),
    "an item without factor": (segment("-Rtd=1"), "cp_syntax"),
    "an item without suffix": (segment("a-=1"), "cp_syntax"),
    "a blank in a name": (segment("a b-Rtd=1"), "cp_syntax"),
    "Chinese in a name": (segment("温度-Rtd=1"), "bad_char"),
    "a control character": (segment("a-Rtd=1\x002"), "bad_char"),
    "Chinese in the header": (segment(MN="设备"), "bad_char"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_clear_meaning_is_refused_by_every_dialect(name):
    text, code = REFUSED[name]
    for each in dialects().values():
        assert (one(framed(text), each).error, one(framed(text), each).needs) == (code, None)


NOTED = {
    "qn_form": {"QN": "2024"},
    "st_form": {"ST": "101"},
    "st_unknown": {"ST": "77"},
    "no_st": {"ST": None},
    "cn_unknown": {"CN": "3380"},
    "pw_form": {"PW": "BF470F88957588DE902D1A52"},
    "mn_form": {"MN": "88888880000001"},
    "no_mn": {"MN": ""},
    "flag_form": {"Flag": "x"},
    "version_unknown": {"Flag": "13"},
    "edition_unsure": {"Flag": "9", "MN": "A1"},
    "flag_without_part": {"Flag": "7"},
    "part_without_flag": {"Flag": "5;PNUM=2;PNO=1"},
    "part_form": {"Flag": "7;PNUM=2;PNO=3"},
    "field_unknown:MD": {"MN": "010000A8900016F000169DC0;MD=1"},
    "field_inside_cp:Flag": {"cp": "a-Rtd=1;Flag=N"},
    "duplicate:a-Rtd": {"cp": "a-Rtd=1,a-Rtd=2"},
    "suffix_doubled:LA-Rtd-Rtd": {"cp": "LA-Rtd-Rtd=1"},
    "mark_unknown:U": {"cp": "a-Rtd=1,a-Flag=U"},
    "time_form": {"cp": "DataTime=20240230000000"},
    "times_differ": {"cp": "DataTime=20240101000000;DataTime=20240102000000"},
    "not_utf8": {"cp": "a-Info=\udcff"},
}


@pytest.mark.parametrize("code", NOTED)
def test_odd_contents_are_kept_and_noted(code):
    text = segment(**NOTED[code]).encode("utf-8", "surrogateescape")
    decoded = one(framed(text))
    assert decoded.ok
    assert code in decoded.packet.notes
    assert code.partition(":")[0] in deviations()
    assert say(code, "en") != code != say(code, "zh")


def test_of_an_item_that_stands_twice_the_first_counts_and_both_are_kept():
    found = packet(segment("w00000-Avg=66.09;w00000-Avg=19796346.00"))
    assert found.items["w00000"]["Avg"] == "66.09"
    assert found.all("w00000-Avg") == ["66.09", "19796346.00"]


def test_the_suffix_stands_behind_the_last_dash():
    found = packet(segment("Nh3-scr-Rtd=4.1,100000-Pa_ave=0.4,SB1-RS=1"))
    assert found.items == {"Nh3-scr": {"Rtd": "4.1"}, "100000": {"Pa_ave": "0.4"}, "SB1": {"RS": "1"}}


def test_what_the_standard_prints_is_taken_without_a_word():
    for cp in (
        "a-Rtd=1,a-Flag=N;",
        "BeginTime=20240101000000,EndTime=20240102000000",
        "PolId=101;PolId=102",
        "a-Flag=N,a-Rtd=1",
    ):
        assert packet(segment(cp)).notes == ()


def test_a_time_is_not_guessed():
    for text in ("20160824003817000", "2024112320423050", "202411232042305"):
        assert packet(segment(f"DataTime={text}")).data_time is None
        found = packet(segment(f"DataTime={text}"), dialect("time-fraction"))
        assert (found.data_time.strftime("%Y%m%d%H%M%S"), found.notes) == (text[:14], ("time_fraction",))
    for text in ("", "2024", "20171128105111-20171128105139", "20240101250000", "２０２４0101000000"):
        found = packet(segment(f"DataTime={text}"), EVERYTHING)
        assert found.data_time is None
        assert "time_form" in found.notes


def test_editions():
    assert packet(segment(Flag=None, MN="88888880000001")).edition == "2005"
    assert packet(segment(Flag="3", MN="88888880000001")).notes == ()
    assert packet(segment(Flag="9")).edition == "2025"
    assert packet(segment(Flag="9", ST="21", MN="A110000_0001", CN="9015")).edition == "surface-water"
    assert packet(segment(Flag="8", ST="91", MN="A110000_0001", CN="9014")).edition == "surface-water"
    assert packet(segment(Flag="9", MN="A1"), dialect("surface-water")).edition == "surface-water"
    assert packet(segment(Flag="9"), dialect("surface-water")).edition == "2025"  # no such station has this MN
    resent = packet(segment(Flag="9;RF=1", MN="A1"))
    assert (resent.edition, resent.resent) == ("2025", True)


def test_capitals_are_read_where_a_dialect_says_so():
    text = segment(Flag=None, MN="010000A8900016F000169DC0;FLAG=5")
    assert (packet(text).edition, packet(text).notes) == ("2005", ("field_unknown:FLAG", "mn_form"))
    found = packet(text, dialect("loose-header"))
    assert (found.edition, found.flag, found.notes) == ("2017", 5, ("key_case:FLAG",))


def test_names_of_items_in_other_letters():
    text = segment("DATATIME=20240101000000;a01001-RTD=1,a01001-FLAG=N")
    assert packet(text).items == {"a01001": {"RTD": "1", "FLAG": "N"}}
    assert packet(text).notes == ("item_case:DATATIME", "item_case:RTD", "item_case:FLAG")
    found = packet(text, dialect("loose-header"))
    assert (found.items, found.data_time) == ({"a01001": {"Rtd": "1", "Flag": "N"}}, datetime(2024, 1, 1))


def test_text():
    log = segment("PolId=w01018;i11001-Info=//清洗,管路;k=1//,i11001-Flag=N", CN="3020")
    found = packet(log)
    assert found.items["i11001"] == {"Info": "//清洗,管路;k=1//", "Flag": "N"}
    gbk = one(framed(log.encode("gbk")), dialect("gbk"))
    assert (gbk.packet.items, gbk.packet.notes) == (found.items, ("gbk",))
    bytewise = one(framed(log.encode("gbk")))
    assert bytewise.packet.notes == ("not_utf8",)
    assert "\\xc7\\xe5" in bytewise.packet.items["i11001"]["Info"]


def test_length_in_characters():
    log = segment("i11001-Info=//清洗管路//")
    for encoding in ("utf-8", "gbk"):
        raw = framed(log.encode(encoding), length=len(log))
        assert one(raw).error == "chars_not_bytes"
        assert one(raw, dialect("length-chars")).ok


def test_placeholders_do_not_hide_a_right_crc():
    right = one(framed(segment()), dialect("placeholder-crc"))
    assert right.needs == ()
    assert one(framed(segment(), printed="FFFF"), dialect("placeholder-crc")).needs == ("placeholder_crc",)
    assert one(framed(segment(), printed="FFFE"), dialect("placeholder-crc")).error == "crc"


def test_sm4_as_the_standard_prints_it():
    """Both forms, whole blocks and a plain tail; the CRC is that of the plaintext."""
    plain = segment("DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Flag=N", CN="2051", Flag="9")
    sent = encode(packet(plain), key=KEY)
    area = sent[6:-6].partition(b"CP=&&")[2][:-2]
    assert sm4.encrypt(b"DataTime=2024052", KEY) == bytes.fromhex("e43e159acfab242cb53155fb8b9281a1")
    assert b"a01011" not in area
    assert one(sent, keys=[KEY]).packet.entries == packet(plain).entries
    text = b"{" + b",".join(b"0x%02X" % byte for byte in area) + b"}"
    in_text = framed(sent[6:-6].replace(area, text), printed=sent[-6:-2].decode())
    decoded = one(in_text, keys=[KEY])
    assert decoded.packet.entries == packet(plain).entries
    assert decoded.packet.notes == ("sm4", "sm4_text")
    with pytest.raises(ValueError, match="16 bytes"):
        sm4.encrypt(area, b"short")


def test_numbers():
    good = {
        "1": 1,
        "-1.50": -1.5,
        "061.0": 61,
        ".5": 0.5,
        "5.": 5,
        "+2": 2,
        "1e-3": 0.001,
        "12345678901234567890": 1.2345678901234567e19,
    }
    assert {text: number(text) for text in good} == good
    for text in ("", "-", ".", "N", "1.2.3", "1,5", "1 2", "nan", "inf", "0x1", "１", "1e999", "6.90-12.49", "1_000"):
        assert number(text) is None


def test_escapes_go_both_ways():
    for raw in (b"##0001\r\n", b"\\r", bytes(range(256)), "清洗".encode(), b"\\x41\\\\"):
        assert unescaped(escaped(raw)) == raw
        assert "\n" not in escaped(raw)


def test_every_code_has_words_and_every_tolerance_a_dialect():
    for words in deviations().values():
        assert words.zh
        assert words.en
        assert words.kind in ("refusal", "tolerable", "note")
    devices = [each for each in dialects().values() if each.devices]
    for code, words in deviations().items():
        if words.kind == "tolerable":
            assert any(code in each.accepts for each in devices), code
    with pytest.raises(ValueError, match="nonsense"):
        STANDARD.extended("nonsense")
    with pytest.raises(LookupError, match="no dialect"):
        dialect("nonsense")
    assert dialect("standard+lf_only+modbus-crc").accepts == {"lf_only", "modbus_crc", "lower_case_crc"}
