"""A person adds a clause (or a whole task) that the reader passed over, and takes out what is no clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lantian.city.models import Place, User
from lantian.city.queries import gazetteer_from_database
from lantian.kit.errors import DomainError
from lantian.plan.models import Clause, DocumentVersion, Measure, Review, Task
from lantian.plan.reader import clean, heading_of, measures_in
from lantian.plan.rules import partition
from lantian.plan.services.review_acts import Act, Json, clause_gone, replace_holders
from lantian.plan.services.review_clauses import Holder, check_roles, chosen_areas, named
from lantian.plan.services.review_order import WAITING, close_gaps, code_anew, put_by_text, rows_of
from lantian.plan.services.rows import Names, store_measures

__all__ = ["CUTS", "Cut", "add_clause", "delete_clause", "home_of", "pieces_of"]

CUTS = ("measures", "one", "none")
_SHOWN = 3


class Cut:
    """What becomes of the marked words: the measures that the reader sees in them, one measure, or none yet."""

    MEASURES, ONE, NONE = CUTS


@dataclass(frozen=True)
class Marked:
    """The words of a clause. `who`: where it is said who answers (None: nowhere); inside the words or elsewhere."""

    start: int
    end: int
    who: tuple[int, int] | None

    @property
    def parts(self) -> list[tuple[int, int]]:
        """The words without those that say who answers."""
        if self.who is None or self.who[1] <= self.start or self.who[0] >= self.end:
            return [(self.start, self.end)]
        around = [(self.start, self.who[0]), (self.who[1], self.end)]
        return [(low, high) for low, high in around if low < high]


@transaction.atomic
def add_clause(
    actor: User,
    version: DocumentVersion,
    *,
    start: int,
    end: int,
    agencies: Sequence[Holder],
    areas: str,
    places: Iterable[Place] = (),
    who: tuple[int, int] | None = None,
    task: Task | None = None,
    title: str = "",
    number: str = "",
    cut: str = Cut.MEASURES,
    reason: str = "",
    key: str | None = None,
) -> Clause:
    """Say that a stretch of the text is covered by a responsibility clause that the reader did not find.

    `who`: the span of the words that name who answers, if there are any. `task`: left out, the one in which the
    words stand or that precedes them; with `title` a new task is made (`number` is read from the title or counted
    on). `cut`: see Cut. The clause counts as reviewed, its measures as added by hand. Raises DomainError (with
    `field`) when nothing is marked, when the words belong to measures already, or for roles, areas or a task that
    cannot be; NotAllowed, Unlawful, Conflict.
    """
    act = Act(actor, version, "add_clause", key)
    if act.repeated:
        return _made_before(act)
    check_roles(agencies, areas)
    place_ids = chosen_areas(areas, places)
    if cut not in CUTS:
        raise DomainError(_("The words become measures, one measure, or none."), field="cut")
    marked = _marked(act.version.text, start, end, who)
    _refuse_overlap(act.version, marked)
    home, is_new = _home(act.version, marked, task, title, number)
    clause = _clause(act.version.text, marked, home, areas, actor)
    replace_holders(clause, [(agency.pk, role) for agency, role in agencies], place_ids)
    _fill(act.version, clause, marked, cut, actor)
    code_anew(act.version)
    made = list(clause.measures.values_list("pk", flat=True))
    rows = rows_of([home] if is_new else [], [clause])
    changes = _said(clause, None, clean(act.version.text, marked.start, marked.end), made)
    act.finish(clause, measures=made, clauses=[clause.pk], rows=({}, rows), changes=changes, reason=reason)
    return clause


@transaction.atomic
def delete_clause(
    actor: User,
    clause: Clause,
    *,
    reason: str,
    with_measures: bool = False,
    with_task: bool = False,
    seen_version: int | None = None,
    key: str | None = None,
) -> None:
    """Take out what is no responsibility clause, with the reason.

    Its measures go too, but only when `with_measures` says so; with `with_task` also its task, if that has no other
    clause. Raises DomainError without a reason, or for measures or clauses that are left; NotAllowed, Unlawful,
    Conflict.
    """
    act = Act(actor, clause.task.version, "delete_clause", key, clause=clause)
    if act.repeated:
        return
    found = act.clause(clause.pk, seen_version)
    measures = list(found.measures.all())
    if not reason.strip():
        raise DomainError(_("Say why this is no responsibility clause."), field="reason")
    if measures and not with_measures:
        raise DomainError(
            _("%(clause)s still has measures: %(measures)s.") % {"clause": found, "measures": _list(measures)},
            hint=_("Say that they go too."),
            field="with_measures",
        )
    home = found.task
    if with_task and home.clauses.exclude(pk=found.pk).exists():
        raise DomainError(_("Task %s has other clauses, so it stays.") % home, field="with_task")
    for measure in measures:
        act.measure(measure.pk)
    rows = rows_of([home] if with_task else [], [found])
    text = clean(act.version.text, found.start, found.end)
    changes = {name: (new, old) for name, (old, new) in _said(found, None, text, [m.pk for m in measures]).items()}
    act.finish(found, rows=(rows, {}), changes=changes, reason=reason)
    (home if with_task else found).delete()
    close_gaps(act.version)


def pieces_of(version: DocumentVersion, start: int, end: int, who: tuple[int, int] | None = None) -> list[Json]:
    """Return the measures that the reader would make of a stretch, as JSON, without storing anything."""
    start, end = partition.trimmed(version.text, start, end)
    home = home_of(version, start)
    return _read(version, Marked(start, end, who), home, [])


def home_of(version: DocumentVersion, start: int) -> Task | None:
    """Return the task in whose text an offset stands (the narrowest), or else the nearest one before it."""
    before = list(version.tasks.filter(start__lte=start))
    around = [task for task in before if task.end > start]
    if around:
        return min(around, key=lambda task: task.end - task.start)
    return max(before, key=lambda task: (task.start, task.position), default=None)


def _made_before(act: Act) -> Clause:
    assert act.repeated is not None
    (row,) = act.repeated.after["clauses"]
    found = Clause.objects.select_related("task__version").filter(pk=row["id"]).first()
    if found is None:
        raise clause_gone()
    return found


def _marked(text: str, start: int, end: int, who: tuple[int, int] | None) -> Marked:
    start, end = partition.trimmed(text, start, end)
    if who is not None:
        who = partition.trimmed(text, *who)
        if not partition.says_something(clean(text, *who)):
            raise DomainError(_("The words that say who answers are empty."), field="who_words")
    marked = Marked(start, end, who)
    if not any(partition.says_something(clean(text, *part)) for part in marked.parts):
        raise DomainError(
            _("Nothing is selected."), hint=_("Mark the words that the clause covers in the text."), field="words"
        )
    return marked


def _refuse_overlap(version: DocumentVersion, marked: Marked) -> None:
    taken = Measure.objects.filter(clause__task__version=version)
    found = [m for low, high in marked.parts for m in taken.filter(start__lt=high, end__gt=low)]
    if found:
        raise DomainError(
            _("These words belong to measures of other clauses already: %s.") % _list(list(dict.fromkeys(found))),
            hint=_("Mark other words, or first delete these measures or shorten them."),
            field="words",
        )


def _list(measures: list[Measure]) -> str:
    shown = "; ".join(f"{m.code} “{m.text[:16]}…”" for m in measures[:_SHOWN])
    more = len(measures) - _SHOWN
    return shown if more <= 0 else shown + " " + ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}


def _home(version: DocumentVersion, marked: Marked, task: Task | None, title: str, number: str) -> tuple[Task, bool]:
    if title.strip() or number.strip():
        if task is not None:
            raise DomainError(_("Choose a task or name a new one, not both."), field="task")
        return _new_task(version, marked, title, number), True
    home = task or home_of(version, marked.start)
    if home is None:
        raise DomainError(
            _("No task stands before these words."), hint=_("Choose a task, or make a new one."), field="task"
        )
    if home.version_id != version.pk:
        raise DomainError(_("This text has no such task."), field="task")
    return home, False


def _new_task(version: DocumentVersion, marked: Marked, title: str, number: str) -> Task:
    read_number, read_title = heading_of(title)
    if not partition.says_something(read_title):
        raise DomainError(_("A task needs a title."), field="task_title")
    number = number.strip() or read_number
    taken = list(version.tasks.values_list("number", flat=True))
    # Where numbers start anew in every chapter, the same one is no mistake.
    if number in taken and len(set(taken)) == len(taken):
        raise DomainError(
            _("Task %s is there already.") % number,
            hint=_("Choose it from the list, or give the new task another number."),
            field="task_number",
        )
    at = version.text.rfind(title.strip(), 0, marked.start) if title.strip() else -1
    before = home_of(version, marked.start)
    task = Task.objects.create(
        version=version, position=WAITING, number=(number or _next_number(taken))[:20], title=read_title[:300],
        section=before.section if before else "", start=at if at >= 0 else marked.start,
        end=_stretch(version.text, marked)[1],
    )  # fmt: skip
    put_by_text(version.tasks.all(), task)
    task.refresh_from_db()
    return task


def _next_number(taken: list[str]) -> str:
    number = len(taken) + 1
    while str(number) in taken:
        number += 1
    return str(number)


def _stretch(text: str, marked: Marked) -> tuple[int, int]:
    """Return the clause's stretch: the words, with those that say who answers where they stand beside them."""
    if marked.who is None:
        return marked.start, marked.end
    gap = text[min(marked.end, marked.who[1]) : max(marked.start, marked.who[0])]
    if partition.says_something(gap):
        return marked.start, marked.end
    return min(marked.start, marked.who[0]), max(marked.end, marked.who[1])


