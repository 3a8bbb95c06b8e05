"""What the review page shows: a card for every measure and clause, doubtful ones first, and how far the review is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lantian.city.models import User
from lantian.indicators.words import SIGNS, sign
from lantian.kit.choices import badge
from lantian.kit.templatetags.kit import number
from lantian.plan.models import (
    Clause,
    ClauseAgency,
    ClauseArea,
    Document,
    DocumentVersion,
    Measure,
    MeasureTarget,
    Review,
)
from lantian.plan.reader_words import note_text, warning_text
from lantian.plan.rules.partition import FIELD_NAMES, same_value
from lantian.plan.services.blockers import Doubt, doubt_confidence, doubts
from lantian.plan.services.review import names_areas_missing
from lantian.plan.services.review_undo import undoable
from lantian.plan.target_lines import from_words
from lantian.plan.text_view import FIELD_KINDS, UNSURE

SHOWS = ("doubtful", "unreviewed", "all")
ORDERS = ("doubt", "text")


@dataclass(frozen=True)
class Chip:
    """One value of a measure: the css family of its kind, and where it was read (None: nowhere, or by hand)."""

    kind: str
    text: str
    start: int | None = None
    end: int | None = None
    unsure: bool = False


@dataclass
class Card:
    """A measure or a clause to be looked at. `id` is its anchor; `start`..`end` its stretch of the source."""

    id: str
    kind: str
    record: Any
    start: int
    end: int
    confidence: float
    review: str
    doubtful: bool
    notes: list[dict[str, Any]] = field(default_factory=list)
    who: str = ""
    chips: list[Chip] = field(default_factory=list)

    @property
    def percent(self) -> int:
        return round(self.confidence * 100)

    @property
    def unreviewed(self) -> bool:
        return self.review == Review.UNREVIEWED

    @property
    def colour(self) -> str:
        return "red" if self.doubtful else "yellow" if self.confidence < 0.9 else "green"


@dataclass
class Wanted:
    """Which cards in which order, as the address says."""

    show: str = "doubtful"
    order: str = "doubt"

    @classmethod
    def of(cls, parameters: Any) -> Wanted:
        show, order = parameters.get("show"), parameters.get("order")
        return cls(show if show in SHOWS else "", order if order in ORDERS else "doubt")


@dataclass
class Progress:
    """How far the review is. `doubts` lists what is open, `warnings` what the reader said, `can_undo` names the
    person's last act."""

    total: int
    done: int
    counts: dict[str, int]
    doubts: list[Doubt]
    warnings: list[dict[str, Any]]
    can_undo: str

    @property
    def blockers(self) -> list[Doubt]:
        return [doubt for doubt in self.doubts if doubt.blocks]

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


def all_cards(version: DocumentVersion, *, measures: Iterable[int] | None = None) -> list[Card]:
    """Return the cards in the order of the text (constant queries); with `measures`, only those measures' cards."""
    limit = doubt_confidence()
    rows = Measure.objects.filter(clause__task__version=version)
    if measures is not None:
        rows = rows.filter(pk__in=list(measures))
    clauses = {c.pk: c for c in _clauses(version)}
    who = {pk: who_line(clause) for pk, clause in clauses.items()}
    cards = []
    for measure in rows.select_related("reviewed_by").prefetch_related("targets"):
        measure.clause = clauses[measure.clause_id]
        cards.append(_measure_card(measure, limit, who[measure.clause_id]))
    if measures is None:
        city_plan = version.document.kind == Document.Kind.CITY_PLAN
        cards += [clause_card(clause, limit, city_plan) for clause in clauses.values()]
    return sorted(cards, key=lambda card: (card.start, card.kind == "clause", card.end))


def _clauses(version: DocumentVersion) -> Any:
    areas = Prefetch("area_links", ClauseArea.objects.select_related("place").defer("place__boundary"))
    rows = Clause.objects.filter(task__version=version).select_related("task", "reviewed_by")
    agencies = Prefetch("agencies", ClauseAgency.objects.select_related("agency").order_by("position", "pk"))
    return rows.prefetch_related(agencies, areas)


def measure_card(version: DocumentVersion, pk: int) -> Card | None:
    """Return one measure's card, or None when it is gone."""
    return next(iter(all_cards(version, measures=[pk])), None)


def one_clause_card(version: DocumentVersion, pk: int) -> Card:
    return clause_card(
        _clauses(version).get(pk=pk), doubt_confidence(), version.document.kind == Document.Kind.CITY_PLAN
    )


def _measure_card(measure: Measure, limit: float, who: str) -> Card:
    doubtful = measure.review == Review.UNREVIEWED and measure.confidence < limit
    notes = _notes(measure.fields)
    return Card(
        f"m{measure.pk}", "measure", measure, measure.start, measure.end, measure.confidence, measure.review, doubtful,
        notes, who, chips(measure),
    )  # fmt: skip


