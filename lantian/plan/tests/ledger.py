"""What the ledger's tests share: a clock that they set, proofs, and assignments brought into any state by their services."""

from __future__ import annotations

import contextlib
import datetime as dt

from django.utils import timezone

from lantian.city import clock
from lantian.city.models import Place
from lantian.plan import services
from lantian.plan.models import Assignment
from lantian.plan.services import Check
from lantian.records.models import Evidence, StoredFile

START = dt.date(2020, 6, 20)


@contextlib.contextmanager
def calendar_days():
    """Yield a function that moves the city's clock to a day, from START on."""
    with contextlib.ExitStack() as stack:

        def go(day):
            stack.enter_context(clock.travel(day))

        go(START)
        yield go


def proof(user, **values):
    """Return a piece of evidence that the user uploaded."""
    file, _ = StoredFile.objects.get_or_create(
        sha256="f" * 64, defaults={"size": 9, "mime": "image/png", "stored_at": timezone.now()}
    )
    defaults = {"name": "照片.png", "effective_on": clock.today(), "uploaded_at": clock.now()}
    return Evidence.objects.create(file=file, uploaded_by=user, **{**defaults, **values})


def check(**values):
    """Return the record of a spot check that passed."""
    defaults = {
        "on": clock.today(), "location": "第1镇锅炉房", "method": "on the spot", "found": "已拆除", "passed": True,
    }  # fmt: skip
    return Check(**{**defaults, **values})


def led(city, area=0):
    """Return an area's assignment of measure 1-1-1, which 生态环境局 leads."""
    return Assignment.objects.get(measure__code="1-1-1", place=city.areas[area], parent=None)


def unled(city, area=0):
    """Return an area's assignment of measure 2-1-1, which no department leads."""
    return Assignment.objects.get(measure__code="2-1-1", place=city.areas[area], parent=None)


def submit(city, assignment, by="county"):
    """Hand an assignment in."""
    user = city.people[by]
    return services.submit(user, assignment, statement="自查完成", evidence=[proof(user)])


def verify(city, assignment, by="dept"):
    return services.verify(city.people[by], assignment, reason="属实", check=check())


def bring_to(city, assignment, state, go):
    """Bring a whole of area 0 into a state by lawful steps, the clock moving where it must; return the assignment."""
    office, office2 = city.people["office"], city.people["office2"]
    verifier = "dept" if assignment.measure.code.startswith("1-") else "office2"
    if state in ("in_progress", "cancelled"):
        services.report(city.people["county"], assignment, percent=30, text="开工")
    if state in ("submitted", "returned", "verified", "signed_off", "rebounded"):
        submit(city, assignment)
    if state == "returned":
        services.return_(city.people[verifier], assignment, reason="缺少照片")
    if state in ("verified", "signed_off", "rebounded"):
        verify(city, assignment, verifier)
    if state in ("signed_off", "rebounded"):
        period = services.publicise(office, assignment, statement="公示")
        go(period.ends_on + dt.timedelta(days=1))
        services.approve(office if verifier != "office" else office2, assignment, reason="同意")
    if state == "rebounded":
        user = city.people["inspector"]
        services.rebound(user, assignment, reason="复烧", evidence=[proof(user)])
    if state == "cancelled":
        services.cancel(office, assignment, reason="本县无此类锅炉")
    assignment.refresh_from_db()
    assert assignment.state == state
    return assignment


def village(town, n=1):
    """Make a village of a town."""
    return Place.objects.create(code=f"{town.code}{n:03}", kind="village", name=f"第{n}村", parent=town, position=n)
