"""Invented months of work on a real plan, told through the same services that people use. Seeded: the same every time.

Every text begins with 【演示】 and every picture says that it is not real.
"""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from lantian.bulletins.services import make as make_circular
from lantian.city import clock
from lantian.city.models import Agency, LoadedPack, Membership, Place, Role, User
from lantian.indicators import period
from lantian.indicators.models import Entry
from lantian.indicators.services import Statement, enter_value
from lantian.plan.models import (
    Assignment,
    Clause,
    ClauseAgency,
    DispatchRound,
    Document,
    EscalationProposal,
    TargetBinding,
)
from lantian.plan.services import assignments, escalation, publicity, reports, signoff
from lantian.plan.services import rounds as round_services
from lantian.records.models import Evidence
from lantian.records.services import add_evidence, review_evidence

SEED = 20200403
PER_AREA = 16
MARK = "【演示】"
# The indicator of the air room that people enter month by month.
DUSTFALL = "dustfall"
# How readily an area works: the share of the chosen duties that it takes up.
EAGERNESS = (0.35, 0.6, 0.85)
Act = Callable[[dt.date], object]


def person(
    role: str, *, place: Place | None = None, agency: Agency | None = None, other_than: User | None = None
) -> User:
    """Return who holds a role in the demonstration; invents a person without a password where the pack names none."""
    held = Membership.objects.filter(role=role, place=place, agency=agency).select_related("user").order_by("pk")
    found = next((m.user for m in held if m.user != other_than), None)
    if found is not None:
        return found
    holder = place or agency
    username = f"demo-{role}-{holder.pk if holder else held.count()}"
    user = User.objects.create_user(
        username=username, password=None, display_name=f"演示·{place.name if place else agency or role}"
    )
    Membership.objects.create(user=user, role=role, place=place, agency=agency, since=dt.date(2000, 1, 1))
    return user


def picture(day: dt.date, number: int) -> ContentFile[bytes]:
    """Return a small picture that says that it is not real."""
    shade = random.Random(number)  # noqa: S311 - colours, not secrets
    image = Image.new("RGB", (640, 420), (shade.randint(90, 180), shade.randint(110, 190), shade.randint(120, 210)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 300, 610, 390), fill=(70, 80, 70))
    for tower in range(4):
        left = 60 + tower * 140
        draw.rectangle((left, 300 - shade.randint(60, 220), left + 60, 300), fill=(90, 90, 100))
    draw.text(
        (40, 20), f"DEMONSTRATION, NOT A REAL PHOTOGRAPH\n{day.isoformat()}  no. {number}", fill="white", font_size=22
    )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return ContentFile(out.getvalue(), name=f"demo-{day:%Y%m%d}-{number}.jpg")


def proof(actor: User, assignment: Assignment, day: dt.date) -> Evidence:
    return add_evidence(
        actor,
        picture(day, assignment.pk),
        effective_on=day,
        title=f"{MARK}现场照片 {day:%m-%d}",
        place=assignment.place or assignment.area,
        agency=assignment.agency,
    )


@dataclass
class Timeline:
    """What happens on which day. Told in the order of the days, so that the chain of records is in order as well."""

    events: list[tuple[dt.date, int, Act]] = field(default_factory=list)

    def add(self, day: dt.date, act: Act) -> None:
        self.events.append((day, len(self.events), act))

    def play(self) -> None:
        """Let everything happen that lies before the demonstration's today."""
        today = clock.today()
        for day, _order, act in sorted(self.events, key=lambda event: event[:2]):
            if day < today:
                with clock.travel(day):
                    act(day)


def months_of_work(issued: dt.date) -> None:
    """Let areas report, hand in, be checked, returned, announced and signed off, from the issue until yesterday."""
    with clock.travel(issued + dt.timedelta(days=6)):
        _name_open_areas()
    dice = random.Random(SEED)  # noqa: S311 - a story, not a secret
    timeline = Timeline()
    _rounds(timeline, issued)
    for area in Place.objects.areas():
        rows = Assignment.objects.live().filter(place=area).select_related("measure__clause", "place", "area")
        mine = list(rows.order_by("deadline", "pk"))
        eager = dice.choice(EAGERNESS)
        for assignment in dice.sample(mine, min(PER_AREA, len(mine))):
            if dice.random() < eager:
                _life(timeline, assignment, issued, dice)
    timeline.play()


