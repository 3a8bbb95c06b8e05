"""indicators.toml and bindings.toml: which numbers are kept, and which sentence of a plan each target comes from."""

from __future__ import annotations

import re
from decimal import Decimal

from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.model import Binding, Document, Indicator, Places
from lantian.city.pack.reading import Table, read_toml, refuse_twice
from lantian.standards.units import unit

INDICATORS, BINDINGS = "indicators.toml", "bindings.toml"
DIRECTIONS = ("up", "down")
FREQUENCIES = ("day", "week", "month", "quarter", "season", "year", "once")
LEVELS = ("city", "area", "enterprise")
# Rooms that will one day compute what people enter by hand today; "hand" = nobody ever will.
ROOMS = ("hand", "plan", "air", "sources", "supervision", "episodes", "enforcement")
# How the areas make the city; left out, the unit decides (lantian/indicators/data/pooling.toml).
AGGREGATES = ("sum", "mean", "weighted", "none")
COMPARATORS = ("<=", ">=", "==", "<", ">")
FORMS = ("value", "criterion", "word")
NATURES = ("binding", "striving")
_CODE = r"[a-z][a-z0-9_]*"
_SPACE = re.compile(r"\s+")


def read_indicators(files: PackFiles, faults: Faults) -> tuple[Indicator, ...] | None:
    """Read the series that people keep by hand; None when the file cannot be read."""
    root = read_toml(files, INDICATORS, faults)
    if root is None:
        return None
    tables = root.tables("indicator")
    found = tuple(_indicator(table) for table in tables)
    refuse_twice([(table, one.code) for table, one in zip(tables, found, strict=True)], "code", "the indicator")
    root.done()
    return found


def _indicator(table: Table) -> Indicator:
    low, high = table.number("low", None), table.number("high", None)
    if low is not None and high is not None and low > high:
        table.fault("bad-value", f"low {low} is above high {high}.", "", "low")
    indicator = Indicator(
        code=table.text("code", pattern=_CODE, hint="Lower-case letters, digits and '_'."),
        title_zh=table.text("title_zh", name=True),
        title_en=table.text("title_en", name=True),
        unit=table.unit("unit"),
        direction=table.choice("direction", DIRECTIONS),
        frequency=table.choice("frequency", FREQUENCIES),
        level=table.choice("level", LEVELS),
        supplied_by=table.choice("supplied_by", ROOMS),
        rule_version=table.text(
            "rule_version", pattern=r"\d{4}\.\d+", hint='A year and a number, for example "2020.1".'
        ),
        definition_zh=table.text("definition_zh"),
        definition_en=table.text("definition_en"),
        low=low,
        high=high,
        decimals=table.integer("decimals", low=0, high=6),
        aggregate=table.choice("aggregate", AGGREGATES, ""),
    )
    table.done()
    return indicator


def find_quote(text: str, quote: str) -> list[tuple[int, int]]:
    """Every place (start, end) of `quote` in `text`; blanks and line breaks on either side do not count.

    >>> find_quote("比例达到 80%\\n以上", "达到80%以上")
    [(2, 10)]
    """
    letters = [re.escape(letter) for letter in _SPACE.sub("", quote)]
    if not letters:
        return []
    return [match.span() for match in re.finditer(r"\s*".join(letters), text)]


def read_bindings(
    files: PackFiles,
    documents: tuple[Document, ...],
    indicators: tuple[Indicator, ...] | None,
    places: Places | None,
    faults: Faults,
) -> tuple[Binding, ...]:
    """Read the bindings; each quote must stand in its document exactly once."""
    root = read_toml(files, BINDINGS, faults)
    if root is None:
        return ()
    tables = root.tables("binding")
    known = {one.code: one for one in indicators} if indicators is not None else None
    found = tuple(_binding(table, {one.id: one for one in documents}, known, places) for table in tables)
    refuse_twice([(table, one.id) for table, one in zip(tables, found, strict=True)], "id", "the binding")
    root.done()
    return found


def _binding(
    table: Table, documents: dict[str, Document], indicators: dict[str, Indicator] | None, places: Places | None
) -> Binding:
    document, quote = table.text("document"), table.text("quote")
    start, end = _where(table, documents, document, quote)
    form = table.choice("form", FORMS)
    value, unit_code = _literal(table, form)
    target, target_unit = _target(table, form, value, unit_code)
    binding = Binding(
        id=table.text("id", pattern=r"[a-z0-9][a-z0-9-]*", hint="Lower-case letters, digits and '-'."),
        document=document,
        task=table.maybe_integer("task", low=1, high=999),
        quote=quote,
        start=start,
        end=end,
        form=form,
        value=value,
        unit=unit_code,
        indicator=_indicator_of(table, indicators, target_unit),
        comparator=table.choice("comparator", COMPARATORS),
        target=target,
        target_unit=target_unit,
        nature=table.choice("nature", NATURES),
        areas=_areas(table, places),
        note=table.text("note", ""),
    )
    table.done()
    return binding


def _where(table: Table, documents: dict[str, Document], id: str, quote: str) -> tuple[int, int]:
    if not id or not quote:
        return 0, 0
    if id not in documents:
        table.fault("unknown-document", f"no document {id!r} in pack.toml.", "", "document")
        return 0, 0
    text = documents[id].text
    places = find_quote(text, quote) if text else [(0, 0)]  # an unreadable text was reported
    if len(places) != 1:
        found = "does not stand" if not places else f"stands {len(places)} times"
        hint = "Copy a part of the sentence from the text; it must stand there exactly once."
        table.fault("unknown-quote", f"the quote {quote!r} {found} in {documents[id].file}.", hint, "quote")
        return 0, 0
    return places[0]


def _literal(table: Table, form: str) -> tuple[Decimal | None, str]:
    """The number of the sentence; a target in words has none."""
    if form == "word":
        for key in ("value", "unit"):
            if table.has(key):
                table.fault("bad-value", f"a target in words has no {key!r}.", 'Use form = "value".', key)
        table.number("value", None), table.text("unit", "")
        return None, ""
    return table.number("value"), table.unit("unit")


def _target(table: Table, form: str, value: Decimal | None, unit_code: str) -> tuple[Decimal | None, str]:
    """What the indicator must reach: the sentence's number, or what the binding says for criteria and words."""
    if form == "value":
        for key in ("target", "target_unit"):
            if table.has(key):
                table.fault("bad-value", f"the sentence's number is the target; {key!r} has no place.", "", key)
        table.number("target", None), table.text("target_unit", "")
        return value, unit_code
    return table.number("target"), table.unit("target_unit")


def _indicator_of(table: Table, indicators: dict[str, Indicator] | None, target_unit: str) -> str:
    code = table.text("indicator")
    if not code or indicators is None:
        return code
    if code not in indicators:
        table.fault("unknown-indicator", f"no indicator {code!r} in {INDICATORS}.", "Define it there.", "indicator")
        return ""
    own = indicators[code].unit
    if own and target_unit and unit(own).dimension != unit(target_unit).dimension:
        message = f"the target is in {target_unit}, the indicator {code} in {own}."
        table.fault("bad-unit", message, "Both must measure the same thing.", "indicator")
    return code


def _areas(table: Table, places: Places | None) -> tuple[str, ...]:
    codes = table.texts("areas", ())
    for number, code in enumerate(codes):
        if places and code not in places.by_code:
            table.fault("unknown-place", f"'areas' names {code}, which the pack does not know.", "", "areas", number)
    return codes
