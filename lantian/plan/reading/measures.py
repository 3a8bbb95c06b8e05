"""From the text that a clause covers to measures with all their fields, in source offsets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.brackets import Shelter
from lantian.plan.reading.clean import Document
from lantian.plan.reading.dates import DateReader, Moment, Span, Times, YearContext
from lantian.plan.reading.entities import Name, PlaceFinder, find_citations, find_enterprises
from lantian.plan.reading.model import Citation, Field, Measure, MeasureAreas, Period, ReadingWarning, Target
from lantian.plan.reading.natures import nature_of
from lantian.plan.reading.splitting import Piece, split_measures
from lantian.plan.reading.subjects import Head, SubjectFinder, carries_on
from lantian.plan.reading.targets import find_targets, shifted, with_object

_DOUBTFUL = 0.7
_LENT_CONFIDENCE = 0.6
_CARRIED_CONFIDENCE = 0.75
_CONTINUED_CONFIDENCE = 0.8
_GOES_ON = re.compile(
    r"(?:并且?|且|同时)(?:要|应|须)?(?:力争|争取|确保)?(?:于|在|到)?(?:20\d{2}年|\d{1,2}月|年[底末内]|[上下]半年|第?[一二三四]季度|[采供]暖|本月|下个?月)"
)


@dataclass(frozen=True)
class Tools:
    """What reading a document's measures needs, made once per document."""

    gazetteer: Gazetteer
    dates: DateReader
    places: PlaceFinder
    subjects: SubjectFinder


@dataclass(frozen=True)
class Given:
    """Times that stand outside the text: in the clause (完成时限：…) or in a table's column."""

    times: Times
    document: Document


