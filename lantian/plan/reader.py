"""The reader as the database part calls it: bytes in, text and JSON out, its faults as errors that people can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from lantian import __version__
from lantian.city import clock
from lantian.city.gazetteer import Gazetteer
from lantian.kit.errors import DomainError
from lantian.plan.reading import SourceError, read_heading, read_plan, read_source, read_stretch
from lantian.plan.reading.clean import clean_piece


@dataclass(frozen=True)
class Reading:
    """A text as it was read. All offsets in `parsed` (the reader's JSON) count the characters of `text`."""

    text: str
    parsed: dict[str, Any]
    gazetteer: Gazetteer
    reader_version: str


def read(content: bytes, name: str, gazetteer: Gazetteer) -> Reading:
    """Read a plan's file. Raises DomainError when it cannot be read or when nothing in it looks like a plan."""
    try:
        source = read_source(content, name)
    except SourceError as error:
        raise DomainError(
            _("“%(name)s” cannot be read: %(why)s") % {"name": name, "why": error},
            hint=_("Save it again as .docx, .pdf with text, or .txt in UTF-8, and import it once more."),
            field="file",
        ) from error
    parsed = read_plan(source, gazetteer, today=clock.today()).to_json()
    if not parsed["tasks"]:
        raise DomainError(
            _("No task was found in “%s”.") % name,
            hint=_("A plan has numbered tasks with responsible agencies behind them. Is this the whole document?"),
            field="file",
        )
    return Reading(source.text, parsed, gazetteer, __version__)


def clean(text: str, start: int, end: int) -> str:
    """Return what stands between two offsets of a text as the reader writes it: page breaks healed, blanks gone."""
    return clean_piece(text, start, end).text.strip()


def measures_in(
    text: str,
    start: int,
    end: int,
    gazetteer: Gazetteer,
    *,
    since: int | None = None,
    without: Iterable[tuple[int, int]] = (),
    areas: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Return the measures that the reader sees in a stretch of a text, as its JSON gives them (see read_stretch)."""
    found = read_stretch(text, start, end, gazetteer, since=since, without=without, areas=areas, today=clock.today())
    return [measure.to_json() for measure in found]


def heading_of(words: str) -> tuple[str, str]:
    """Return number ("" without one) and title of a heading as it is printed."""
    return read_heading(words)
