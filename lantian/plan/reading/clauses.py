"""Responsibility clauses: find them in the text and read who has which role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.agencies import AgencyPhrase, is_generic, match_agency
from lantian.plan.reading.areas import BOUNDARY, AreaPhrase, match_areas
from lantian.plan.reading.roles import (
    AND_OTHERS,
    DIRECTIVE,
    FIRST_LEADS,
    LABEL_START,
    LABELS,
    ROLE_WORDS,
    SEPARATOR,
    TOGETHER,
    VETO,
    Role,
)

_WORD_END = re.compile(r"[、，；。,;：\s（）]|牵头|负责|配合|参与|落实|协助|按职责|会同|等")
_LABEL_VALUE_END = re.compile(r"[；。\n]|$")
_PARTED = re.compile(r"[、，；。：（）\s]|" + BOUNDARY)
_ORDINAL = re.compile(r"^(?:第\d|\d+[.、])")
_FILLER = re.compile(
    r"^(?:同时|其中|由|即|主要|分别|共同|由于|以下|各|做好|工作|此项工作|该项工作|此项任务|本项工作|上述工作|市级|县级|区级|市直|全市|全县|其他|其余|均|都)$"
)
_TIME = re.compile(
    r"^(?:20\d{2}年|\d{1,2}月|年底|年内|长期|持续|全年|常年|每月|每季|[采供]暖|第?[一二三四]季度|上半年|下半年|\d+日)"
)
# 承担改造任务的县: 承担 opens a description of areas here and hands out no duty.
_QUALIFIED = re.compile(r"承担[^、，；。：（）]{1,16}的各?[县市区旗乡镇]")
_LONGEST_VALUE = 120
_TOLERATED = 0.3
_LOOSE = 0.1


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody named in a clause, in clean offsets. `phrase` is set for areas, `short` for agencies and persons."""

    begin: int
    end: int
    short: str = ""
    phrase: AreaPhrase | None = None
    known: bool = True


@dataclass(slots=True)
class Assigned:
    role: Role
    actor: Actor
    note: str = ""
    by_label: bool = False


@dataclass(slots=True)
class Clause:
    """A clause as read. `begin`..`end` encloses brackets; the lists keep the order of the text."""

    begin: int
    end: int
    assigned: list[Assigned] = field(default_factory=list)
    deadline_spans: list[tuple[int, int]] = field(default_factory=list)
    directives: list[tuple[int, int, str]] = field(default_factory=list)
    open_ended: bool = False
    unread: list[tuple[int, int]] = field(default_factory=list)
    form: Literal["bracket", "label", "sentence", "table"] = "bracket"
    closed: bool = True
    has_role_word: bool = False
    vetoed: bool = False
    first_leads: Literal["", "here", "on"] = ""
    """排在第一位的为牵头单位: for this clause, or (下同) from here on."""

    @property
    def actors(self) -> list[Actor]:
        return [item.actor for item in self.assigned]

    def unread_share(self) -> float:
        return sum(end - begin for begin, end in self.unread) / max(1, self.end - self.begin)

    def confidence(self) -> float:
        certain = {"bracket": 0.97, "label": 0.95, "table": 0.95, "sentence": 0.7}[self.form]
        certain -= self.unread_share() + (0.1 if not self.closed else 0) + (0 if self.has_role_word else 0.3)
        return max(0.1, certain)


def read_clause(view: str, begin: int, end: int, gazetteer: Gazetteer, column: Role | None = None) -> Clause:
    """Read the inside of a clause (without its brackets). `column`: the role that a table's column gives."""
    return _Reader(view, begin, end, gazetteer, column).read()


def is_clause(clause: Clause, *, stands_at_end: bool) -> bool:
    """Does what was read hang together as a responsibility clause?"""
    if clause.vetoed or not clause.assigned:
        return False
    if clause.has_role_word:
        return clause.unread_share() <= _TOLERATED
    by_name = any(actor.short and actor.known for actor in clause.actors) or len(clause.actors) > 1
    return stands_at_end and by_name and clause.unread_share() <= _LOOSE


