"""Builders of small, invented data for tests: a city (青川市, not a real one) with people of every role, and a plan."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from lantian.city.models import Agency, LoadedPack, Membership, Place, User
from lantian.plan.models import (
    Assignment,
    Clause,
    ClauseAgency,
    ClauseArea,
    Document,
    DocumentVersion,
    Measure,
    MeasureTarget,
    Task,
)
from lantian.records.models import StoredFile

PASSWORD = "correct-horse-battery"
# What `plain()` makes of a pack's calendar: rounds open on the 1st, are due on the 25th, publicity lasts 5 working days.
CALENDAR: dict[str, Any] = {
    "heating_seasons": [
        {"start": [11, 1], "end": [3, 31], "since": None, "until": None, "source": "test", "confidence": "R-H"}
    ],
    "dispatch": {"opens": 1, "due": 25, "circular": 28, "source": "test", "confidence": "R-H"},
    "publicity": {"days": 5, "working_days": True, "source": "test", "confidence": "R-H"},
    "weekend": [6, 7],
    "local_days": [],
}
TEXT = (
    "一、重点任务\n1. 整治燃煤锅炉。2020年9月底前，淘汰每小时10蒸吨及以下燃煤锅炉。燃气锅炉低氮改造率达到90%以上。"
    "（市生态环境局牵头，市市场监管局配合，各县人民政府负责落实）\n2. 控制扬尘。每月开展道路清扫检查。（各县人民政府负责落实）\n"
)


@dataclass
class City:
    """What `make_city` made, by short names."""

    city: Place
    areas: list[Place]
    towns: list[Place]
    agencies: dict[str, Agency]
    people: dict[str, User] = field(default_factory=dict)


def make_user(username: str, role: str | None = None, **membership: Any) -> User:
    """Make a user with the password PASSWORD and, if a role is given, a membership since 2000-01-01."""
    user = User.objects.create_user(username=username, password=PASSWORD, display_name=username)
    if role:
        Membership.objects.create(user=user, role=role, since=dt.date(2000, 1, 1), **membership)
    return user


def make_city(counties: int = 3) -> City:
    """Make a city with counties, a zone, two towns, four agencies and a person of every role.

    People: office, office2, dept (生态环境局), dept2 (市场监管局), county (area 0), county2 (area 1), town (town 0),
    enterprise (青川砖厂), inspector, public, admin, nobody (no role).
    """
    LoadedPack.objects.create(
        slug="qingchuan", name="青川市", name_en="Qingchuan", pack_version="1", sha256="0" * 64, loaded_at=timezone.now(),
        calendar=CALENDAR | {"heating_season": {"start": "11-01", "end": "03-31"}, "publicity_days": 5, "dispatch_due_day": 25},
        thresholds={"due_soon_days": 30, "freshness_days": 35},
    )  # fmt: skip
    city = Place.objects.create(code="990000", kind="city", name="青川市", name_en="Qingchuan")
    areas = [
        Place.objects.create(
            code=f"9900{n:02}", kind="county", name=f"{'甲乙丙丁戊己庚辛壬癸'[n - 1]}县", name_en=f"County {n}",
            parent=city, position=n,
        )
        for n in range(1, counties + 1)
    ]  # fmt: skip
    areas.append(
        Place.objects.create(
            code="990090", kind="zone", name="青川经济开发区", name_en="Zone", parent=city, position=90
        )
    )
    towns = [
        Place.objects.create(code=f"99000100{n}", kind="town", name=f"第{n}镇", parent=areas[0], position=n)
        for n in (1, 2)
    ]
    names = {
        "生态环境局": "Ecology Bureau",
        "市场监管局": "Market Bureau",
        "能源局": "Energy Bureau",
        "气象局": "Met Bureau",
    }
    agencies = {
        short: Agency.objects.create(short=short, full_name=f"青川市{short}", name_en=en, position=at)
        for at, (short, en) in enumerate(names.items())
    }
    people = {
        "office": make_user("office", "office"),
        "office2": make_user("office2", "office"),
        "dept": make_user("dept", "department", agency=agencies["生态环境局"]),
        "dept2": make_user("dept2", "department", agency=agencies["市场监管局"]),
        "county": make_user("county", "county", place=areas[0]),
        "county2": make_user("county2", "county", place=areas[1]),
        "town": make_user("town", "town", place=towns[0]),
        "enterprise": make_user("enterprise", "enterprise", enterprise="青川砖厂", place=areas[0]),
        "inspector": make_user("inspector", "inspector"),
        "public": make_user("public", "public"),
        "admin": make_user("admin", "admin"),
        "nobody": make_user("nobody"),
    }
    return City(city, areas, towns, agencies, people)


def make_version(city: City, *, text: str = TEXT, state: str = "adopted", kind: str = "city_plan") -> DocumentVersion:
    """Make a document with one version of `text` and no tasks."""
    now = timezone.now()
    digest = hashlib.sha256(text.encode()).hexdigest()
    file, _ = StoredFile.objects.get_or_create(
        sha256=digest, defaults={"size": len(text.encode()), "mime": "text/plain", "stored_at": now}
    )
    document = Document.objects.create(title="青川市2020年蓝天计划", place=city.city, created_at=now, kind=kind)
    adopted = {"adopted_at": now, "adopted_by": city.people["office"]} if state == "adopted" else {}
    return DocumentVersion.objects.create(
        document=document, ordinal=1, state=state, file=file, file_name="plan.txt", text=text, text_sha256=digest,
        reader_version="test", parsed={}, title=document.title, imported_by=city.people["office"], imported_at=now,
        period_from=dt.date(2020, 1, 1), period_to=dt.date(2020, 12, 31), **adopted,
    )  # fmt: skip


def make_plan(city: City, *, state: str = "adopted") -> DocumentVersion:
    """Make a small plan: task 1 (led by 生态环境局; two measures, one with a deadline and two numbers), task 2 (no lead)."""
    version = make_version(city, state=state)
    text = version.text

    def span(part: str) -> tuple[int, int]:
        at = text.index(part)
        return at, at + len(part)

    def measure(clause: Clause, position: int, part: str, **values: Any) -> Measure:
        start, end = span(part)
        code = f"{clause.task.number}-{clause.position}-{position}"
        return Measure.objects.create(
            clause=clause, position=position, code=code, text=part, start=start, end=end, confidence=0.9, **values
        )

    for at, (title, areas_mode) in enumerate([("整治燃煤锅炉", "all"), ("控制扬尘", "all")], start=1):
        start, end = span(text.splitlines()[at])
        task = Task.objects.create(
            version=version, position=at, number=str(at), title=title, section="重点任务", start=start, end=end
        )
        clause = Clause.objects.create(task=task, position=1, start=start, end=end, areas=areas_mode)
        for place in city.areas:
            ClauseArea.objects.create(clause=clause, place=place)
        if at == 1:
            ClauseAgency.objects.create(clause=clause, agency=city.agencies["生态环境局"], role="lead")
            ClauseAgency.objects.create(clause=clause, agency=city.agencies["市场监管局"], role="cooperate")
            first = measure(
                clause, 1, "2020年9月底前，淘汰每小时10蒸吨及以下燃煤锅炉。", deadlines=["2020-09-30"], nature="binding"
            )
            MeasureTarget.objects.create(
                measure=first, position=1, role="criterion", comparator="<=", value=10, unit="t/h", object="燃煤锅炉"
            )
            second = measure(clause, 2, "燃气锅炉低氮改造率达到90%以上。", nature="binding")
            MeasureTarget.objects.create(
                measure=second, position=1, comparator=">=", value=90, unit="%", object="燃气锅炉低氮改造率"
            )
        else:
            measure(clause, 1, "每月开展道路清扫检查。", recurrence=["monthly"])
    return version


def make_assignment(measure: Measure, place: Place, **values: Any) -> Assignment:
    """Make one assignment of an area, in state not_started, due 2020-09-30 unless said otherwise."""
    now = timezone.now()
    defaults = {
        "holder": "area", "place": place, "area": place, "holder_key": f"place:{place.code}",
        "deadline": dt.date(2020, 9, 30), "deadline_basis": "text", "state_since": now, "created_at": now,
    }  # fmt: skip
    return Assignment.objects.create(measure=measure, **{**defaults, **values})


def make_ledger(city: City) -> DocumentVersion:
    """Make the small plan with an assignment for every area of every measure."""
    version = make_plan(city)
    for measure in Measure.objects.filter(clause__task__version=version):
        for place in city.areas:
            make_assignment(measure, place)
    return version


def make_measure_copy(old: Measure, version: DocumentVersion, **values: Any) -> Measure:
    """Make a measure of another version that carries an old one over, with its own task, clause, areas and agencies."""
    task = Task.objects.create(
        version=version, position=1, number="1", title=old.clause.task.title, start=old.clause.start, end=old.clause.end
    )
    clause = Clause.objects.create(
        task=task, position=1, start=old.clause.start, end=old.clause.end, areas=old.clause.areas
    )
    for link in old.clause.area_links.all():
        ClauseArea.objects.create(clause=clause, place=link.place)
    for link in old.clause.agencies.all():
        ClauseAgency.objects.create(clause=clause, agency=link.agency, role=link.role)
    return Measure.objects.create(
        clause=clause, position=1, code="1-1-1", text=old.text, start=old.start, end=old.end, carried_from=old, **values
    )
