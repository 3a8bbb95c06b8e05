"""lantian gateway decode: what packets in a file (or on standard input) say, or why they are refused."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import IO, Any

import click

from lantian.gateway.wire import words
from lantian.gateway.wire.decode import decode as judge
from lantian.gateway.wire.dialect import Dialect, dialect, dialects
from lantian.gateway.wire.framing import Frame, Framer
from lantian.gateway.wire.packet import Decoded, escaped, unescaped

_ESCAPES = re.compile(rb"\\(?:r|n|x[0-9A-Fa-f]{2})")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CHUNK = 1 << 16


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON (UTF-8) for each packet.")
@click.option(
    "--dialect",
    "name",
    default="capture",
    show_default=True,
    metavar="NAME",
    help="Which deviations are accepted; several joined by +. `--dialect list` names them. "
    "`capture` shows whatever is whole (length and CRC right) and notes its slips; devices are held to `standard`.",
)
@click.option(
    "--key", "keys", multiple=True, metavar="HEX", help="An SM4 key (32 hex digits), for HJ 212-2025; repeatable."
)
@click.option(
    "--form",
    type=click.Choice(["auto", "raw", "escaped"]),
    default="auto",
    show_default=True,
    help=r"raw bytes, or lines in which \r \n \\ \xHH are escapes (each line a capture of its own).",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of words.")
def decode(file: IO[bytes], as_json: bool, name: str, keys: tuple[str, ...], form: str, lang: str) -> None:
    """Read HJ 212 packets from FILE (`-`: standard input) and print what each says, or why it is refused."""
    if name == "list":
        _list_dialects(lang)
        return
    try:
        chosen, secrets = dialect(name), [_key(text) for text in keys]
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error.args[0])) from error
    for frame, noise in _with_noise(_frames(file, form, chosen)):
        result = judge(frame, chosen, secrets)
        data = result.as_dict()
        if noise and result.packet:
            data["notes"].append("noise_before")
        if noise:
            data["noise"] = escaped(noise)
        if result.error:
            data["words"] = words.say(result.error, lang)
        _print(data, result, as_json, lang)


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != 16:
        raise ValueError("an SM4 key has 32 hex digits")
    return key


def _list_dialects(lang: str) -> None:
    for one in dialects().values():
        taken = " ".join(sorted(one.accepts | one.reads)) or "-"
        click.echo(f"{one.name:<20} {one.zh if lang == 'zh' else one.en}\n{'':<20} {taken}")


def _frames(file: IO[bytes], form: str, chosen: Dialect) -> Iterator[Frame]:
    """Yield the frames of a file: of the whole, or line by line if its lines are escaped."""
    head = file.read(_CHUNK)
    if form == "escaped" or (form == "auto" and _looks_escaped(head)):
        rest = head + file.read()
        for line in rest.split(b"\n"):
            framer = Framer(chosen)
            yield from framer.feed(unescaped(line.rstrip(b"\r").decode("utf-8", "surrogateescape")))
            yield from framer.flush()
        return
    framer = Framer(chosen)
    while head:
        yield from framer.feed(head)
        head = file.read(_CHUNK)
    yield from framer.flush()


def _looks_escaped(head: bytes) -> bool:
    """Tell whether the file is text that has escapes; ciphertext may hold their bytes, but is no text."""
    try:
        text = head[:-4].decode() if len(head) == _CHUNK else head.decode()
    except UnicodeDecodeError:
        return False
    return _ESCAPES.search(head) is not None and not _CONTROLS.search(text)


def _with_noise(frames: Iterator[Frame]) -> Iterator[tuple[Frame, bytes]]:
    """Give noise to the packet after it; noise after which no packet comes is a line of its own."""
    noise: list[Frame] = []
    for frame in frames:
        if frame.is_noise and frame.deviations == ("noise",):
            noise.append(frame)
            continue
        yield frame, b"".join(one.raw for one in noise)
        noise.clear()
    for frame in noise:
        yield frame, b""


def _print(data: dict[str, Any], result: Decoded, as_json: bool, lang: str) -> None:
    if as_json:
        line = json.dumps(data, ensure_ascii=False)
    elif result.packet:
        packet = result.packet
        fields = " ".join(f"{name}={value}" for name, value in packet.header.items())
        items = " ".join(f"{entry.key}={entry.text}" for entry in packet.entries)
        notes = "".join(f"\n  ! {words.say(note, lang)}" for note in data["notes"])
        line = f"ok {packet.edition} {fields} | {items}{notes}"
    else:
        line = f"refused {data['error']}: {data['words']}\n  {data['raw']}"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()