class _Reader:
    """One pass from left to right: actors gather until a role word claims them, or a label claims what follows."""

    def __init__(self, view: str, begin: int, end: int, gazetteer: Gazetteer, column: Role | None) -> None:
        self.view, self.begin, self.end, self.gazetteer = view, begin, end, gazetteer
        self.clause = Clause(begin, end)
        self.label: Role | None = column
        self.pending: list[Actor] = []
        self.after_together = False
        if column:
            self.clause.has_role_word = True

    def read(self) -> Clause:
        position = self.begin
        while position < self.end:
            position = self._step(position)
        self._settle()
        _prefer_single_lead(self.clause)
        if self.clause.first_leads:
            let_first_lead(self.clause)
        return self.clause

    def _step(self, position: int) -> int:
        for step in (
            self._first_leads,
            self._directive,
            self._separator,
            self._label,
            self._role_word,
            self._others,
            self._actor,
        ):
            after = step(position)
            if after is not None:
                return after
        return self._unread(position)

    def _separator(self, position: int) -> int | None:
        match = SEPARATOR.match(self.view, position, self.end)
        if not match:
            return None
        if match.group()[0] in "；。\n" and self.label is None and self.pending:
            self._settle()
        return match.end()

    def _first_leads(self, position: int) -> int | None:
        match = FIRST_LEADS.match(self.view, position, self.end)
        if not match:
            return None
        self._settle()
        self.clause.first_leads = "on" if match.group("on") or match.group("on2") else "here"
        return match.end()

    def _directive(self, position: int) -> int | None:
        if position > self.begin and self.view[position - 1] not in "，。；\n（）":
            return None
        match = DIRECTIVE.match(self.view, position, self.end)
        if not match:
            return None
        self._settle()
        self.clause.directives.append((*match.span("who"), match.group("reach") or ""))
        return match.end()

    def _label(self, position: int) -> int | None:
        for role, pattern in LABELS:
            match = pattern.match(self.view, position, self.end)
            if match:
                self._settle()
                self.label, self.clause.has_role_word = role, True
                return self._label_value(match.end()) if role in ("deadline", "leader") else match.end()
        return None

    def _label_value(self, position: int) -> int:
        limit = min(self.end, position + _LONGEST_VALUE)
        match = _LABEL_VALUE_END.search(self.view, position, limit)
        finish = match.start() if match else limit
        for _, pattern in LABELS:
            # 完成时限：年底前，责任单位：…: the next label ends the value although only a comma parts them.
            following = re.compile(f"[，、 ]?(?=(?:{pattern.pattern}))").search(self.view, position, finish)
            if following:
                finish = min(finish, following.start())
        if self.label == "deadline":
            self.clause.deadline_spans.append((position, finish))
        else:
            for name in re.finditer(r"[^、，,\s]+", self.view[position:finish]):
                person = Actor(position + name.start(), position + name.end(), name.group())
                self.clause.assigned.append(Assigned("leader", person))
        self.label = None
        return finish

    def _role_word(self, position: int) -> int | None:
        if not self.pending and _QUALIFIED.match(self.view, position, self.end):
            return None
        if TOGETHER.match(self.view, position, self.end) and self.pending:
            self._assign("lead")
            self.after_together = True
            return position + len(TOGETHER.match(self.view, position, self.end).group())  # type: ignore[union-attr]
        for role, pattern in ROLE_WORDS:
            match = pattern.match(self.view, position, self.end)
            if match and match.end() > position:
                if VETO.match(self.view, match.end(), self.end):
                    self.clause.vetoed = True
                self.clause.has_role_word = True
                self._assign("cooperate" if self.after_together and role != "lead" else role)
                self.after_together = False
                return match.end()
        return None

    def _others(self, position: int) -> int | None:
        match = AND_OTHERS.match(self.view, position, self.end)
        if not match:
            return None
        if "地区" not in match.group():
            self.clause.open_ended = True
        return match.end()

    def _actor(self, position: int) -> int | None:
        actor = read_actor(self.view, position, self.end, self.gazetteer)
        if actor is None:
            return None
        self.pending.append(actor)
        return actor.end

    def _unread(self, position: int) -> int:
        match = _WORD_END.search(self.view, position + 1, self.end)
        finish = match.start() if match else self.end
        word = self.view[position:finish]
        if word == "下同":
            self.clause.directives.append((position, position, "以下"))
            return finish
        if _TIME.match(word):
            self.clause.deadline_spans.append((position, finish))
            return finish
        if VETO.match(word) and self.clause.has_role_word and not self.pending:
            self.clause.vetoed = True
        if not _FILLER.match(word) and word.strip("（）：“” "):
            self.clause.unread.append((position, finish))
        return finish

    def _assign(self, role: Role) -> None:
        self.clause.assigned.extend(Assigned(role, actor) for actor in self.pending)
        self.pending.clear()

    def _settle(self) -> None:
        """Actors that no role word claimed: the label's, or bearers of the duty in their own right."""
        role = self.label or ("cooperate" if self.after_together else "do")
        note = "" if self.label else "no role word; taken as responsible"
        self.clause.assigned.extend(Assigned(role, actor, note, bool(self.label)) for actor in self.pending)
        self.pending.clear()
        self.after_together = False


