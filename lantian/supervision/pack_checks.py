"""What `city check` asks of a pack's supervision.toml: rules and numbers that exist, within their bounds. No Django."""

from __future__ import annotations

import tomllib

from lantian.city.pack.checks import SeenPack, register_file_check
from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles

FILE = "supervision.toml"


def register() -> None:
    """Let packs be checked by this room as well."""
    register_file_check(check)


def check(files: PackFiles, seen: SeenPack, faults: Faults) -> None:
    """Report what is wrong with supervision.toml, entry by entry."""
    from lantian.supervision.rules.parameters import ParameterError, check_override, house_parameters, read_overrides

    text = files.text(FILE, required=False)
    if text is None:
        return
    try:
        entries = tomllib.loads(text).get("override", [])
    except tomllib.TOMLDecodeError as error:
        faults.add("bad-toml", FILE, 1, f"this is not TOML: {error}.", "Mend the line that it names.")
        return
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[override]]"]
    for number, entry in zip(lines, entries, strict=False):
        try:
            for one in read_overrides([entry]):
                check_override(house_parameters(), one)
        except (ParameterError, KeyError, TypeError, ValueError, AttributeError) as error:
            hint = "An entry has rule, numbers = { name = value }, and industry or plant."
            faults.add("bad-override", FILE, number, f"this override cannot be used: {error}.", hint)
