"""Who may take which step on which assignment: the table of `rules.states`, asked for one person and one record.

holder      the people of the area, town, village, agency or enterprise that carries it out (an area also for what
            lies inside it: many villages and enterprises have no account)
verifier    a department that leads the clause or answers for it by its duty, never the holder itself;
            for a part also the holder of the whole; the office where no such department is left
office      the leading-group office
supervisor  the office, an inspector, a department of the clause; for a part also the holder of the whole
divider     the holder of what is divided, or the office
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from django.utils.translation import gettext as _

from lantian.city.access import Scope
from lantian.kit.errors import NotAllowed
from lantian.plan.models import Assignment
from lantian.plan.rules.states import ACTIONS, Transition, Who

RESPONSIBLE = frozenset({"lead", "each"})
CHECK_PART = "assignment.check_part"
Judge = Callable[[Scope, Assignment, Transition], bool]


def clause_agencies(assignment: Assignment, roles: frozenset[str] = RESPONSIBLE) -> frozenset[int]:
    """Return the ids of the clause's agencies with one of the roles (no query when they were prefetched)."""
    links = assignment.measure.clause.agencies.all()
    return frozenset(link.agency_id for link in links if link.role in roles)


def eligible_verifiers(assignment: Assignment) -> frozenset[int]:
    """Return the agencies that may verify the assignment: responsible ones other than the holder."""
    return clause_agencies(assignment) - {assignment.agency_id}


def office_may_verify(assignment: Assignment) -> bool:
    """Tell whether the office may verify: no responsible department, or the holder is one itself."""
    responsible = clause_agencies(assignment)
    return not responsible or assignment.agency_id in responsible


def is_holder(scope: Scope, verb: str, assignment: Assignment) -> bool:
    """Tell whether the person may use the verb as the holder of the assignment."""
    if assignment.holder == Assignment.Holder.AGENCY:
        return assignment.agency_id is not None and scope.may_at(verb, agency_ids=[assignment.agency_id])
    places = [pk for pk in (assignment.place_id or assignment.area_id,) if pk]
    return _at_holder(scope, verb, places, assignment.enterprise)


def _at_holder(scope: Scope, verb: str, places: list[int], enterprise: str) -> bool:
    return scope.may_at(verb, place_ids=places, enterprise=enterprise)


def _is_checker(scope: Scope, assignment: Assignment) -> bool:
    """The holder of the whole looks after its parts."""
    return assignment.parent is not None and is_holder(scope, CHECK_PART, assignment.parent)


def _holder(scope: Scope, assignment: Assignment, transition: Transition) -> bool:
    return is_holder(scope, transition.verb, assignment)


def _verifier(scope: Scope, assignment: Assignment, transition: Transition) -> bool:
    if _is_checker(scope, assignment):
        return True
    by_office = scope.may_at("assignment.verify_unled") and office_may_verify(assignment)
    if by_office:
        return True
    if not scope.may(transition.verb) or not scope.may_at(
        "assignment.verify", agency_ids=eligible_verifiers(assignment)
    ):
        return False
    # Somebody with two hats does not verify what their own area handed in.
    return not is_holder(scope, "assignment.submit", assignment)


def _office(scope: Scope, assignment: Assignment, transition: Transition) -> bool:
    return scope.may_at(transition.verb)


def _supervisor(scope: Scope, assignment: Assignment, transition: Transition) -> bool:
    if _is_checker(scope, assignment):
        return True
    return scope.may_at(transition.verb, agency_ids=clause_agencies(assignment))


def _divider(scope: Scope, assignment: Assignment, transition: Transition) -> bool:
    divided = assignment.parent if transition.action == "drop_part" else assignment
    if divided is None or divided.holder not in ("area", "town"):
        return False
    return is_holder(scope, transition.verb, divided)


_JUDGES: dict[Who, Judge] = {
    "holder": _holder,
    "verifier": _verifier,
    "office": _office,
    "supervisor": _supervisor,
    "divider": _divider,
}


def may(scope: Scope, assignment: Assignment, action: str) -> bool:
    """Tell whether the person's role may take the action here, whatever the state is."""
    transition = ACTIONS[action]
    if assignment.parent_id is not None and not transition.parts:
        return False
    return _JUDGES[transition.who](scope, assignment, transition)


def require(scope: Scope, assignment: Assignment, action: str) -> Transition:
    """Return the action's transition; raises NotAllowed when the person's role may not take it here."""
    if not may(scope, assignment, action):
        raise NotAllowed(
            _("Your role does not take this step here (%(action)s).") % {"action": action},
            hint=_("The page of the assignment shows who takes the next step."),
        )
    return ACTIONS[action]


def acting_role(scope: Scope, assignment: Assignment, action: str) -> str:
    """Return the role in which the person takes the step: the first of theirs that carries it alone."""
    for role, verbs in scope.verbs_by_role.items():
        alone = dataclasses.replace(scope, roles=frozenset({role}), verbs=verbs, verbs_by_role={role: verbs})
        if may(alone, assignment, action):
            return role
    return next(iter(scope.verbs_by_role), "")
