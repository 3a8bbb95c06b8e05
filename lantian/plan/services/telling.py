"""Who hears of a step: the holder, those who check next, the office. Never the person who took it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lantian.city.access import active_people
from lantian.city.models import User
from lantian.plan import authority
from lantian.plan.models import Assignment, DocumentVersion, Objection, Publicity
from lantian.records.services import Wording, notify

if TYPE_CHECKING:
    from lantian.plan.services.moves import Move


def holder_people(assignment: Assignment) -> list[User]:
    """Return the people who carry an assignment out (for a village its town's; where nobody is, the area's)."""
    people: list[User] = []
    if assignment.holder == Assignment.Holder.AGENCY:
        return active_people(agency_id=assignment.agency_id, role="department")
    if assignment.holder == Assignment.Holder.ENTERPRISE:
        people = active_people(enterprise=assignment.enterprise, role="enterprise")
    elif assignment.holder == Assignment.Holder.TOWN:
        people = active_people(place_id=assignment.place_id, role="town")
    elif assignment.holder == Assignment.Holder.VILLAGE and assignment.place:
        people = active_people(place_id=assignment.place.parent_id, role="town")
    return people or (active_people(place_id=assignment.area_id, role="county") if assignment.area_id else [])


def verifier_people(assignment: Assignment) -> list[User]:
    """Return the people who may verify an assignment."""
    if assignment.parent is not None:
        return holder_people(assignment.parent)
    found = [person for pk in authority.eligible_verifiers(assignment) for person in active_people(agency_id=pk)]
    return found + office_people() if authority.office_may_verify(assignment) else found


def office_people() -> list[User]:
    return active_people(role="office")


def _tell(people: Iterable[User], kind: str, move: Move, subject: Wording, body: str = "") -> None:
    others = [person for person in people if person.pk != move.step.by_id]
    _send(others, kind, subject, body or move.step.reason, move.assignment)


def _send(people: Iterable[User], kind: str, subject: Wording, body: str, assignment: Assignment) -> None:
    link = reverse("plan:assignment", args=[assignment.pk])
    notify(people, kind=f"plan.{kind}", subject=subject, body=body, link=link, target=assignment)


def submitted(move: Move) -> None:
    name = move.assignment
    _tell(verifier_people(name), "to_verify", move, Wording(_("To verify: %(name)s"), name=name))


def withdrawn(move: Move) -> None:
    name = move.assignment
    _tell(verifier_people(name), "withdrawn", move, Wording(_("Taken back by the holder: %(name)s"), name=name))


def verified(move: Move) -> None:
    name = move.assignment
    people = holder_people(name) + ([] if name.parent_id else office_people())
    _tell(people, "verified", move, Wording(_("Verified: %(name)s"), name=name))


def returned(move: Move) -> None:
    name = move.assignment
    people = holder_people(name)
    if move.step.from_state == Assignment.State.VERIFIED:
        people = people + verifier_people(name)
    _tell(people, "returned", move, Wording(_("Returned: %(name)s"), name=name))


def publicised(move: Move, period: Publicity) -> None:
    name = move.assignment
    days = {"name": name, "start": period.starts_on, "end": period.ends_on}
    _tell(holder_people(name), "publicised", move, Wording(_("In publicity %(start)s to %(end)s: %(name)s"), **days))


def objected(objection: Objection) -> None:
    name = objection.publicity.assignment
    _send(office_people(), "objection", Wording(_("Objection: %(name)s"), name=name), objection.text, name)


def approved(move: Move) -> None:
    name = move.assignment
    people = holder_people(name) + verifier_people(name)
    _tell(people, "signed_off", move, Wording(_("Signed off: %(name)s"), name=name))


def reopened(move: Move) -> None:
    name = move.assignment
    people = holder_people(name) + verifier_people(name)
    _tell(people, "reopened", move, Wording(_("Opened again: %(name)s"), name=name))


def rebounded(move: Move) -> None:
    name = move.assignment
    people = holder_people(name) + verifier_people(name) + office_people()
    _tell(people, "rebounded", move, Wording(_("Rebounded: %(name)s"), name=name))


def cancelled(move: Move) -> None:
    name = move.assignment
    _tell(holder_people(name), "cancelled", move, Wording(_("Cancelled: %(name)s"), name=name))


def reinstated(move: Move) -> None:
    name = move.assignment
    _tell(holder_people(name), "reinstated", move, Wording(_("In force again: %(name)s"), name=name))


def deadline_set(move: Move) -> None:
    name = move.assignment
    values = {"name": name, "day": name.deadline}
    _tell(holder_people(name), "deadline", move, Wording(_("Now due on %(day)s: %(name)s"), **values))


def parts_made(whole: Assignment, parts: Iterable[Assignment]) -> None:
    """Tell the holders of parts: each person once, however many villages are theirs."""
    heard: dict[int, tuple[User, Assignment]] = {}
    people: dict[tuple[str, int | None, str], list[User]] = {}
    for part in parts:
        at = part.place.parent_id if part.holder == Assignment.Holder.VILLAGE and part.place else part.place_id
        who = (part.holder, at, part.enterprise)
        if who not in people:
            people[who] = holder_people(part)
        for person in people[who]:
            heard.setdefault(person.pk, (person, part))
    for person, part in heard.values():
        _send([person], "part", Wording(_("Your part: %(name)s"), name=part), whole.measure.text, part)


def assigned(version: DocumentVersion, made: Iterable[Assignment]) -> None:
    """Tell each holder once how many assignments a plan gives them."""
    by_holder: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in made:
        by_holder[assignment.holder_key].append(assignment)
    for rows in by_holder.values():
        values = {"plan": version.title or version.document.title, "n": len(rows)}
        notify(
            holder_people(rows[0]),
            kind="plan.assigned",
            subject=Wording(_("%(n)s assignments of “%(plan)s” are yours"), **values),
            link=reverse("plan:my_work"),
            target=version,
        )