def _name_open_areas() -> None:
    office = person(Role.OFFICE)
    areas = list(Place.objects.areas())
    for at, clause in enumerate(Clause.objects.filter(areas="some", task__version__state="adopted", area_links=None)):
        named = [areas[(at * 3 + step) % len(areas)] for step in range(4)]
        assignments.name_areas(office, clause, named, reason=f"{MARK}按排查结果确定")


def _rounds(timeline: Timeline, issued: dt.date) -> None:
    """One round that closed a month ago, one that is open today."""
    office = person(Role.OFFICE)
    document = Document.objects.get(kind="city_plan")

    def open_round(_day: dt.date) -> None:
        round_services.open_round(office, document, instructions=f"{MARK}请按时填报进展并附佐证。")

    def close_round(_day: dt.date) -> None:
        round_services.close_round(office, DispatchRound.objects.get(state="open"))

    today = clock.today()
    last_month = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    timeline.add(last_month + dt.timedelta(days=14), open_round)
    timeline.add(last_month + dt.timedelta(days=26), close_round)
    timeline.add(today.replace(day=15) if today.day > 15 else today - dt.timedelta(days=1), open_round)


def _life(timeline: Timeline, assignment: Assignment, issued: dt.date, dice: random.Random) -> None:
    """Plan what happens to one assignment: one to three reports, then perhaps the way to the sign-off."""
    holder = person(Role.COUNTY, place=assignment.place)
    day = issued + dt.timedelta(days=dice.randint(8, 35))
    percent = 0
    for _turn in range(dice.randint(1, 4)):
        percent = min(100, percent + dice.choice([10, 20, 35, 50]))
        timeline.add(day, _report(holder, assignment, percent, with_proof=dice.random() < 0.4))
        day += dt.timedelta(days=dice.randint(10, 24))
    early = assignment.deadline is not None and assignment.deadline < clock.today() + dt.timedelta(days=20)
    if dice.random() < (0.85 if early else 0.35):
        _towards_sign_off(timeline, assignment, holder, day, dice.random())


def _report(holder: User, assignment: Assignment, percent: int, *, with_proof: bool) -> Act:
    def act(day: dt.date) -> object:
        asked = DispatchRound.objects.filter(state="open", entries__assignment=assignment).first()
        return reports.report(
            holder,
            _now(assignment),
            percent=percent,
            text=f"{MARK}已完成{percent}%，正在按计划推进。",
            effective_on=day,
            evidence=[proof(holder, assignment, day)] if with_proof else [],
            round=asked,
        )

    return act


def _now(assignment: Assignment) -> Assignment:
    return Assignment.objects.get(pk=assignment.pk)


def _towards_sign_off(timeline: Timeline, assignment: Assignment, holder: User, day: dt.date, fate: float) -> None:
    """Hand in; then by fate: returned, verified, announced, signed off, rebounded."""
    verifier = _verifier(assignment)
    office = person(Role.OFFICE)
    # Two people look at every sign-off: who verified does not approve.
    approver = office if verifier != office else person(Role.OFFICE, other_than=office)

    def submit(on: dt.date) -> object:
        statement = f"{MARK}自查合格，申请核查。"
        return signoff.submit(holder, _now(assignment), statement=statement, evidence=[proof(holder, assignment, on)])

    def send_back(_on: dt.date) -> object:
        return signoff.return_(verifier, _now(assignment), reason=f"{MARK}照片看不清设备编号，请补充铭牌照片和台账。")

    def verify(on: dt.date) -> object:
        for evidence in Evidence.objects.filter(steps__assignment=assignment, review="pending").distinct():
            review_evidence(verifier, evidence, accept=True, note=f"{MARK}清晰有效")
        record = signoff.Check(
            on=on, location=f"{MARK}{assignment.place}", method="现场查看、调阅台账", found="与自查一致", passed=True
        )
        return signoff.verify(verifier, _now(assignment), reason=f"{MARK}核查通过", check=record)

    def announce(_on: dt.date) -> object:
        return publicity.publicise(office, _now(assignment), statement=f"{MARK}拟销号，现予公示。")

    def approve(_on: dt.date) -> object:
        return signoff.approve(approver, _now(assignment), reason=f"{MARK}公示期满无异议，同意销号。")

    def rebound(on: dt.date) -> object:
        inspector = person(Role.INSPECTOR)
        proofs = [proof(inspector, assignment, on)]
        return signoff.rebound(inspector, _now(assignment), reason=f"{MARK}复查发现问题反弹。", evidence=proofs)

    ways = ((0.2, [send_back]), (0.3, [verify]), (0.4, [verify, announce]), (0.95, [verify, announce, approve]))
    way = next((acts for limit, acts in ways if fate < limit), [verify, announce, approve, rebound])
    waits = {send_back: 6, verify: 6, announce: 2, approve: 12, rebound: 5}
    timeline.add(day, submit)
    for act in way:
        day += dt.timedelta(days=waits[act])
        timeline.add(day, act)


