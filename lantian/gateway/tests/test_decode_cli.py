"""lantian gateway decode: a line of JSON for each packet, without Django or numba, at once."""

from __future__ import annotations

import json
import subprocess
import sys

from click.testing import CliRunner

from lantian.cli import main
from lantian.gateway.wire.packet import escaped, unescaped
from lantian.gateway.wire.tests.samples import framed, samples, segment

RAW = framed(segment())


def run(data, *options):
    result = CliRunner().invoke(main, ["gateway", "decode", "-", *options], input=data)
    assert result.exit_code == 0, result.output
    return result.output


def lines(data, *options):
    return [json.loads(line) for line in run(data, "--json", *options).splitlines()]


def test_a_line_for_each_packet():
    good, bad = lines(RAW + framed(segment(), printed="1111"))
    assert (good["ok"], good["error"], good["edition"]) == (True, None, "2017")
    assert good["fields"]["MN"] == "010000A8900016F000169DC0"
    assert good["items"] == {"a21026": {"Rtd": "12.5", "ZsRtd": "14.1", "Flag": "N"}}
    assert good["crc"] == {"printed": "F881", "computed": "F881", "ok": True}
    assert good["data_time"] == "2024-01-01T00:00:00"
    assert unescaped(good["raw"]) == RAW
    assert (bad["ok"], bad["error"], bad["needs"], bad["fields"]["CN"]) == (False, "crc", None, "2011")
    assert bad["words"] == "CRC 校验错误"


def test_lines_with_escapes_are_captures_of_their_own():
    text = "\n".join(escaped(sample.raw) for sample in samples())
    from_lines = lines(text, "--dialect", "standard", "--key", "30" * 16)
    assert ["ok" if one["ok"] else one["error"] for one in from_lines] == [
        word for one in samples() for word in one.standard
    ]


def test_raw_bytes_may_look_like_escapes():
    """Ciphertext may hold a backslash and an r; a binary file is not taken for lines of text."""
    raw = framed(b"ST=31;CN=2051;MN=1;Flag=9;CP=&&\\r\xe4\xff" + bytes(20) + b"&&", printed="0001") + RAW
    assert [(one["error"], unescaped(one["raw"])) for one in lines(raw)] == [
        ("encrypted", raw[: -len(RAW)]),
        (None, RAW),
    ]
    assert lines(escaped(RAW) + "\r\n")[0]["ok"]
    as_raw = lines(escaped(RAW), "--form", "raw")
    assert (as_raw[0]["notes"], as_raw[1]["error"]) == (["no_line_end"], "noise")


def test_noise_belongs_to_the_packet_behind_it():
    [one] = lines(b"2024-01-01 recv: " + RAW)
    assert (one["ok"], one["noise"]) == (True, "2024-01-01 recv: ")
    assert "noise_before" in one["notes"]
    [nothing] = lines(b"no packet at all")
    assert (nothing["ok"], nothing["error"]) == (False, "noise")
    assert lines(b"") == []


def test_dialects_by_name():
    plus_6 = framed(segment(), length=len(segment()) + 6)
    [strict] = lines(plus_6)
    assert (strict["error"], strict["needs"]) == ("length_plus_6", ["length_plus_6"])
    assert lines(plus_6, "--dialect", "length-plus-6")[0]["ok"]
    assert lines(framed(segment(), end=b"\n"))[0]["notes"] == ["lf_only"]
    assert lines(framed(segment(), end=b"\n"), "--dialect", "standard")[0]["error"] == "lf_only"
    assert "modbus_crc" in run(b"", "--dialect", "list")
    wrong = CliRunner().invoke(main, ["gateway", "decode", "-", "--dialect", "x"], input=b"")
    assert wrong.exit_code == 1
    assert "there are standard" in wrong.output


def test_what_is_whole_is_shown_and_what_is_not_is_refused():
    """By another implementation's verdict on CRC and length, for every sample of one packet."""
    for sample in samples():
        found = lines(sample.raw)
        if len(found) != 1 or "encrypted" in (found[0]["error"] or ""):
            continue
        whole = sample.crc_ok == "yes" and found[0]["length"]["declared"] == found[0]["length"]["actual"]
        four_digits = sample.raw[2:6].isdigit()
        assert found[0]["ok"] == (whole and four_digits) or "flag_after_cp" in found[0]["notes"], sample


def test_encrypted_packets_with_their_key():
    sample = next(one for one in samples() if b"CP=&&\xe4>\x15" in one.raw)
    assert lines(sample.raw)[0]["error"] == "encrypted"
    assert lines(sample.raw, "--key", "30" * 16)[0]["items"]["a01011"]["Avg"] == "1.35"
    assert CliRunner().invoke(main, ["gateway", "decode", "-", "--key", "3030"], input=b"").exit_code == 1


def test_for_people():
    assert run(RAW).startswith("ok 2017 QN=20240101000000001 ")
    assert run(framed(segment(), printed="1111"), "--lang", "en").startswith("refused crc: the CRC is wrong")


def test_it_starts_without_django_and_numba():
    code = (
        "import sys; from lantian.cli import main; main(['gateway', 'decode', '-', '--json'], standalone_mode=False); "
        "print([name for name in ('django', 'numba', 'numpy', 'cryptography') if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], input=RAW, capture_output=True, check=True)
    assert json.loads(result.stdout)["ok"]
    assert result.stderr.strip() == b"[]"
