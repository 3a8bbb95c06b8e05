"""What the reader hands over: a plan as plain frozen dataclasses, every part with its place in the source.

All `start`/`end` are code-point offsets into `SourceText.text`, end exclusive. Every list of values has
beside it `fields`: one `Field` per value with its own span, a confidence between 0 and 1 and, where the
reader had to assume something, a note that says what. The review page shows those, doubtful ones first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Areas = Literal["all", "some", "named"]
AreaMode = Literal["clause", "named", "others"]
Nature = Literal["binding", "striving", "task"]
Comparator = Literal[">=", "<=", "=", ">", "<", "range"]
TargetRole = Literal["target", "criterion"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One extracted value. `name` is the key that it belongs to, for example "lead" or "deadline"."""

    name: str
    value: str
    start: int
    end: int
    confidence: float
    note: str = ""

    def to_json(self) -> Json:
        data: Json = {
            "name": self.name,
            "value": self.value,
            "start": self.start,
            "end": self.end,
            "confidence": round(self.confidence, 2),
        }
        return data | ({"note": self.note} if self.note else {})


@dataclass(frozen=True, slots=True)
class ReadingWarning:
    """Something the reader was unsure of: where, what, and how to mend it."""

    code: str
    message: str
    start: int
    end: int
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.code} @{self.start}-{self.end}: {self.message}" + (f" → {self.hint}" if self.hint else "")

    def to_json(self) -> Json:
        return {"code": self.code, "message": self.message, "start": self.start, "end": self.end, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class Target:
    """A number with a direction: `object` `comparator` `value` `unit`, for example 运输比例 >= 80 %.

    role "target": the measure must reach it. role "criterion": it says whom the measure concerns
    (boilers of 10 t/h and below). `change` tells a rise or fall from a level, `basis` the year compared with,
    `upper` the upper end where `comparator` is "range". `derived`: the text has no number, 全覆盖 was read as 100 %.
    """

    value: float
    unit: str
    comparator: Comparator
    object: str
    role: TargetRole
    start: int
    end: int
    confidence: float
    change: Literal["", "increase", "decrease"] = ""
    basis: str = ""
    upper: float | None = None
    note: str = ""
    derived: bool = False

    def to_json(self) -> Json:
        data: Json = {
            "value": int(self.value) if float(self.value).is_integer() else self.value,
            "unit": self.unit,
            "comparator": self.comparator,
            "object": self.object,
            "role": self.role,
            "start": self.start,
            "end": self.end,
            "confidence": round(self.confidence, 2),
        }
        extras = {
            "change": self.change,
            "basis": self.basis,
            "upper": self.upper,
            "note": self.note,
            "derived": self.derived,
        }
        return data | {key: value for key, value in extras.items() if value}


@dataclass(frozen=True, slots=True)
class Citation:
    """A document named in 《》, with the number printed behind it if there is one."""

    title: str
    number: str | None
    start: int
    end: int

    def to_json(self) -> Json:
        return {"title": self.title, "number": self.number, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in which a measure holds (10月1日至次年3月31日), as ISO dates."""

    begin: str
    finish: str
    start: int
    end: int

    def to_json(self) -> Json:
        return {"begin": self.begin, "finish": self.finish, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class MeasureAreas:
    """Which of the clause's areas a single measure concerns, by its subject.

    "clause": all that the clause makes responsible (`names` is empty). "named": exactly `names`, which need not
    be the clause's own. "others" (其他县): `names` are the clause's areas less those that earlier measures of the
    clause named; "*" among them stands for all the rest. `start`..`end` is the subject, empty where there is none.
    """

    mode: AreaMode = "clause"
    names: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    confidence: float = 0.9

    def to_json(self) -> Json:
        return {
            "mode": self.mode,
            "names": list(self.names),
            "start": self.start,
            "end": self.end,
            "confidence": round(self.confidence, 2),
        }


@dataclass(frozen=True, slots=True)
class Measure:
    """The smallest duty that can be checked on its own. `derived_targets`: targets in words (全覆盖), no number in the text."""

    text: str
    start: int
    end: int
    nature: Nature
    confidence: float
    deadlines: tuple[str, ...] = ()
    recurrence: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    enterprises: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    cites: tuple[Citation, ...] = ()
    periods: tuple[Period, ...] = ()
    areas: MeasureAreas = MeasureAreas()
    derived_targets: tuple[Target, ...] = ()
    fields: tuple[Field, ...] = ()

    def to_json(self) -> Json:
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "deadlines": list(self.deadlines),
            "recurrence": list(self.recurrence),
            "targets": [target.to_json() for target in self.targets],
            "enterprises": list(self.enterprises),
            "nature": self.nature,
            "confidence": round(self.confidence, 2),
            "places": list(self.places),
            "cites": [cite.to_json() for cite in self.cites],
            "periods": [period.to_json() for period in self.periods],
            "areas": self.areas.to_json(),
            "derived_targets": [target.to_json() for target in self.derived_targets],
            "fields": [item.to_json() for item in self.fields],
        }


@dataclass(frozen=True, slots=True)
class Group:
    """A responsibility clause and the measures that it covers.

    `start`..`end` runs from the first covered character to the end of the clause; `text_end` ends the covered
    text. `clause_start` == `clause_end` where no clause stands in the text (duties inherited or missing).
    `areas`: "all" (各县), "some" (相关县: to be named by a person), "named" (exactly `implement`, maybe none).
    """

    start: int
    end: int
    text_end: int
    clause_start: int
    clause_end: int
    lead: tuple[str, ...] = ()
    cooperate: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    implement: tuple[str, ...] = ()
    areas: Areas = "named"
    excluded: tuple[str, ...] = ()
    supervise: tuple[str, ...] = ()
    leaders: tuple[str, ...] = ()
    inherited: bool = False
    open_ended: bool = False
    measures: tuple[Measure, ...] = ()
    confidence: float = 1.0
    fields: tuple[Field, ...] = ()

    def to_json(self) -> Json:
        return {
            "start": self.start,
            "end": self.end,
            "text_end": self.text_end,
            "clause_start": self.clause_start,
            "clause_end": self.clause_end,
            "lead": list(self.lead),
            "cooperate": list(self.cooperate),
            "each": list(self.each),
            "implement": list(self.implement),
            "areas": self.areas,
            "excluded": list(self.excluded),
            "supervise": list(self.supervise),
            "leaders": list(self.leaders),
            "inherited": self.inherited,
            "open_ended": self.open_ended,
            "measures": [measure.to_json() for measure in self.measures],
            "confidence": round(self.confidence, 2),
            "fields": [item.to_json() for item in self.fields],
        }


@dataclass(frozen=True, slots=True)
class Task:
    """A numbered task of the plan. `number` is as printed without punctuation; `section` the heading above it."""

    number: str
    title: str
    section: str
    start: int
    end: int
    title_start: int
    title_end: int
    groups: tuple[Group, ...] = ()
    kind: Literal["text", "table"] = "text"
    confidence: float = 1.0
    fields: tuple[Field, ...] = ()

    def to_json(self) -> Json:
        return {
            "number": self.number,
            "title": self.title,
            "section": self.section,
            "start": self.start,
            "end": self.end,
            "title_start": self.title_start,
            "title_end": self.title_end,
            "kind": self.kind,
            "confidence": round(self.confidence, 2),
            "groups": [group.to_json() for group in self.groups],
            "fields": [item.to_json() for item in self.fields],
        }


@dataclass(frozen=True, slots=True)
class Section:
    """A heading that is no task, with the text under it (aims, safeguards, chapters of tasks)."""

    number: str
    title: str
    level: int
    start: int
    end: int
    kind: Literal["aims", "safeguards", "tasks", "other"] = "other"

    def to_json(self) -> Json:
        return {
            "number": self.number,
            "title": self.title,
            "level": self.level,
            "start": self.start,
            "end": self.end,
            "kind": self.kind,
        }


@dataclass(frozen=True, slots=True)
class ParsedPlan:
    """A plan as read. Immutable; `to_json()` gives the shape that `lantian plan parse --json` prints."""

    title: str
    number: str | None
    issuer: str | None
    date: str | None
    tasks: tuple[Task, ...] = ()
    warnings: tuple[ReadingWarning, ...] = ()
    sections: tuple[Section, ...] = ()
    goals: tuple[Measure, ...] = ()
    notice: str | None = None
    fields: tuple[Field, ...] = ()
    source_name: str = ""
    text_sha256: str = field(default="")
    text_length: int = 0

    def to_json(self) -> Json:
        return {
            "title": self.title,
            "number": self.number,
            "issuer": self.issuer,
            "date": self.date,
            "tasks": [task.to_json() for task in self.tasks],
            "warnings": [str(warning) for warning in self.warnings],
            "warning_details": [warning.to_json() for warning in self.warnings],
            "sections": [section.to_json() for section in self.sections],
            "goals": [goal.to_json() for goal in self.goals],
            "notice": self.notice,
            "fields": [item.to_json() for item in self.fields],
            "source_name": self.source_name,
            "text_sha256": self.text_sha256,
            "text_length": self.text_length,
        }
