"""Lists of a dispatch round: what it asks with what came of it, and every assignment beside the last round."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, pgettext_lazy

from lantian.city.access import needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.choices import badge, family
from lantian.kit.columns import BadgeColumn
from lantian.kit.lists import ListPage
from lantian.kit.templatetags.kit import badge as light
from lantian.plan import dispatch
from lantian.plan.lines import Line, lines
from lantian.plan.models import RoundEntry, Task
from lantian.plan.rules import rounds as rules
from lantian.plan.thresholds import thresholds
from lantian.plan.views.columns import NOWRAP, NUMBER, Day, LongText, Moment
from lantian.plan.views.rounds import visible_round


class EntryTable(tables.Table):
    entry_state = BadgeColumn("round_entry", verbose_name=gettext_lazy("Report"))
    status = tables.Column(gettext_lazy("Status"), empty_values=(), orderable=False)
    code = tables.Column(gettext_lazy("Code"), accessor="assignment__measure__code", attrs=NOWRAP)
    measure = LongText(
        gettext_lazy("Measure"),
        accessor="assignment__measure__text",
        linkify=lambda record: reverse("plan:assignment", args=[record.assignment_id]),
    )
    holder = tables.Column(gettext_lazy("Holder"), empty_values=(), order_by=("assignment__area__position", "pk"))
    task = tables.Column(gettext_lazy("Task"), accessor="assignment__measure__clause__task", orderable=False)
    deadline = Day(accessor="assignment__deadline", verbose_name=gettext_lazy("Deadline"))
    percent = tables.Column(gettext_lazy("Progress %"), attrs=NUMBER)
    said_at = Moment(verbose_name=pgettext_lazy("round", "Reported"))
    said_by = tables.Column(gettext_lazy("Reported by"))
    reminders = tables.Column(gettext_lazy("Reminders"), attrs=NUMBER)
    reminded_at = Moment(verbose_name=gettext_lazy("Last reminded"))

    def render_holder(self, record: RoundEntry) -> str:
        assignment = record.assignment
        return str(assignment.enterprise or assignment.place or assignment.agency)

    def render_status(self, record: RoundEntry) -> Any:
        return light("status", self._status(record))

    def value_status(self, record: RoundEntry) -> str:
        return str(badge("status", self._status(record)).label)

    def _status(self, record: RoundEntry) -> str:
        if not hasattr(self, "_limits"):
            self._limits = thresholds()
        assignment = record.assignment
        return record.closing_status or self._limits.status(assignment.state, assignment.deadline)


class EntryFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Words"), method="words")
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Report"),
        field_name="entry_state",
        choices=lambda: [(value, choice.label) for value, choice in family("round_entry").items()],
    )
    area = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Area"),
        field_name="assignment__area",
        queryset=lambda request: Place.objects.areas().defer("boundary"),
        to_field_name="code",
    )
    task = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Task"),
        field_name="assignment__measure__clause__task",
        queryset=lambda request: Task.objects.none(),
    )
    agency = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Department"),
        queryset=lambda request: Agency.objects.filter(clauses__clause__task__version__state="adopted").distinct(),
        method="of_agency",
    )

    class Meta:
        model = RoundEntry
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pk = self.request.resolver_match.kwargs["pk"]
        asked = RoundEntry.objects.filter(round=pk).values("assignment__measure__clause__task")
        self.form.fields["task"].queryset = Task.objects.filter(pk__in=asked).order_by("position")

    def words(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split()[:6]:
            queryset = queryset.filter(
                Q(assignment__measure__text__icontains=word)
                | Q(assignment__measure__code__istartswith=word)
                | Q(assignment__place__name__icontains=word)
                | Q(assignment__enterprise__icontains=word)
                | Q(assignment__agency__short__icontains=word)
            )
        return queryset

    def of_agency(self, queryset: Any, name: str, value: Agency) -> Any:
        links = value.clauses.filter(role__in=dispatch.RESPONSIBLE).values("clause")
        return queryset.filter(Q(assignment__agency=value) | Q(assignment__measure__clause__in=links))


@method_decorator(needs("round.view"), name="dispatch")
class EntryList(ListPage):
    table_class = EntryTable
    filterset_class = EntryFilter
    template_name = "plan/round_entries.html"
    file_name = "round-entries"
    default_columns = (
        "entry_state",
        "status",
        "code",
        "measure",
        "holder",
        "deadline",
        "percent",
        "said_at",
        "reminders",
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.round = visible_round(request, kwargs["pk"])
        self.title = self.round.title
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return dispatch.entries_of(self.round, scope_of(self.request.user))

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(round=self.round, tab="entries", **kwargs)


class MoveTable(tables.Table):
    movement = BadgeColumn("movement", verbose_name=gettext_lazy("Movement"))
    code = tables.Column(gettext_lazy("Code"), attrs=NOWRAP)
    measure = LongText(
        gettext_lazy("Measure"), linkify=lambda record: reverse("plan:assignment", args=[record["assignment"]])
    )
    holder = tables.Column(gettext_lazy("Holder"))
    percent = tables.Column(gettext_lazy("Progress %"), empty_values=(), order_by=("percent_now",), attrs=NUMBER)
    status_before = BadgeColumn("status", verbose_name=gettext_lazy("Status before"))
    status_now = BadgeColumn("status", verbose_name=gettext_lazy("Status now"))
    newly_overdue = tables.BooleanColumn(verbose_name=gettext_lazy("Newly overdue"), yesno=("✔", ""))
    missing = tables.BooleanColumn(verbose_name=gettext_lazy("Not reported"), yesno=("✔", ""))
    missed_before = tables.BooleanColumn(verbose_name=gettext_lazy("Not reported last time"), yesno=("✔", ""))

    def render_percent(self, record: dict[str, Any]) -> Any:
        before, now = (record[name] if record[name] is not None else "–" for name in ("percent_before", "percent_now"))
        return format_html('<del class="lt-was">{}</del> {}', before, now) if before != now else now

    def value_percent(self, record: dict[str, Any]) -> str:
        before, now = (record[name] if record[name] is not None else "–" for name in ("percent_before", "percent_now"))
        return f"{before} → {now}"


@method_decorator(needs("round.view"), name="dispatch")
class MoveList(ListPage):
    """Every assignment beside the last round, with the moves counted by area, department or task."""

    table_class = MoveTable
    template_name = "plan/round_comparison.html"
    file_name = "round-comparison"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.round = visible_round(request, kwargs["pk"])
        self.title = self.round.title
        self.view = dispatch.view(self.round, scope_of(request.user))
        self.comparison = dispatch.comparison(self.view, scope_of(request.user))
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        wanted = self.request.GET.get("movement", "")
        moves = self.comparison.moves
        if wanted in ("newly_overdue", "missing"):
            moves = [move for move in moves if getattr(move, wanted)]
        elif wanted in rules.MOVEMENTS:
            moves = [move for move in moves if move.movement == wanted]
        # One that was signed off since stands in the earlier round only.
        named = lines(move.assignment for move in moves)
        return [self._row(move, named[move.assignment]) for move in moves]

    def _row(self, move: rules.Move, line: Line) -> dict[str, Any]:
        return {
            "assignment": move.assignment,
            "movement": move.movement,
            "code": line.code,
            "measure": line.measure,
            "holder": line.holder,
            "percent_before": move.percent_before,
            "percent_now": move.percent_now,
            "status_before": move.status_before or None,
            "status_now": move.status_now,
            "newly_overdue": move.newly_overdue,
            "missing": move.missing,
            "missed_before": move.missed_before,
        }

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        by = self.request.GET.get("by", "area")
        by = by if by in ("area", "agency", "task") else "area"
        names: dict[str, list[Any]] = {
            "area": self.view.areas, "agency": self.view.agencies, "task": self.view.tasks,
        }  # fmt: skip
        sums = self.comparison.by(by)
        context = {
            "round": self.round,
            "tab": "comparison",
            "by": by,
            "before": self.comparison.before,
            "sums": [(record, sums[record.pk]) for record in names[by] if record.pk in sums],
            "all": self.comparison.by("all").get("all"),
            "movements": rules.MOVEMENTS,
            "movement": self.request.GET.get("movement", ""),
        }
        return super().get_context(**context, **kwargs)
