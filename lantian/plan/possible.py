"""What one person may do with one assignment now: state, role, and the rules that hang on who did what before."""

from __future__ import annotations

from dataclasses import dataclass, field

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.plan import authority
from lantian.plan.models import Assignment, Objection, ProgressReport, Publicity, Step
from lantian.plan.rules.states import lawful_actions

# Steps that the pages show under another name, or beside what they act on.
SAME_FORM = {"start": "report", "return_verified": "return", "drop_part": "cancel"}


@dataclass(frozen=True)
class Situation:
    """What the answer hangs on beyond state and role; read once."""

    submitted_by: int | None = None
    verified_by: int | None = None
    period: Publicity | None = None
    open_objections: tuple[Objection, ...] = ()
    reports: tuple[ProgressReport, ...] = ()
    facts: dict[str, int] = field(default_factory=dict)

    @property
    def publicity_over(self) -> bool:
        """Tell whether the office may decide: the period is over and every objection answered."""
        return self.period is not None and clock.today() > self.period.ends_on and not self.open_objections


def situation(assignment: Assignment) -> Situation:
    """Read what the person's possibilities hang on (four queries)."""
    steps = Step.objects.filter(assignment=assignment, action__in=("submit", "verify")).order_by("pk")
    latest = {step.action: step.by_id for step in steps}
    period = Publicity.objects.filter(assignment=assignment, void_at__isnull=True).first()
    objections = Objection.objects.filter(publicity=period, resolved_at__isnull=True) if period else ()
    reports = ProgressReport.objects.filter(assignment=assignment, withdrawn_at__isnull=True)
    return Situation(latest.get("submit"), latest.get("verify"), period, tuple(objections), tuple(reports))


def possible(actor: User, assignment: Assignment, now: Situation | None = None) -> list[str]:
    """Return the actions of `rules.states` that the person may take now, in the table's order.

    A service may still refuse what is entered (no evidence, open parts), never who enters it.
    """
    if assignment.measure.clause.task.version.state != "adopted":
        return []
    scope, now = scope_of(actor), now or situation(assignment)
    names = [t.action for t in lawful_actions(assignment.state) if authority.may(scope, assignment, t.action)]
    return [name for name in names if _fits(name, actor, assignment, now)]


def _fits(name: str, actor: User, assignment: Assignment, now: Situation) -> bool:
    if name == "verify":
        return now.submitted_by != actor.pk
    if name == "approve":
        return now.verified_by != actor.pk and now.publicity_over
    if name == "publicise":
        return now.period is None
    if name in ("dismiss_objection", "uphold_objection"):
        return bool(now.open_objections)
    if name == "withdraw_report":
        return bool(now.reports)
    if name == "reinstate":
        return assignment.parent is None or assignment.parent.state != Assignment.State.CANCELLED
    return True


def shown_actions(names: list[str]) -> list[str]:
    """Return the names of the forms for a list of possible actions, each once."""
    return list(dict.fromkeys(SAME_FORM.get(name, name) for name in names))
