"""What an evaluation stands on: the day, what was known when, the pack, and a memory that lives as long as the page."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from lantian.city import clock
from lantian.city.models import Place
from lantian.city.pack.calendar import calendar_from_plain
from lantian.city.pack.schedule import national_thresholds
from lantian.city.queries import pack_in_force
from lantian.indicators.memory import version_of_everything
from lantian.indicators.models import Entry
from lantian.indicators.period import Period
from lantian.indicators.registry import TargetLine, targets

T = TypeVar("T")


class Context:
    """One evaluation of one or many indicators. `known_at` = as known at that moment (None: as known now).

    Indicators keep what they read with `memo`, so that asking for 16 areas costs the queries of one.
    """

    def __init__(self, *, today: dt.date | None = None, known_at: dt.datetime | None = None) -> None:
        self.today = today or clock.today()
        self.known_at = known_at
        self._memory: dict[Any, Any] = {}
        self._entries: dict[str, tuple[dt.date, dt.date, list[Entry]]] = {}

    def memo(self, key: Any, make: Callable[[], T]) -> T:
        """Return what `make` returned for this key the first time."""
        if key not in self._memory:
            self._memory[key] = make()
        found: T = self._memory[key]
        return found

    @property
    def pack(self) -> Any:
        """The city pack in force, or None."""
        return self.memo("pack", pack_in_force)

    def threshold(self, key: str) -> Decimal:
        """Return a threshold of daily work: the pack's, else the country's (KeyError when unknown)."""
        own = self.pack.thresholds if self.pack else {}
        return Decimal(str(own[key])) if key in own else national_thresholds()[key].value

    def season(self, year: int) -> tuple[dt.date, dt.date] | None:
        """Return the heating season that begins in a year, or None where the calendar knows none."""
        if self.pack is None:
            return None
        known = self.memo("calendar", lambda: calendar_from_plain(self.pack.calendar))
        try:
            first, last = known.heating_season(year)
        except LookupError:
            return None
        return first, last

    @property
    def version(self) -> int | None:
        """What all records together stand at; None inside a transaction (see `memory`)."""
        return self.memo("version", version_of_everything)

    @property
    def city(self) -> Place | None:
        """The city itself."""
        return self.memo("city", lambda: Place.objects.filter(kind=Place.Kind.CITY).defer("boundary").first())

    @property
    def areas(self) -> list[Place]:
        """The areas of the city in their order."""
        return self.memo("areas", lambda: list(Place.objects.areas().defer("boundary")))

    @property
    def target_lines(self) -> list[TargetLine]:
        """Every target of the adopted plans."""
        return self.memo("targets", lambda: targets.lines(self))

    def lines_of(self, code: str) -> list[TargetLine]:
        """Return the targets that an indicator watches."""

        def index() -> dict[str, list[TargetLine]]:
            by_code: dict[str, list[TargetLine]] = defaultdict(list)
            for line in self.target_lines:
                by_code[line.indicator].append(line)
            return dict(by_code)

        return self.memo("targets by indicator", index).get(code, [])

    def expected_areas(self, code: str) -> list[Place]:
        """Return the areas that must have a value: those that owe a target of the indicator, else all."""
        owing = {place for line in self.lines_of(code) for place in line.place_codes}
        return [area for area in self.areas if area.code in owing] or self.areas

    def agencies_of(self, code: str) -> frozenset[int]:
        """Return the agencies that answer for the indicator's targets."""
        return frozenset().union(*(line.agency_ids for line in self.lines_of(code)))

    def entries(self, code: str, period: Period) -> list[Entry]:
        """Return the standing hand-entered values that lie inside the period, newest period first.

        In a period that reaches until today, the running month or year counts as well.
        """
        held = self._entries.get(code)
        if held is None or period.start < held[0] or period.end > held[1]:
            self.preload([code], period)
            held = self._entries[code]
        last = dt.date.max if period.end >= self.today else period.end
        return [e for e in held[2] if period.start <= e.period_from <= period.end and e.period_to <= last]

    def preload(self, codes: Iterable[str], period: Period) -> None:
        """Read the values of many indicators in one query, before a page asks for each."""
        wanted = list(codes)
        rows: dict[str, list[Entry]] = {code: [] for code in wanted}
        found = (
            Entry.objects.as_known_at(self.known_at)
            .standing()
            .filter(indicator__in=wanted, period_from__gte=period.start, period_from__lte=period.end)
        )
        for entry in found.order_by("-period_to", "-period_from", "id"):
            rows[entry.indicator].append(entry)
        self._entries |= {code: (period.start, period.end, rows[code]) for code in wanted}
