"""What the pages of county plans show: who handed one in, what it carries out, what it leaves out, where it is looser."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.city.queries import threshold
from lantian.plan.document_access import visible_versions
from lantian.plan.facts import measure_facts, measures_of
from lantian.plan.models import Assignment, Document, DocumentVersion, Measure, Trace
from lantian.plan.rules.figures import Share
from lantian.plan.rules.tracing import Coverage, Looser, coverage, looser
from lantian.standards.rounding import round_half_even

State = DocumentVersion.State


def city_version_for(version: DocumentVersion) -> DocumentVersion | None:
    """Return the text in force of the city plan that a county plan serves."""
    return DocumentVersion.objects.filter(document=version.document.serves_id, state=State.ADOPTED).first()


def owed_by_area(city: DocumentVersion) -> dict[int, set[int]]:
    """Return by area (id) the city's measures (ids) of which it has an assignment that is not cancelled (one query).

    So a measure whose sentence names some areas is owed by those alone, whatever its clause says.
    """
    owed: dict[int, set[int]] = defaultdict(set)
    rows = Assignment.objects.filter(measure__clause__task__version=city, holder=Assignment.Holder.AREA)
    for place, measure in rows.exclude(state=Assignment.State.CANCELLED).values_list("place_id", "measure_id"):
        if place is not None:
            owed[place].add(measure)
    return dict(owed)


def owed_measures(city: DocumentVersion, place: Place) -> set[int]:
    """Return the ids of the city's measures that an area owes."""
    return owed_by_area(city).get(place.pk, set())


@dataclass
class TraceRow:
    """A trace with what it joins and where the county asks less."""

    trace: Trace
    county: Measure
    city: Measure
    looser: tuple[Looser, ...]


@dataclass
class CityRow:
    """A measure that the county owes, with the traces to it (rejected ones last)."""

    measure: Measure
    traces: list[TraceRow] = field(default_factory=list)

    @property
    def state(self) -> str:
        states = {row.trace.state for row in self.traces}
        return "covered" if "confirmed" in states else "suggested" if "suggested" in states else "missing"

    @property
    def looser(self) -> list[Looser]:
        return [one for row in self.traces if row.trace.state != "rejected" for one in row.looser]


@dataclass
class Tracing:
    """A county plan beside the city plan. `loose_ends`: its measures that carry out nothing that the county owes."""

    version: DocumentVersion
    city: DocumentVersion
    rows: list[CityRow]
    loose_ends: list[Measure]
    coverage: Coverage

    @property
    def percent(self) -> Decimal | None:
        return percent(Share(len(self.coverage.covered), len(self.coverage.owed)))

    @property
    def looser_count(self) -> int:
        return sum(bool(row.looser) for row in self.rows)


def percent(share: Share) -> Decimal | None:
    """Return a share in per cent as pages show it, with one decimal; None of nothing."""
    return None if share.percent is None else round_half_even(share.percent, 1)


def tracing(version: DocumentVersion) -> Tracing | None:
    """Return how a county plan carries out what the county owes; None while no city plan is in force (ten queries)."""
    city = city_version_for(version)
    if city is None:
        return None
    owed = owed_measures(city, version.document.place)
    county = {m.pk: m for m in measures_of(version)}
    theirs = {m.pk: m for m in measures_of(city)}
    rows = {pk: CityRow(measure) for pk, measure in theirs.items() if pk in owed}
    traced: set[int] = set()
    pairs = []
    order = {"confirmed": 0, "suggested": 1, "rejected": 2}
    found = Trace.objects.filter(county_measure__in=county, city_measure__in=theirs).select_related("decided_by")
    for trace in sorted(found, key=lambda t: (order[t.state], -t.score)):
        own, other = county[trace.county_measure_id], theirs[trace.city_measure_id]
        pairs.append((trace.city_measure_id, trace.state))
        if trace.state != Trace.State.REJECTED:
            traced.add(own.pk)
        if other.pk in rows:
            less = looser(measure_facts(own), measure_facts(other))
            rows[other.pk].traces.append(TraceRow(trace, own, other, less))
    loose_ends = [m for pk, m in county.items() if pk not in traced]
    return Tracing(version, city, list(rows.values()), loose_ends, coverage(owed, pairs))