class MeasureReader:
    """Reads measures out of one document (or one table cell). `warnings` collects what was doubtful."""

    def __init__(
        self, document: Document, tools: Tools, warnings: list[ReadingWarning], shelter: Shelter | None = None
    ):
        self.document, self.tools, self.warnings = document, tools, warnings
        self.shelter = shelter or Shelter(document.view)

    def read(
        self, begin: int, end: int, context: YearContext, given: list[Given] | None = None, topic: str = ""
    ) -> tuple[Measure, ...]:
        """The measures between two clean offsets, in order. `topic`: what a number without an object is about."""
        view = self.document.view
        times = self.tools.dates.read(view, begin, end, context)
        self.warnings += [self._unknown_time(*span) for span in times.unknown]
        targets = [with_object(target, topic) for target in find_targets(view, begin, end, self.shelter)]
        pieces = split_measures(view, begin, end, self.shelter, times.moments, targets)
        measures: list[Measure] = []
        head, before = None, begin
        for piece in pieces:
            companies = find_enterprises(view, piece.begin, piece.end, self.tools.gazetteer)
            own = self.tools.subjects.find(view, piece.begin, piece.end, self.shelter, companies)
            head = own or (head if head and carries_on(view, piece.begin, view[before : piece.begin]) else None)
            measure = self._measure(piece, times, targets, given or [], companies)
            measure = replace(measure, areas=self._areas(head, measure, carried=own is None))
            measures.append(self._continuing(measure, piece, head) if own is None and before > begin else measure)
            before = piece.end
        return tuple(measures)

    def _continuing(self, measure: Measure, piece: Piece, head: Head | None) -> Measure:
        """并于9月底前完成整治 says nothing of whom: it takes the subject before it over, and a person should look."""
        if not _GOES_ON.match(self.document.view, piece.begin, piece.end):
            return measure
        fields = measure.fields
        if head:
            subject = self.document.text[head.begin : head.end].replace("\n", "")
            note = "taken over from the words before"
            fields += (self._field("subject", subject, head.begin, head.end, _LENT_CONFIDENCE, note),)
        return replace(measure, fields=fields, confidence=min(measure.confidence, _CONTINUED_CONFIDENCE))

    def _areas(self, head: Head | None, measure: Measure, *, carried: bool) -> MeasureAreas:
        """The areas that are the measure's subject, its own or that of the piece before."""
        if head is None:
            return MeasureAreas(start=measure.start, end=measure.start)
        sure = min(head.confidence, _CARRIED_CONFIDENCE) if carried else head.confidence
        return MeasureAreas(head.mode, head.names, *self.document.source_span(head.begin, head.end), sure)

    def _measure(
        self, piece: Piece, times: Times, targets: list[Target], given: list[Given], enterprises: list[Name]
    ) -> Measure:
        view, fields = self.document.view, []
        moments = [m for m in times.moments if piece.begin <= m.begin < piece.end]
        fields += [self._deadline(moment) for moment in moments]
        own_recurrences = [item for item in times.recurrences if piece.begin <= item.begin < piece.end]
        if piece.lent and not moments and not own_recurrences:
            fields.append(self._lent(piece.lent))
        fields += [self._field("recurrence", r.code, r.begin, r.end, 0.92, r.note) for r in own_recurrences]
        periods = tuple(self._period(p) for p in times.periods if piece.begin <= p.begin < piece.end)
        fields += self._given_fields(given, has_own=bool(moments or piece.lent), own={r.code for r in own_recurrences})
        numbers = tuple(self._target(t) for t in targets if piece.begin <= t.start < piece.end)
        own_targets = tuple(target for target in numbers if not target.derived)
        fields += [_target_field(target) for target in numbers]
        fields += [self._field("enterprise", e.text, e.begin, e.end, e.confidence) for e in enterprises]
        places = self.tools.places.find(view, piece.begin, piece.end)
        fields += [self._field("place", p.text, p.begin, p.end, p.confidence) for p in places]
        cites = tuple(self._citation(piece, fields))
        deadlines = _unique(field.value for field in fields if field.name == "deadline")
        duty = any(target.role == "target" for target in numbers)
        nature, word, sure = nature_of(view[piece.begin : piece.end], has_deadline=bool(deadlines), has_target=duty)
        spot = (piece.begin + word[0], piece.begin + word[1]) if word else (piece.begin, piece.end)
        fields.append(self._field("nature", nature, *spot, sure))
        start, finish = self.document.source_span(piece.begin, piece.end)
        return Measure(
            text=self.document.text[piece.begin : piece.end].replace("\n", "").strip(),
            start=start,
            end=finish,
            nature=nature,
            confidence=_overall(fields),
            deadlines=deadlines,
            recurrence=_unique(field.value for field in fields if field.name == "recurrence"),
            targets=own_targets,
            derived_targets=tuple(target for target in numbers if target.derived),
            enterprises=_unique(e.text for e in enterprises),
            places=_unique(p.text for p in places),
            cites=cites,
            periods=periods,
            fields=tuple(fields),
        )

    def _deadline(self, moment: Moment) -> Field:
        field = self._field(
            "deadline", moment.day.isoformat(), moment.begin, moment.end, moment.confidence, moment.note
        )
        if moment.confidence < _DOUBTFUL:
            self.warnings.append(
                ReadingWarning(
                    "deadline",
                    f"“{self.document.text[moment.begin : moment.end]}” read as {field.value} ({moment.note or 'unsure'})",
                    field.start,
                    field.end,
                    "check the date on the review page",
                )
            )
        return field

    def _unknown_time(self, begin: int, end: int) -> ReadingWarning:
        message = f"“{self.document.text[begin:end]}” names no day that the reader knows"
        return ReadingWarning(
            "deadline", message, *self.document.source_span(begin, end), "enter the date on the review page"
        )

    def _lent(self, moment: Moment) -> Field:
        sure = min(_LENT_CONFIDENCE, moment.confidence)
        note = "from the front of the sentence"
        return self._field("deadline", moment.day.isoformat(), moment.begin, moment.end, sure, note)

    def _given_fields(self, given: list[Given], *, has_own: bool, own: set[str]) -> list[Field]:
        """Deadlines of the clause or the table row; a measure's own deadline goes before them."""
        fields: list[Field] = []
        for item in given:
            for moment in [] if has_own else item.times.moments:
                span = item.document.source_span(moment.begin, moment.end)
                fields.append(
                    Field("deadline", moment.day.isoformat(), *span, moment.confidence, "of the clause or row")
                )
            # A row that is to be kept up (长期坚持) stays so beside the sentence's own 每月.
            kept = [r for r in item.times.recurrences if not own or r.code in {"continuous"} - own]
            for recurrence in kept:
                span = item.document.source_span(*recurrence.span)
                fields.append(Field("recurrence", recurrence.code, *span, 0.85, "of the clause or row"))
        return fields

    def _period(self, period: Span) -> Period:
        span = self.document.source_span(period.begin, period.end)
        return Period(period.first.isoformat(), period.last.isoformat(), *span)

    def _target(self, target: Target) -> Target:
        return shifted(target, *self.document.source_span(target.start, target.end))

    def _citation(self, piece: Piece, fields: list[Field]) -> list[Citation]:
        text, cites = self.document.text, []
        for cited in find_citations(self.document.view, piece.begin, piece.end):
            number = text[slice(*cited.number)] if cited.number else None
            start, end = self.document.source_span(cited.begin, cited.end)
            cites.append(Citation(text[slice(*cited.title)], number, start, end))
            fields.append(Field("cites", cites[-1].title, start, end, 0.95, number or ""))
        return cites

    def _field(self, name: str, value: str, begin: int, end: int, confidence: float, note: str = "") -> Field:
        return Field(name, value, *self.document.source_span(begin, end), confidence, note)


def _target_field(target: Target) -> Field:
    upper = f"—{target.upper:g}" if target.upper is not None else ""
    value = f"{target.object} {target.comparator} {target.value:g}{upper} {target.unit}".strip()
    name = "derived_target" if target.derived else target.role
    return Field(name, value, target.start, target.end, target.confidence, target.note)


def _overall(fields: list[Field]) -> float:
    """The surest a measure can be is 0.95; every doubtful field takes a part of the rest."""
    doubts = [field.confidence for field in fields if field.confidence < _DOUBTFUL]
    if not doubts:
        return 0.95
    return max(0.2, min(0.9 - 0.05 * len(doubts), min(doubts) + 0.2))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
