"""From the reader's output (JSON) to rows: tasks, clauses, measures, targets, in bulk. Nothing read is dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lantian.city.gazetteer import Gazetteer
from lantian.city.models import Agency, Place
from lantian.plan.models import (
    Clause,
    ClauseAgency,
    ClauseArea,
    Document,
    DocumentVersion,
    Measure,
    MeasureTarget,
    Task,
)

Json = dict[str, Any]
_ROLES = ("lead", "each", "cooperate")
_EXTRAS = ("inherited", "open_ended", "excluded", "supervise", "leaders")


@dataclass
class Names:
    """Who is meant: the gazetteer's answer, looked up among the rows that the city has."""

    gazetteer: Gazetteer
    agencies: dict[str, Agency]
    places: dict[str, Place]

    @classmethod
    def of_database(cls, gazetteer: Gazetteer) -> Names:
        agencies = {agency.short: agency for agency in Agency.objects.filter(is_active=True)}
        places = {place.name: place for place in Place.objects.areas().defer("boundary")}
        return cls(gazetteer, agencies, places)

    def agency(self, name: str) -> Agency | None:
        return self.agencies.get(name) or self.agencies.get(self.gazetteer.agency(name) or "")

    def place(self, name: str) -> Place | None:
        found = self.gazetteer.area(name)
        return self.places.get(name) or (self.places.get(found.name) if found else None)

    def all_areas(self) -> list[Place]:
        names = self.gazetteer.all_areas
        return [self.places[name] for name in names if name in self.places] or list(self.places.values())