def chips(measure: Measure) -> list[Chip]:
    """Return a measure's values, each with the place where it was read, so that the page can point at it."""
    found = []
    for name, reader_name in FIELD_NAMES.items():
        for value in getattr(measure, name):
            read: dict[str, Any] = next(
                (f for f in measure.fields if f["name"] == reader_name and same_value(value, f["value"])), {}
            )
            text = str(badge("recurrence", value).label) if name == "recurrence" else value
            unsure = bool(read) and read["confidence"] < UNSURE
            found.append(Chip(FIELD_KINDS[reader_name], text, read.get("start"), read.get("end"), unsure))
    if measure.concerns:
        found.append(Chip("who", f"{_('concerns only')} {'、'.join(measure.concerns)}"))
    for target in measure.targets.all():
        found.append(Chip("number", _number(target), target.start, target.end, target.confidence < UNSURE))
    return found


def _number(target: MeasureTarget) -> str:
    upper = "" if target.upper is None else f"–{number(target.upper)}"
    text = f"{target.object} {sign(target.comparator)} {number(target.value)}{upper} {target.unit}".strip()
    if target.derived_from:
        return f"{text} ({from_words(target)})"
    return f"{text} ({target.get_role_display()})" if target.role == MeasureTarget.Role.CRITERION else text


def who_line(clause: Clause) -> SafeString:
    """Return who answers for a clause as one line of HTML: agencies by their role, then the areas."""
    read = {(f["name"], f["value"]): f for f in clause.fields}
    labels = dict(ClauseAgency.Role.choices)
    names = [(link.role, link.agency.short, str(link.agency)) for link in clause.agencies.all()]
    for role, written in clause.extras.get("written_roles", {}).items():
        names += [(role, name, name) for name in written]
    agencies = format_html_join(
        " ",
        '<span class="lt-role lt-role-{}" title="{}"{}>{}</span>',
        ((role, labels.get(role, role), _place(read.get((role, short))), shown) for role, short, shown in names),
    )
    areas = "、".join(str(link.place) for link in clause.area_links.all())
    said = clause.get_areas_display() if clause.areas != Clause.Areas.NAMED else "、".join(clause.implement_text)
    shown = said if clause.areas == Clause.Areas.ALL else areas or said
    return format_html('{} <span class="text-secondary">{}</span>', agencies, shown)


def _place(read: dict[str, Any] | None) -> SafeString | str:
    return format_html(' data-from="{}" data-to="{}"', str(read["start"]), str(read["end"])) if read else ""


def clause_card(clause: Clause, limit: float, city_plan: bool) -> Card:
    start = clause.start if clause.clause_start is None else clause.clause_start
    end = clause.end if clause.clause_end is None else clause.clause_end
    unsure = clause.review == Review.UNREVIEWED and clause.confidence < limit
    doubtful = city_plan and (unsure or bool(clause.unresolved) or names_areas_missing(clause))
    notes = _notes(clause.fields)
    return Card(
        f"c{clause.pk}",
        "clause",
        clause,
        start,
        end,
        clause.confidence,
        clause.review,
        doubtful,
        notes,
        who_line(clause),
    )


def _notes(fields: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the reader had to assume, each with the value that it is about, once."""
    noted = {(_read_value(str(f["value"])), note_text(f["note"])): f["start"] for f in fields if f.get("note")}
    return [{"value": value, "note": note, "start": start} for (value, note), start in noted.items()]


def _read_value(value: str) -> str:
    """Write the comparison of a number as people read it."""
    for comparator, written in SIGNS.items():
        value = value.replace(f" {comparator} ", f" {written} ")
    return value


def chosen(cards: list[Card], wanted: Wanted) -> list[Card]:
    """Return the cards that the filter shows, in its order."""
    shown = [c for c in cards if _shows(c, wanted.show)]
    if wanted.order == "text":
        return shown
    return sorted(shown, key=lambda c: (not c.doubtful, not c.unreviewed, c.confidence, c.start))


def _shows(card: Card, show: str) -> bool:
    if show == "doubtful":
        return card.doubtful
    return show != "unreviewed" or card.unreviewed


def counts(cards: list[Card]) -> dict[str, int]:
    return {show: sum(_shows(c, show) for c in cards) for show in SHOWS}


def progress(version: DocumentVersion, cards: list[Card], person: User) -> Progress:
    """Return how far the review is, for this person (whose last act can be undone)."""
    done = sum(not card.unreviewed for card in cards)
    last = undoable(person, version)
    open_ = doubts(version)
    said = [{"message": warning_text(w, version.text), "start": w["start"]} for w in version.warnings]
    return Progress(
        len(cards), done, counts(cards), open_, said, str(badge("review_act", last.verb).label) if last else ""
    )
