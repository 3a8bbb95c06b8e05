"""Computed beside reported: what the records give for each numeric target, what its holders say, and where they differ."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Max, QuerySet

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.memory import remember
from lantian.indicators.period import Period
from lantian.indicators.queries import evaluate, find
from lantian.indicators.registry import Indicator
from lantian.indicators.series import disagree
from lantian.indicators.value import Value, Verdict, compare, gap
from lantian.plan.goals import loose_numbers
from lantian.plan.ledger_facts import plans
from lantian.plan.models import (
    Assignment,
    DocumentVersion,
    Measure,
    MeasureTarget,
    ProgressReport,
    TargetBinding,
    TargetShare,
)
from lantian.plan.services.bindings import in_indicator_unit
from lantian.plan.target_lines import adopted_bindings, bindings_in_force, place_codes, wanted_text
from lantian.standards.units import IncompatibleUnitsError, UnknownUnitError, convert, unit

AGREE, DISAGREE, NOTHING = "agree", "disagree", "nothing"


@dataclass(frozen=True, slots=True)
class Reported:
    """The newest report with a value: `number` in the indicator's unit, `as_said` and `unit` as it was written."""

    report_id: int
    assignment_id: int
    number: Decimal
    as_said: Decimal
    unit: str
    effective_on: dt.date


@dataclass(frozen=True, slots=True)
class Cell:
    """One target at one place. `wanted` is what this place owes in the indicator's unit (None: it has no number of its own).

    `difference` = reported - computed. `agreement`: "agree" within the tolerance, "disagree", "nothing" to compare.
    """

    place: Place
    computed: Value
    comparator: str
    wanted: Decimal | None
    verdict: Verdict
    gap: Decimal | None
    reported: Reported | None = None
    difference: Decimal | None = None
    agreement: str = NOTHING

    @property
    def counted(self) -> bool:
        """Whether the pair counts among those that could be compared."""
        return self.agreement != NOTHING

    @property
    def area_id(self) -> int | None:
        return None if self.place.kind == Place.Kind.CITY else self.place.pk

    @property
    def assignment_id(self) -> int:
        return self.reported.assignment_id if self.reported else 0


@dataclass(frozen=True, slots=True)
class Row:
    """One target of a measure. `indicator` None: nothing watches it (then there are no cells).

    `areas` holds the areas that owe it and that the person may see; `met` of `judged` areas meet it. `sentence` and
    `nature` are given of aims: what stands in no measure.
    """

    binding: TargetBinding | None
    target: MeasureTarget | None
    indicator: Indicator | None
    wanted: Decimal | None = None
    city: Cell | None = None
    areas: tuple[Cell, ...] = ()
    sentence: str = ""
    nature: str = ""

    @property
    def comparator(self) -> str:
        return self.binding.comparator if self.binding else ""

    @property
    def stated(self) -> str:
        """The number as the text has it."""
        return f"{self.target.object} {wanted_text(self.target)}".strip() if self.target else ""

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*((self.city,) if self.city else ()), *self.areas)

    @property
    def met(self) -> int:
        return sum(cell.verdict == Verdict.MET for cell in self.areas)

    @property
    def judged(self) -> int:
        return sum(cell.verdict != Verdict.UNKNOWN for cell in self.areas)

    @property
    def disagreements(self) -> int:
        return sum(cell.agreement == DISAGREE for cell in self.cells)


def rows_for(measure: Measure, scope: Scope, *, area: Place | None = None, context: Context | None = None) -> list[Row]:
    """Return the targets of a measure with computed and reported values, for the city and the areas that `scope` sees.

    `area` limits the areas to one (the page of an assignment). Constant number of queries.
    """
    context = context or Context()
    rows = [row for row in bindings_in_force(context) if row.measure_id == measure.pk]
    told = _reported(Assignment.objects.filter(measure=measure).visible_to(scope))
    seen = _seen_areas(scope, context, area)
    built = [_row(binding, told, seen, context) for binding in rows]
    bound = {row.target_id for row in rows}
    loose = [t for t in MeasureTarget.objects.filter(measure=measure) if t.pk not in bound and not t.indicator]
    return built + [Row(None, target, None) for target in loose]


def goal_rows(scope: Scope, context: Context, versions: Iterable[DocumentVersion] | None = None) -> list[Row]:
    """Return the aims of plans (the adopted city plans if `versions` is left out), as far as they have numbers or bindings.

    A binding outside the tasks is computed for the city and the areas that `scope` sees. A number of the text that no
    binding is laid over is a row without an indicator. In the order of the texts.
    """
    wanted = list(plans(context)) if versions is None else list(versions)
    keys = {version.pk for version in wanted}
    bindings = [b for b in bindings_in_force(context) if b.version_id in keys]
    aims = [b for b in bindings if b.measure_id is None and not b.fault]
    if aims:
        context.preload({b.indicator for b in aims}, _span(aims, context))
    seen = _seen_areas(scope, context, None)
    placed = [(b.version_id, b.start or 0, _aim(_row(b, Told(), seen, context))) for b in aims]
    for version in wanted:
        for goal, number in loose_numbers(version, bindings):
            row = Row(None, number, None, sentence=goal["text"], nature=goal["nature"])
            placed.append((version.pk, number.start or 0, row))
    return [row for *_place, row in sorted(placed, key=lambda one: one[:2])]


