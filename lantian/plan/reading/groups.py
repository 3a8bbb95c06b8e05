"""From clauses to groups: who has which role, for which text, and what later groups inherit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.agencies import is_generic
from lantian.plan.reading.areas import expand
from lantian.plan.reading.clauses import Actor, Assigned, Clause, read_actor
from lantian.plan.reading.clean import Document
from lantian.plan.reading.finding import Found
from lantian.plan.reading.model import Areas, Field, Group, ReadingWarning
from lantian.plan.reading.outline import Node
from lantian.plan.reading.roles import SEPARATOR

_SECTION_RANK = 10
_NOTES = {
    "zones": "zones in general: all of the pack's",
    "some": "相关…: a person must say which areas",
    "generic": "a person must say which departments",
}


@dataclass(slots=True)
class Roles:
    """The actors of a group sorted by role, names once each, with a field for each place in the text."""

    lead: list[str] = field(default_factory=list)
    cooperate: list[str] = field(default_factory=list)
    each: list[str] = field(default_factory=list)
    supervise: list[str] = field(default_factory=list)
    leaders: list[str] = field(default_factory=list)
    implement: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    modes: set[Areas] = field(default_factory=set)
    fields: list[Field] = field(default_factory=list)
    inherited: bool = False

    @property
    def areas(self) -> Areas:
        """all before some before named: 各县 and a zone is still all."""
        return next((mode for mode in ("all", "some") if mode in self.modes), "named")

    def is_empty(self) -> bool:
        return not (self.lead or self.cooperate or self.each or self.implement or self.modes)


@dataclass(frozen=True, slots=True)
class Inheritance:
    """以下各项均由…落实: from where to where (clean offsets) which actors hold."""

    begin: int
    end: int
    actors: tuple[Actor, ...]


class RoleReader:
    """Turns assigned actors into names and fields of one document."""

    def __init__(self, document: Document, gazetteer: Gazetteer, warnings: list[ReadingWarning]) -> None:
        self.document, self.gazetteer, self.warnings = document, gazetteer, warnings

    def roles(self, clause: Clause) -> Roles:
        roles = Roles()
        for item in clause.assigned:
            if item.actor.phrase is not None:
                self._area(item, roles, sure=min(0.95, clause.confidence()))
            else:
                self._agency(item, roles, sure=min(0.97, clause.confidence()))
        return roles

    def inherit(self, roles: Roles, source: Inheritance) -> None:
        """Add what a general clause hands down, if the group names no areas of its own."""
        if roles.implement or roles.modes:
            return
        for actor in source.actors:
            item = Assigned("do", actor, "handed down by a general clause")
            if actor.phrase is not None:
                self._area(item, roles, sure=0.85)
            else:
                self._agency(item, roles, sure=0.8)
            roles.inherited = True

    def _agency(self, item: Assigned, roles: Roles, sure: float) -> None:
        name = {"do": "each", "implement": "each", "leader": "leaders", "deadline": "each"}.get(item.role, item.role)
        holders: list[str] = getattr(roles, name)
        if item.actor.short and item.actor.short not in holders:
            holders.append(item.actor.short)
        confidence = sure if item.actor.known or name == "leaders" else min(sure, 0.75)
        note = item.note or (
            "" if item.actor.known or name == "leaders" else "not in the list of agencies; name as it stands"
        )
        if is_generic(item.actor.short):
            confidence, note = min(confidence, 0.6), _NOTES["generic"]
        if item.note:
            confidence = min(confidence, 0.65)
        roles.fields.append(self._field(name, item.actor.short, item.actor, confidence, note))

    def _area(self, item: Assigned, roles: Roles, sure: float) -> None:
        phrase = item.actor.phrase
        assert phrase is not None
        written = self.document.view[item.actor.begin : item.actor.end]
        names = expand(phrase, written, self.gazetteer)
        for name in names:
            if name not in roles.implement:
                roles.implement.append(name)
        roles.excluded.extend(name for name in phrase.excluded if name not in roles.excluded)
        roles.modes.add(phrase.mode)
        note = item.note
        if phrase.mode == "some":
            sure, note = min(sure, 0.6), _NOTES["some"]
            self._warn_some(item.actor)
        elif phrase.zones:
            sure, note = min(sure, 0.75), _NOTES["zones"]
        elif phrase.mode == "named" and self.gazetteer.areas and not self.gazetteer.area(phrase.names[0]):
            sure, note = min(sure, 0.6), "not in the list of areas; name as it stands"
        if item.role in ("lead", "cooperate") and not note:
            note = f"named as {item.role}"
        value = "、".join(names) if phrase.mode != "some" else written
        roles.fields.append(self._field("implement", value, item.actor, sure, note))

    def _warn_some(self, actor: Actor) -> None:
        start, end = self.document.source_span(actor.begin, actor.end)
        written = self.document.text[actor.begin : actor.end]
        self.warnings.append(
            ReadingWarning(
                "areas-to-name", f"“{written}” does not say which areas", start, end, "name them on the review page"
            )
        )

    def _field(self, name: str, value: str, actor: Actor, confidence: float, note: str) -> Field:
        return Field(name, value, *self.document.source_span(actor.begin, actor.end), confidence, note)


def build_group(roles: Roles, clause: Clause | None, document: Document, begin: int, text_end: int) -> Group:
    """A group without measures. Without a clause the clause span is empty and stands at the text's end."""
    start, finish = document.source_span(begin, text_end)
    if clause is None:
        clause_start = clause_end = finish
        sure = 0.5 if roles.is_empty() else 0.75
    else:
        clause_start, clause_end = document.source_span(clause.begin, clause.end)
        sure = clause.confidence()
        if finish <= start:
            start = finish = clause_start
    return Group(
        start=min(start, clause_start),
        end=max(finish, clause_end),
        text_end=max(start, finish),
        clause_start=clause_start,
        clause_end=clause_end,
        lead=tuple(roles.lead),
        cooperate=tuple(roles.cooperate),
        each=tuple(roles.each),
        implement=tuple(roles.implement),
        areas=roles.areas,
        excluded=tuple(roles.excluded),
        supervise=tuple(roles.supervise),
        leaders=tuple(roles.leaders),
        inherited=roles.inherited,
        open_ended=bool(clause and clause.open_ended),
        confidence=min([sure, *(item.confidence + 0.2 for item in roles.fields)]),
        fields=tuple(roles.fields),
    )


