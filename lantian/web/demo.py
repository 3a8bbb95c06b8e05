"""The demonstration: a city, its real plan imported and adopted, logins, and invented months of work that say so.

Made in stages, each of them once; running it again loses nothing and only prints where to go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import transaction
from django.utils import translation

from lantian.city import clock
from lantian.city.demo import DemoLogin, create_demo_people
from lantian.city.models import Place
from lantian.city.pack import CityPack
from lantian.city.services import load_pack_into_database
from lantian.plan.models import Clause, Document, DocumentVersion
from lantian.web import demo_air, demo_list, demo_sources, demo_story
from lantian.web.demo_clock import issue_day, remember


def make_demo(pack: CityPack, address: str) -> Iterator[str]:
    """Make what is not there yet; yield the lines to print (progress, then addresses and logins)."""
    load_pack_into_database(pack)
    logins = create_demo_people(pack)
    issued = issue_day(pack)
    yield from _made(_stages(pack, issued))
    yield from demo_air.make_air(pack)
    yield from demo_sources.make_sources(pack)
    # The circular prints measured air: it comes last.
    yield from _made([("circular", demo_story.circular)])
    yield from _welcome(pack, logins, address)


def _made(stages: Iterable[tuple[str, Callable[[], object]]]) -> Iterator[str]:
    """Make the stages that are not done yet; yield a line for each."""
    for name, stage in stages:
        done = remember(settings.LANTIAN_DATA).get("stages", [])
        if name not in done:
            yield f"making the demonstration: {name} …"
            # All of a stage or nothing of it: a demonstration that was stopped half-way begins that stage again.
            with translation.override("zh-hans"), transaction.atomic():
                stage()
            remember(settings.LANTIAN_DATA, stages=[*done, name])


def _stages(pack: CityPack, issued: dt.date) -> list[tuple[str, Callable[[], object]]]:
    return [
        ("plan", lambda: import_and_adopt(pack, issued + dt.timedelta(days=3))),
        ("work", lambda: demo_story.months_of_work(issued)),
        ("county plans", lambda: import_county_plans(pack)),
        ("values", demo_story.measured_values),
        ("dustfall", demo_story.dustfall),
        ("escalation", demo_story.escalate),
        ("register", lambda: demo_list.load(pack)),
    ]


def import_and_adopt(pack: CityPack, day: dt.date) -> DocumentVersion:
    """Import the pack's plan as the office did on `day`, accept what was read, adopt it."""
    from lantian.plan.services.adoption import adopt
    from lantian.plan.services.documents import import_document
    from lantian.plan.services.review import accept_all
    from lantian.plan.services.review_clauses import accept_clause

    office = demo_story.person("office")
    source = next(d for d in pack.documents if d.kind == "city-plan")
    with clock.travel(day):
        city = Place.objects.get(kind="city")
        version = import_document(office, pack.root / source.file, kind="city_plan", place=city)
        if version.state != DocumentVersion.State.IN_REVIEW:
            return version
        accept_all(office, version, confidence=0.0)
        for clause in Clause.objects.filter(task__version=version, review="unreviewed"):
            accept_clause(office, clause)
        version.refresh_from_db()
        return adopt(office, version)


def import_county_plans(pack: CityPack) -> None:
    """Let counties hand in the implementation plans that the pack invents for them (left in review, as they come)."""
    from lantian.plan.services.documents import import_document

    city_plan = Document.objects.get(kind="city_plan")
    areas = list(Place.objects.areas())
    for source in pack.documents:
        place = next((area for area in areas if source.title_zh.startswith(area.name)), None)
        if source.kind != "county-plan" or place is None:
            continue
        with clock.travel((source.issued or issue_day(pack)) + dt.timedelta(days=1)):
            county = demo_story.person("county", place=place)
            import_document(county, pack.root / source.file, kind="county_plan", place=place, serves=city_plan)


def _welcome(pack: CityPack, logins: list[DemoLogin], address: str) -> Iterator[str]:
    yield ""
    yield f"Lantian · {pack.meta.name_zh} {pack.meta.name_en}"
    yield f"  {address}/            the pages (中文 by default, English on the switch)"
    yield f"  {address}/?wall=1     the wall screen (after logging in)"
    yield f"  {address}/api/v1/docs the HTTP API"
    yield ""
    yield f"  {'user':<14}{'password':<22}{'role':<12}who"
    for login in logins:
        password = login.password or "(as set before)"
        yield f"  {login.username:<14}{password:<22}{login.role:<12}{login.name} {login.name_en}"
    yield ""
    yield "  Everything that these people did is invented, and so are the air and the plants; the plan is the city's own."
    yield "  Stop with Ctrl-C; run again at will."
