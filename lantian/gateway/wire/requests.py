"""Requests of the host, for each edition: what may be asked stands in data/commands.toml, with the forms of parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lantian.gateway.wire import commands, encode, values
from lantian.gateway.wire.packet import Entry, Packet

NAMES = {
    "set_timeouts": "1000",
    "get_time": "1011",
    "set_time": "1012",
    "set_key": "1014",
    "get_realtime_interval": "1061",
    "set_realtime_interval": "1062",
    "get_minute_interval": "1063",
    "set_minute_interval": "1064",
    "set_password": "1072",
    "start_realtime": "2011",
    "stop_realtime": "2012",
    "start_state": "2021",
    "stop_state": "2022",
    "fetch_days": "2031",
    "fetch_running_time": "2041",
    "fetch_minutes": "2051",
    "fetch_hours": "2061",
    "calibrate": "3011",
    "sample": "3012",
    "clean": "3013",
    "comparison_sample": "3014",
    "keep_sample": "3015",
    "set_sampling_period": "3016",
    "get_sampling_period": "3017",
    "get_sampling_time": "3018",
    "get_serial_number": "3019",
    "get_information": "3020",
    "set_parameter": "3021",
    "retain_sample": "3022",
    "start_standard_check": "3024",
}

Value = str | int | datetime | bytes
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,24}")
_FORMS = {
    "password": re.compile(r"[\x21-\x2b\x2d-\x3a\x3c\x3e-\x7e]{1,6}"),  # neither blank nor , ; =
    "digits": re.compile(r"[0-9]{1,20}"),
    "hhmm": re.compile(r"([01][0-9]|2[0-3])[0-5][0-9]"),
    "clock": re.compile(r"([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"),
    "code": _CODE,
}


def request(
    command: str,
    *,
    edition: str,
    st: str,
    mn: str,
    pw: str,
    qn: str,
    parameters: Mapping[str, Value | Sequence[Value]] | None = None,
    answer: bool = True,
) -> Packet:
    """Return a request. `command`: a CN or one of NAMES; times may be datetimes (device's clock), keys bytes.

    A parameter with several values (PolId) stands once for each. Raises ValueError that says what is wrong: a command
    that the edition lacks, a parameter that is missing, unknown or outside its range, a QN that is no time.
    """
    cn = NAMES.get(command, command)
    row = commands.commands().get(cn)
    if row is None or row.kind != "request" or edition not in row.editions:
        raise ValueError(f"{command} is no request of edition {edition}")
    if not values.is_qn(qn):
        raise ValueError(f"QN {qn!r} is no time of 17 digits")
    entries = _entries(row, edition, dict(parameters or {}))
    made = encode.packet(edition=edition, cn=cn, st=st, mn=mn, pw=pw, qn=qn, entries=entries, answer=answer)
    if edition == "2005" and answer:  # whose requests print Flag=3 although they are no parts
        made.header["Flag"] = "3"
    return made


def _entries(row: commands.Command, edition: str, given: dict[str, Value | Sequence[Value]]) -> list[Entry]:
    needs, order = row.needs(edition), row.order(edition)
    history = row.label == "start"
    missing = [name for name in needs if name not in given]
    if missing:
        raise ValueError(f"{row.cn} needs {', '.join(missing)}")
    unknown = [name for name in given if name not in order and not row.open]
    if unknown:
        raise ValueError(f"{row.cn} of {edition} has no {', '.join(unknown)}")
    if history and _text("BeginTime", given["BeginTime"], edition) > _text("EndTime", given["EndTime"], edition):  # type: ignore[arg-type]
        raise ValueError("BeginTime is after EndTime")
    out = []
    for name in (*(name for name in order if name in given), *(name for name in given if name not in order)):
        value = given[name]
        several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        factor, _, suffix = name.rpartition("-")
        out += [Entry(factor, suffix, _text(name, one, edition)) for one in (value if several else (value,))]  # type: ignore[union-attr, arg-type]
    return out


def _text(name: str, value: Value, edition: str) -> str:
    """Return a parameter as text, its form checked. Raises ValueError."""
    form = commands.parameters().get(name, {"form": "free"})
    if isinstance(value, bytes):
        value = value.hex().upper()
    text = values.stamp(value) if isinstance(value, datetime) else str(value)
    if not _good(text, form, edition):
        raise ValueError(f"{name}={text} is not allowed ({_range(form, edition)})")
    return text


def _good(text: str, form: dict[str, Any], edition: str) -> bool:
    kind = form["form"]
    if kind == "time":
        return values.local_time(text) is not None
    if kind == "integer":
        return _in_range(text, form, edition)
    if kind == "hex":
        return re.fullmatch(rf"[0-9A-Fa-f]{{{2 * form['bytes']}}}", text) is not None
    if kind == "free":
        return not set(text) & set(";,=&\r\n")
    return _FORMS[kind].fullmatch(text) is not None


def _in_range(text: str, form: dict[str, Any], edition: str) -> bool:
    if not (text.isascii() and text.isdecimal()):
        return False
    if "one_of" in form:
        return int(text) in form["one_of"]
    return bool(form["least"] <= int(text) <= form.get(f"most_{edition}", form["most"]))


def _range(form: dict[str, Any], edition: str) -> str:
    if "one_of" in form:
        return "one of " + " ".join(map(str, form["one_of"]))
    if "least" in form:
        return f"{form['least']} to {form.get(f'most_{edition}', form['most'])}"
    return str(form["form"])