@dataclass
class Holders:
    """Who answers for a clause: rows where known, names as written where not."""

    agencies: list[tuple[Agency, str]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    unresolved: list[Json] = field(default_factory=list)
    written: dict[str, list[str]] = field(default_factory=dict)


def store_reading(version: DocumentVersion, parsed: Json, names: Names) -> None:
    """Write the rows of a text that was read. A name that nobody is known by stays in the clause's `unresolved`.

    A county's own departments and towns carry the names of the city's; they stay as written.
    """
    city_plan = version.document.kind == Document.Kind.CITY_PLAN
    tasks = Task.objects.bulk_create(_task(version, at, task) for at, task in enumerate(parsed["tasks"], 1))
    labels = labels_of(tasks)
    clauses: list[Clause] = []
    holders: list[Holders] = []
    measures: list[tuple[Clause, list[Json], str]] = []
    for task, read in zip(tasks, parsed["tasks"], strict=True):
        for at, group in enumerate(read["groups"], 1):
            who = _holders(group, names) if city_plan else Holders(written=_written(group))
            clause = _clause(task, at, group, who)
            clauses.append(clause)
            holders.append(who)
            measures.append((clause, group["measures"], f"{labels[task.pk]}-{at}"))
    Clause.objects.bulk_create(clauses)
    _store_holders(clauses, holders)
    store_measures(measures, names, version.text)


def labels_of(tasks: Iterable[Task]) -> dict[int, str]:
    """Return the task's part of its measures' codes: its number, or its position where numbers start anew."""
    listed = list(tasks)
    counted = Counter(task.number for task in listed)
    return {t.pk: t.number if t.number and counted[t.number] == 1 else f"#{t.position}" for t in listed}


def _task(version: DocumentVersion, position: int, read: Json) -> Task:
    return Task(
        version=version, position=position, number=str(read.get("number") or position)[:20],
        title=read["title"][:300], section=(read.get("section") or "")[:300], start=read["start"], end=read["end"],
    )  # fmt: skip


def _clause(task: Task, position: int, group: Json, who: Holders) -> Clause:
    extras = {key: group[key] for key in _EXTRAS if group.get(key)}
    if any(who.written.values()):
        extras["written_roles"] = who.written
    return Clause(
        task=task, position=position, start=group["start"], end=group["end"],
        clause_start=group.get("clause_start"), clause_end=group.get("clause_end"), areas=group["areas"],
        implement_text=group["implement"], unresolved=who.unresolved, extras=extras,
        fields=group.get("fields", []), confidence=group.get("confidence", 1),
    )  # fmt: skip


def _written(group: Json) -> dict[str, list[str]]:
    return {role: list(group[role]) for role in _ROLES if group[role]}


def _holders(group: Json, names: Names) -> Holders:
    who = Holders()
    taken: set[int] = set()
    for role in _ROLES:
        for name in group[role]:
            agency = names.agency(name)
            if agency is None:
                who.unresolved.append(_unknown(group, "agency", role, name))
            elif agency.pk not in taken:
                taken.add(agency.pk)
                who.agencies.append((agency, role))
    _add_areas(who, group, names, taken)
    return who


def _add_areas(who: Holders, group: Json, names: Names, taken: set[int]) -> None:
    """Areas that carry a clause out. An agency that does ("由供电公司负责落实") answers for it by its own duty."""
    for name in group["implement"]:
        place = names.place(name)
        agency = None if place else names.agency(name)
        if name == "*":
            who.places += [p for p in names.all_areas() if p not in who.places]
        elif place is not None:
            who.places += [] if place in who.places else [place]
        elif agency is None:
            who.unresolved.append(_unknown(group, "area", "implement", name))
        elif agency.pk not in taken:
            taken.add(agency.pk)
            who.agencies.append((agency, ClauseAgency.Role.EACH))


def _unknown(group: Json, kind: str, role: str, name: str) -> Json:
    spans = (f for f in group.get("fields", []) if f["name"] == role and f["value"] == name)
    span = next(spans, {"start": group.get("clause_start"), "end": group.get("clause_end")})
    return {"kind": kind, "role": role, "name": name, "start": span["start"], "end": span["end"]}


def _store_holders(clauses: list[Clause], holders: list[Holders]) -> None:
    agencies, areas = [], []
    for clause, who in zip(clauses, holders, strict=True):
        agencies += [
            ClauseAgency(clause=clause, agency=agency, role=role, position=at)
            for at, (agency, role) in enumerate(who.agencies)
        ]
        areas += [ClauseArea(clause=clause, place=place) for place in who.places]
    ClauseAgency.objects.bulk_create(agencies)
    ClauseArea.objects.bulk_create(areas)


def store_measures(read: list[tuple[Clause, list[Json], str]], names: Names, text: str) -> None:
    """Write measures with their numbers: (clause, measures as the reader gives them, "task-clause" of their codes)."""
    rows: list[tuple[Measure, Json]] = []
    for clause, measures, label in read:
        for at, measure in enumerate(measures, 1):
            row = _measure(clause, at, f"{label}-{at}", measure)
            row.concerns = _concerns(measure, names)
            rows.append((row, measure))
    Measure.objects.bulk_create(row for row, _ in rows)
    MeasureTarget.objects.bulk_create(
        make_target(row, at, target)
        for row, measure in rows
        for at, target in enumerate([*measure["targets"], *_derived(measure, text)], 1)
    )


def _derived(measure: Json, text: str) -> list[Json]:
    """Return the numbers that the reader took from words (全覆盖), each with the words: a person has to see both."""
    return [
        target | {"derived_from": "".join(text[target["start"] : target["end"]].split())}
        for target in measure.get("derived_targets", [])
    ]


def _measure(clause: Clause, position: int, code: str, read: Json) -> Measure:
    return Measure(
        clause=clause, position=position, code=code[:30], text=read["text"], start=read["start"], end=read["end"],
        nature=read["nature"], deadlines=read["deadlines"], recurrence=read["recurrence"],
        enterprises=read["enterprises"], places=read.get("places", []),
        cites=[_cited(cite) for cite in read.get("cites", [])], periods=read.get("periods", []),
        fields=read.get("fields", []), confidence=min(1.0, max(0.0, read["confidence"])),
    )  # fmt: skip


def _concerns(read: Json, names: Names) -> list[str]:
    """Return the areas that the measure's subject names; empty where it concerns all of the clause."""
    areas = read.get("areas") or {}
    if areas.get("mode") not in {"named", "others"} or "*" in areas["names"]:
        return []
    places = [names.place(name) for name in areas["names"]]
    return [place.name for place in places if place] if all(places) else []


def _cited(cite: Json | str) -> str:
    if isinstance(cite, str):
        return cite
    title = cite["title"] if cite["title"].startswith("《") else f"《{cite['title']}》"
    return f"{title}（{cite['number']}）" if cite.get("number") else title


def make_target(measure: Measure | None, position: int, read: Json) -> MeasureTarget:
    """Return an unsaved row of a number as the reader (or a reviewer's snapshot) gives it; an aim's has no measure."""
    upper = read.get("upper")
    return MeasureTarget(
        measure=measure, position=position, role=read.get("role", "target"), comparator=read["comparator"],
        value=_decimal(read["value"]), upper=None if upper is None else _decimal(upper),
        unit=(read.get("unit") or "")[:30], object=(read.get("object") or "")[:200],
        change=read.get("change") or "", basis=(read.get("basis") or "")[:30],
        start=read.get("start"), end=read.get("end"), confidence=read.get("confidence", 1),
        derived_from=(read.get("derived_from") or "")[:40],
    )  # fmt: skip


def _decimal(value: object) -> Decimal:
    return round(Decimal(str(value)), 6)