@dataclass
class Handed:
    """One county in the list: its newest text, when the first came, whether that was in time, and its coverage."""

    place: Place
    owed: int
    due: dt.date | None
    version: DocumentVersion | None = None
    handed_in: dt.date | None = None
    coverage: Coverage | None = None
    visible: bool = False

    @property
    def covered(self) -> Share:
        """What the area's plan carries out, of what the area owes. Only a text in force carries out anything."""
        in_force = self.version is not None and self.version.state == State.ADOPTED
        return Share(len(self.coverage.covered) if self.coverage and in_force else 0, self.owed)

    @property
    def percent(self) -> Decimal | None:
        return percent(self.covered)

    @property
    def suggested(self) -> int | None:
        return len(self.coverage.suggested) if self.coverage else None

    @property
    def timely(self) -> str:
        if self.handed_in is None:
            return "missing"
        return "late" if self.due and self.handed_in > self.due else "in_time"


def due_day(city: DocumentVersion) -> dt.date | None:
    """Return by when the counties hand in their plans: so many days after the city plan was issued."""
    issued = city.issued_on or (timezone.localdate(city.adopted_at) if city.adopted_at else None)
    return issued + dt.timedelta(days=int(threshold("county_plan.due_days"))) if issued else None


def handed_in(city: DocumentVersion, scope: Scope) -> list[Handed]:
    """Return every county that owes something of a city plan, with what it handed in (six queries)."""
    rows = standing(city)
    visible = set(visible_versions(scope).values_list("pk", flat=True))
    for row in rows:
        row.visible = row.version is not None and row.version.pk in visible
    return rows


def standing(city: DocumentVersion) -> list[Handed]:
    """Return every county that owes something of a city plan, in the city's order, as figures count it (four queries)."""
    owed = owed_by_area(city)
    due = due_day(city)
    places = Place.objects.areas().filter(pk__in=owed).defer("boundary")
    found = {place.pk: Handed(place, len(owed[place.pk]), due) for place in places}
    _fill(found, _texts(city))
    _cover(found.values(), owed)
    return list(found.values())


def together(rows: Iterable[Handed]) -> Share:
    """Return how much of what several counties owe is carried out by their plans in force."""
    shares = [row.covered for row in rows]
    return Share(sum(share.counted for share in shares), sum(share.of for share in shares))


def _texts(city: DocumentVersion) -> Iterable[DocumentVersion]:
    texts = DocumentVersion.objects.filter(
        document__kind=Document.Kind.COUNTY_PLAN, document__serves=city.document_id
    ).exclude(state=State.DISCARDED)
    return texts.select_related("document").defer("text", "parsed").order_by("ordinal")


def _fill(found: dict[int, Handed], texts: Iterable[DocumentVersion]) -> None:
    """The newest text counts; what is in force counts more than a draft of the next."""
    for text in texts:
        row = found.get(text.document.place_id)
        if row is None:
            continue
        row.handed_in = row.handed_in or timezone.localdate(text.imported_at)
        if row.version is None or row.version.state != State.ADOPTED or text.state == State.ADOPTED:
            row.version = text


def _cover(rows: Iterable[Handed], owed: dict[int, set[int]]) -> None:
    versions = {row.version.pk: row for row in rows if row.version}
    traces: dict[int, list[tuple[int, str]]] = defaultdict(list)
    found = Trace.objects.filter(county_measure__clause__task__version__in=versions)
    for pk, measure, state in found.values_list("county_measure__clause__task__version_id", "city_measure_id", "state"):
        traces[pk].append((measure, state))
    for pk, row in versions.items():
        row.coverage = coverage(owed[row.place.pk], traces[pk])