def read_actor(view: str, begin: int, end: int, gazetteer: Gazetteer) -> Actor | None:
    """The area or agency whose name starts at `begin`."""
    if _ORDINAL.match(view[begin : begin + 4]):
        return None
    areas = match_areas(view, begin, end, gazetteer)
    if areas and areas.mode != "named":
        return Actor(begin, _with_office(view, areas.end, end, gazetteer), phrase=areas)
    agency = match_agency(view, begin, end, gazetteer)
    if areas and (agency is None or not agency.known or areas.end > agency.end):
        return Actor(begin, areas.end, phrase=areas)
    if agency:
        return Actor(begin, agency.end, agency.short, known=agency.known or is_generic(agency.short))
    return None


def _with_office(view: str, position: int, end: int, gazetteer: Gazetteer) -> int:
    """各县（市、区）住建局: the county's office stands for the county, so the phrase takes it in."""
    if position < end and not _PARTED.match(view, position):
        office: AgencyPhrase | None = match_agency(view, position, end, gazetteer)
        if office:
            return office.end
    return position


def _prefer_single_lead(clause: Clause) -> None:
    """甲局负责，乙局参与: where somebody cooperates (areas too) and nobody leads, the plain bearer of the duty leads."""
    departments = [item for item in clause.assigned if not item.actor.phrase]
    roles = {item.role for item in clause.assigned if item.role == "cooperate" or not item.actor.phrase}
    if "cooperate" in roles and "lead" not in roles:
        for item in departments:
            if item.role == "do" or (item.role == "each" and item.by_label):
                item.role, item.note = "lead", "负责 beside 配合: taken as lead"


def let_first_lead(clause: Clause) -> None:
    """Where nobody leads, the first of several departments does."""
    departments = [item for item in clause.assigned if not item.actor.phrase and item.role != "leader"]
    if len(departments) > 1 and all(item.role in ("do", "each") for item in departments):
        departments[0].role, departments[0].note = "lead", "the document says that the first named leads"


def iter_labels(view: str, begin: int, end: int) -> Iterator[re.Match[str]]:
    """Places in a text where a label such as 责任单位： stands at the beginning of a sentence or line."""
    for match in LABEL_START.finditer(view, begin, end):
        if match.start() == 0 or view[match.start() - 1] in "\n。；）（，、. ":
            yield match