def _verifier(assignment: Assignment) -> User:
    links = ClauseAgency.objects.filter(clause=assignment.measure.clause, role__in=("lead", "each"))
    link = links.exclude(agency=assignment.agency).select_related("agency").first()
    if link is None:
        return person(Role.OFFICE, other_than=person(Role.OFFICE))
    return person(Role.DEPARTMENT, agency=link.agency)


def measured_values() -> None:
    """Enter invented monthly values of the areas for the first monthly indicators that the pack has, around the plan's number."""
    dice = random.Random(SEED)  # noqa: S311 - a story, not a secret
    pack = LoadedPack.objects.latest("pk")
    monthly = [one for one in pack.indicators if one["frequency"] == "month" and one["level"] == "area"]
    today = clock.today()
    for one in monthly[:2]:
        aim = TargetBinding.objects.filter(indicator=one["code"], value__isnull=False).first()
        middle = float(aim.value) if aim and aim.value else 50.0
        for back in (2, 1):
            month = period.month(today - dt.timedelta(days=31 * back))
            with clock.travel(month.end + dt.timedelta(days=5)):
                for area in Place.objects.areas():
                    said = Statement(
                        Decimal(str(round(middle * dice.uniform(0.7, 1.15), 1))), n=2, n_expected=2, note=MARK
                    )
                    enter_value(person(Role.COUNTY, place=area), one["code"], area, month, said)


def escalate() -> None:
    """Let the rules propose; the office accepts the first proposal."""
    escalation.propose(None)
    first = EscalationProposal.objects.filter(state="proposed").order_by("pk").first()
    if first is not None:
        escalation.decide(person(Role.OFFICE), first, accept=True, reason=f"{MARK}同意")


# Jars gather more in the dry and windy spring than in winter and summer.
_DUST_OF_MONTH = (0.8, 0.85, 1.1, 1.3, 1.15, 0.9, 0.75, 0.75, 0.8, 0.85, 0.85, 0.8)


def dustfall() -> None:
    """Enter invented dustfall of every area for the months of this year that are over, around the plan's limit."""
    dice = random.Random(SEED)  # noqa: S311 - a story, not a secret
    today = clock.today()
    aim = TargetBinding.objects.filter(indicator=DUSTFALL, value__isnull=False).first()
    middle = float(aim.value) if aim and aim.value else 9.0
    there = set(Entry.objects.filter(indicator=DUSTFALL).values_list("place_id", "period_from"))
    for number in range(1, today.month):
        month = period.month(dt.date(today.year, number, 1))
        with clock.travel(month.end + dt.timedelta(days=5)):
            for area in Place.objects.areas():
                value = Decimal(str(round(middle * _DUST_OF_MONTH[number - 1] * dice.uniform(0.75, 1.1), 1)))
                if (area.pk, month.start) not in there:
                    jars = dice.randint(2, 4)
                    enter_value(
                        person(Role.COUNTY, place=area),
                        DUSTFALL,
                        area,
                        month,
                        Statement(value, n=jars, n_expected=jars, note=MARK),
                    )


def circular() -> None:
    """Make the circular of the round that is closed: now, for it names what the store of the air knows now."""
    found = DispatchRound.objects.filter(state="closed").order_by("-month").first()
    if found is not None:
        make_circular(person(Role.OFFICE), found, number=f"{MARK}〔{found.month.year}〕1号", print_reasons=True)