def _clause(text: str, marked: Marked, home: Task, areas: str, actor: User) -> Clause:
    start, end = _stretch(text, marked)
    who = marked.who or (None, None)
    clause = Clause.objects.create(
        task=home, position=WAITING, start=start, end=end, clause_start=who[0], clause_end=who[1], areas=areas,
        confidence=1, review=Review.ADDED, reviewed_by=actor,
    )  # fmt: skip
    put_by_text(home.clauses.all(), clause)
    clause.refresh_from_db()
    return clause


def _fill(version: DocumentVersion, clause: Clause, marked: Marked, cut: str, actor: User) -> None:
    """Make the clause's measures, all added by hand."""
    if cut == Cut.NONE:
        return
    reads: list[Json] = []
    if cut == Cut.MEASURES:
        areas = list(clause.area_links.values_list("place__name", flat=True))
        reads = _read(version, marked, clause.task, areas)
    if reads:
        store_measures([(clause, reads, str(clause))], Names.of_database(gazetteer_from_database()), version.text)
        clause.measures.update(review=Review.ADDED, reviewed_by=actor)
        return
    start, end = marked.parts[0][0], marked.parts[-1][1]
    text = "".join(clean(version.text, *part) for part in marked.parts)
    Measure.objects.create(
        clause=clause, position=1, code="", text=text, start=start, end=end, confidence=1,
        review=Review.ADDED, reviewed_by=actor,
    )  # fmt: skip


def _read(version: DocumentVersion, marked: Marked, home: Task | None, areas: list[str]) -> list[Json]:
    return measures_in(
        version.text, marked.start, marked.end, gazetteer_from_database(),
        since=min(home.start, marked.start) if home else None, without=[marked.who] if marked.who else [], areas=areas,
    )  # fmt: skip


def _said(clause: Clause, old: Any, words: str, measures: list[int]) -> dict[str, tuple[Any, Any]]:
    """Return what the audit chain says of a clause that came."""
    texts = [f"{m.code} {m.text}" for m in Measure.objects.filter(pk__in=measures)]
    values = {"clause": str(clause), "task": str(clause.task), "text": words, **named(clause), "measures": texts}
    return {name: (old, value) for name, value in values.items()}