def merge(first: Clause, second: Clause) -> None:
    """Two brackets side by side are one clause: （市甲局牵头）（各县负责落实）."""
    first.assigned.extend(second.assigned)
    first.deadline_spans.extend(second.deadline_spans)
    first.directives.extend(second.directives)
    first.open_ended |= second.open_ended
    first.has_role_word |= second.has_role_word
    first.unread.extend(second.unread)
    first.end = second.end


def inheritances(found: Found, document: Document, gazetteer: Gazetteer, root: Node) -> Iterator[Inheritance]:
    """What general clauses hand down, and for which stretch of the text."""
    for clause in (*found.clauses, *found.general):
        for begin, end, reach in clause.directives:
            actors = tuple(_actors(document.view, begin, end, gazetteer))
            if not actors:
                actors = tuple(item.actor for item in clause.assigned if item.actor.phrase is not None)
            if actors:
                yield Inheritance(*_reach(clause, reach, root, len(document.view)), actors)


def _reach(clause: Clause, reach: str, root: Node, length: int) -> tuple[int, int]:
    """以上 and 本节 stay in their section; 各项 is everywhere; 以下 runs to the end of the section whose head says it,
    or, said in a task's clause, to the end of the plan."""
    holder = _holder(root, clause.begin)
    section = next(
        (node for node in (holder, *holder.ancestors()) if node.children or node.rank <= _SECTION_RANK), root
    )
    bounds = (section.begin, section.end) if section.rank >= 0 else (0, length)
    # Duties end where the chapter of safeguards begins.
    last = next(
        (node.begin for node in root.children if node.begin > clause.begin and node.kind == "safeguards"), length
    )
    if reach.startswith(("以上", "上述")):
        return bounds[0], clause.end
    if reach.startswith("本"):
        return bounds
    if reach.startswith(("各项", "所有")):
        return 0, last
    return clause.begin, bounds[1] if holder.children and holder.rank >= 0 else last


def _holder(root: Node, position: int) -> Node:
    """The deepest heading whose stretch holds a position."""
    node = root
    while True:
        inner = next((child for child in node.children if child.begin <= position < child.end), None)
        if inner is None:
            return node
        node = inner


def _actors(view: str, begin: int, end: int, gazetteer: Gazetteer) -> Iterator[Actor]:
    position = begin
    while position < end:
        separator = SEPARATOR.match(view, position, end)
        if separator:
            position = separator.end()
            continue
        actor = read_actor(view, position, end, gazetteer)
        if actor is None:
            position += 1
        else:
            yield actor
            position = actor.end