def _aim(row: Row) -> Row:
    binding = row.binding
    return replace(row, sentence=binding.quote, nature=binding.nature) if binding else row


@dataclass(frozen=True, slots=True)
class Pair:
    """A reported value beside the computed one, and the target that both speak of."""

    binding: TargetBinding
    cell: Cell


def comparisons(context: Context) -> list[Pair]:
    """Return every reported value of a bound target beside its computed one, whoever may see it (once per context)."""

    def build() -> list[Pair]:
        told = _reported(Assignment.objects.live().wholes())
        bindings = list(adopted_bindings().filter(measure__in=told.measures))
        if bindings:
            context.preload({b.indicator for b in bindings}, _span(bindings, context))
        places = {place.pk: place for place in context.areas}
        cells = [
            Pair(binding, _cell(binding, place, told, context))
            for binding in bindings
            for area_id in told.areas_of(binding.measure_id)
            if (place := places.get(area_id) if area_id else context.city)
        ]
        return [pair for pair in cells if pair.cell.reported]

    return context.memo("comparisons", build)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many reported values could be compared with a computed one, and how many of them differ."""

    compared: int
    differing: int


def agreement(scope: Scope, context: Context | None = None) -> Agreement:
    """Count the reported values that could be compared and those that differ, of what the person may see.

    What was compared is kept while nothing changes (see `indicators.memory`): then this takes two queries.
    """
    context = context or Context()

    def compute() -> list[tuple[int, bool]]:
        cells = [pair.cell for pair in comparisons(context) if pair.cell.counted]
        return [(cell.assignment_id, cell.agreement == DISAGREE) for cell in cells]

    compared = remember(context.version, ("agreement", context.today, context.known_at), compute)
    seen = _visible((assignment for assignment, _differs in compared), scope)
    mine = [differs for assignment, differs in compared if assignment in seen]
    return Agreement(len(mine), sum(mine))


def disagreements(scope: Scope, context: Context | None = None) -> int:
    """Return how many reported values differ from the computed ones, of what the person may see."""
    return agreement(scope, context).differing


def disagreement_pairs(scope: Scope, context: Context) -> list[Pair]:
    """Return the reported values that differ from the computed ones, the largest relative difference first."""
    differing = _differing(context)
    seen = _visible((pair.cell.assignment_id for pair in differing), scope)
    found = [pair for pair in differing if pair.cell.assignment_id in seen]
    return sorted(found, key=lambda pair: _relative(pair.cell), reverse=True)


def _differing(context: Context) -> list[Pair]:
    return [pair for pair in comparisons(context) if pair.cell.agreement == DISAGREE]


def _visible(assignments: Iterable[int], scope: Scope) -> set[int]:
    """Return those of some assignments that the person may see."""
    rows = Assignment.objects.filter(pk__in=set(assignments)).visible_to(scope)
    return set(rows.order_by().values_list("pk", flat=True))


def target_period(version: DocumentVersion, context: Context) -> Period:
    """Return the stretch that the plan's targets are judged over: the year to date, or the plan's last year when over."""
    end = version.period_to
    if end is not None and end < context.today:
        return Period(dt.date(end.year, 1, 1), end, "year", str(end.year))
    return periods.to_date(context.today)


class Told:
    """The newest reported values of some assignments, found by measure and area."""

    def __init__(self) -> None:
        self._by: dict[tuple[int, int | None], list[ProgressReport]] = defaultdict(list)
        self.in_words: Counter[int | None] = Counter()

    def add(self, report: ProgressReport) -> None:
        self._by[report.assignment.measure_id, report.assignment.area_id].append(report)

    @property
    def measures(self) -> set[int]:
        return {measure for measure, _area in self._by}

    def areas_of(self, measure_id: int | None) -> list[int | None]:
        return [area for measure, area in self._by if measure == measure_id]

    def find(self, binding: TargetBinding, area_id: int | None, unit_code: str) -> Reported | None:
        """Return what was last said about a target: by a report that names it, or for a target in words its indicator.

        A report that names neither speaks of the measure's target in words, if there is but one. The unit must fit.
        """
        reports = self._by.get((binding.measure_id, area_id), []) if binding.measure_id else []
        fitting = [r for r in reports if self._speaks_of(r, binding)]
        for report in sorted(fitting, key=lambda r: (r.reported_at, r.pk), reverse=True):
            number = _in_unit(report, unit_code)
            if number is not None:
                return Reported(
                    report.pk, report.assignment_id, number, report.value or number, report.unit, report.effective_on
                )
        return None

    def _speaks_of(self, report: ProgressReport, binding: TargetBinding) -> bool:
        if binding.target_id is not None or report.target_id is not None:
            return report.target_id == binding.target_id
        return report.indicator == binding.indicator or (
            not report.indicator and self.in_words[binding.measure_id] == 1
        )


def _in_unit(report: ProgressReport, unit_code: str) -> Decimal | None:
    """Return the reported value in a unit; None when it measures something else (tonnes an hour are no boilers)."""
    if report.value is None:
        return None
    try:
        return convert(report.value, report.unit or "1", unit_code)
    except (IncompatibleUnitsError, UnknownUnitError):
        return None


def _reported(assignments: QuerySet[Assignment]) -> Told:
    """Read the newest value of each assignment and target (three queries)."""
    with_value = ProgressReport.objects.filter(
        assignment__in=assignments.order_by(), value__isnull=False, withdrawn_at__isnull=True
    )
    newest = with_value.order_by().values("assignment_id", "target_id", "indicator").annotate(newest=Max("pk"))
    told = Told()
    reports = ProgressReport.objects.filter(pk__in=[row["newest"] for row in newest]).select_related("assignment")
    for report in reports.only(
        "value", "unit", "target", "indicator", "effective_on", "reported_at", "assignment__measure", "assignment__area"
    ):
        told.add(report)
    words = TargetBinding.objects.filter(target__isnull=True, measure__in=told.measures).order_by()
    told.in_words.update(words.values_list("measure_id", flat=True))
    return told


def _seen_areas(scope: Scope, context: Context, area: Place | None) -> list[Place]:
    if area is not None:
        return [place for place in context.areas if place.pk == area.pk]
    if scope.sees_everything or scope.agency_ids:
        return context.areas
    return [place for place in context.areas if place.pk in scope.place_ids]


def _row(binding: TargetBinding, told: Told, seen: Iterable[Place], context: Context) -> Row:
    one = find(binding.indicator, context)
    if one is None:
        return Row(binding, binding.target, None)
    codes = set(place_codes(binding, one, context))
    city = _cell(binding, context.city, told, context) if context.city else None
    areas = tuple(_cell(binding, place, told, context) for place in seen if place.code in codes)
    return Row(binding, binding.target, one, in_indicator_unit(binding, context), city, areas)


def _cell(binding: TargetBinding, place: Place, told: Told, context: Context) -> Cell:
    value = evaluate(binding.indicator, place, target_period(binding.version, context), context)
    wanted = _wanted(binding, place, context)
    verdict = Verdict.UNKNOWN if wanted is None else compare(value, binding.comparator, wanted)
    lacking = None if wanted is None else gap(value, binding.comparator, wanted)
    area_id = None if place.kind == Place.Kind.CITY else place.pk
    said = told.find(binding, area_id, value.unit)
    cell = Cell(place, value, binding.comparator, wanted, verdict, lacking, said)
    if said is None or value.number is None:
        return cell
    differs = disagree(said.number, value.number, context)
    return Cell(
        place, value, binding.comparator, wanted, verdict, lacking, said, said.number - value.number,
        DISAGREE if differs else AGREE,
    )  # fmt: skip


def _wanted(binding: TargetBinding, place: Place, context: Context) -> Decimal | None:
    """Return what a place owes: its share of a split target; else the target itself, unless that is a sum of all areas."""
    target = in_indicator_unit(binding, context)
    one = find(binding.indicator, context)
    if place.kind == Place.Kind.CITY:
        return target
    share = _shares(context).get((binding.target_id, place.pk)) if binding.target_id else None
    if share is not None and one is not None and unit(share[1]).dimension == unit(one.unit).dimension:
        return convert(share[0], share[1], one.unit)
    adds_up = one is not None and one.aggregate == "sum" and target != 0
    return None if adds_up else target


def _shares(context: Context) -> dict[tuple[int | None, int | None], tuple[Decimal, str]]:
    """Return the areas' shares of split targets, by target and area (one query)."""

    def read() -> dict[tuple[int | None, int | None], tuple[Decimal, str]]:
        rows = TargetShare.objects.select_related("split__target", "assignment")
        return {(r.split.target_id, r.assignment.area_id): (r.value, r.split.target.unit or "1") for r in rows}

    return context.memo("target shares", read)


def _span(bindings: Iterable[TargetBinding], context: Context) -> Period:
    wanted = [target_period(binding.version, context) for binding in bindings]
    return Period(min(p.start for p in wanted), max(p.end for p in wanted), "day", "span")


def _relative(cell: Cell) -> Decimal:
    base = abs(cell.computed.number or Decimal(0))
    return abs(cell.difference or Decimal(0)) / (base or Decimal(1))
