"""The list of assignments: filters in the address, both lights, what hurts first on top."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn
from lantian.kit.lists import ListPage
from lantian.plan import queries
from lantian.plan.models import Assignment, Measure, Task
from lantian.plan.querysets import OPEN_STATES
from lantian.plan.thresholds import thresholds

NOWRAP = {"td": {"class": "text-nowrap"}}


def _choices(name: str) -> list[tuple[str, Any]]:
    return [(value, choice.label) for value, choice in family(name).items()]


class DayColumn(tables.Column):
    """A day, written as in the city's papers; a real date in an export."""

    def render(self, value: Any) -> str:
        return self.value(value).isoformat()

    def value(self, value: Any) -> dt.date:
        return timezone.localdate(value) if isinstance(value, dt.datetime) else value


class AssignmentTable(tables.Table):
    code = tables.Column(
        gettext_lazy("Code"),
        accessor="measure__code",
        linkify=("plan:measure", {"pk": tables.A("measure_id")}),
        attrs=NOWRAP,
    )
    measure = tables.Column(gettext_lazy("Measure"), accessor="measure__text", linkify=True)
    holder = tables.Column(
        gettext_lazy("Holder"), empty_values=(), order_by=("area__position", "agency__position", "pk")
    )
    status = BadgeColumn("status", verbose_name=gettext_lazy("Status"), order_by=("urgency", "deadline", "pk"))
    freshness = BadgeColumn("freshness", verbose_name=gettext_lazy("Freshness"), order_by=("last_report_at", "pk"))
    deadline = DayColumn(verbose_name=gettext_lazy("Deadline"), attrs=NOWRAP)
    percent = tables.Column(gettext_lazy("Progress %"), accessor="last_percent", attrs={"td": {"class": "lt-number"}})
    last_report = DayColumn(
        accessor="last_report_at",
        attrs=NOWRAP,
        verbose_name=gettext_lazy("Last report"),
        order_by=("last_report_at",),
    )
    task = tables.Column(
        gettext_lazy("Task"), accessor="measure__clause__task", order_by=("measure__clause__task__position",)
    )
    area = tables.Column(gettext_lazy("Area"), order_by=("area__position", "pk"))
    agencies = tables.Column(gettext_lazy("Responsible departments"), empty_values=(), orderable=False)
    nature = tables.Column(gettext_lazy("Nature"), accessor="measure__nature")
    days = tables.Column(
        gettext_lazy("Days left"), empty_values=(), order_by=("deadline",), attrs={"td": {"class": "lt-number"}}
    )
    basis = tables.Column(gettext_lazy("Deadline's basis"), accessor="get_deadline_basis_display", orderable=False)
    note = tables.Column(gettext_lazy("Note"))

    class Meta:
        empty_text = ""

    def render_measure(self, value: str, record: Assignment) -> Any:
        return value[:90] + ("…" if len(value) > 90 else "")

    def value_measure(self, value: str) -> str:
        return value

    def render_holder(self, record: Assignment) -> str:
        name = record.enterprise or str(record.place or record.agency)
        return f"{name} ({record.area})" if record.parent_id and record.area else name

    def render_freshness(self, record: Assignment, bound_column: Any) -> Any:
        # Only open work is asked for news.
        return bound_column.column.render(record, bound_column) if record.is_open else "–"

    def value_freshness(self, record: Assignment, bound_column: Any) -> str:
        return str(bound_column.column.value(record, bound_column)) if record.is_open else ""

    def render_task(self, value: Task) -> str:
        return f"{value.number} {value.title}"

    def render_agencies(self, record: Assignment) -> str:
        links = record.measure.clause.agencies.all()
        return "、".join(str(link.agency) for link in links if link.role in ("lead", "each"))

    def render_nature(self, record: Assignment) -> str:
        return str(record.measure.get_nature_display())

    def render_days(self, record: Assignment) -> Any:
        if record.deadline is None or record.state not in OPEN_STATES:
            return "–"
        return (record.deadline - clock.today()).days


class AssignmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Words"), method="words")
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"), choices=lambda: _choices("status"), method="of_status"
    )
    freshness = django_filters.ChoiceFilter(
        label=gettext_lazy("Freshness"), choices=lambda: _choices("freshness"), method="fresh"
    )
    code = django_filters.CharFilter(label=gettext_lazy("Code"), field_name="measure__code")
    due = django_filters.NumberFilter(
        label=gettext_lazy("Due within days"), method="due_within", min_value=0, max_value=3650
    )
    task = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Task"), field_name="measure__clause__task", queryset=lambda request: _tasks()
    )
    area = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Area"),
        queryset=lambda request: Place.objects.areas().defer("boundary"),
        to_field_name="code",
    )
    agency = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Department"), queryset=lambda request: _agencies(), method="of_agency"
    )
    nature = django_filters.ChoiceFilter(
        label=gettext_lazy("Nature"), field_name="measure__nature", choices=Measure.Nature.choices
    )
    parts = django_filters.ChoiceFilter(
        label=gettext_lazy("Parts"),
        method="with_parts",
        choices=[("with", gettext_lazy("wholes and parts")), ("only", gettext_lazy("parts only"))],
        empty_label=gettext_lazy("wholes only"),
    )

    class Meta:
        model = Assignment
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("parts")
        return rows if asked else rows.wholes()

    def words(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split()[:6]:
            queryset = queryset.filter(
                Q(measure__text__icontains=word)
                | Q(measure__code__istartswith=word)
                | Q(place__name__icontains=word)
                | Q(place__name_en__icontains=word)
                | Q(enterprise__icontains=word)
                | Q(agency__short__icontains=word)
                | Q(note__icontains=word)
            )
        return queryset

    def of_status(self, queryset: Any, name: str, value: str) -> Any:
        limits = thresholds()
        # `Any`: the annotations are made inside the query set, where the types do not see them.
        asked: Any = Assignment.objects.with_status(limits.today, limits.due_soon_days, grace_days=limits.grace_days)
        return queryset.filter(pk__in=asked.filter(status=value).order_by().values("pk"))

    def fresh(self, queryset: Any, name: str, value: str) -> Any:
        asked: Any = Assignment.objects.filter(state__in=OPEN_STATES).with_lights(thresholds())
        return queryset.filter(pk__in=asked.filter(freshness=value).order_by().values("pk"))

    def due_within(self, queryset: Any, name: str, value: Any) -> Any:
        return queries.open_and_due(queryset, int(value))

    def of_agency(self, queryset: Any, name: str, value: Agency) -> Any:
        clauses = value.clauses.values("clause")
        return queryset.filter(Q(agency=value) | Q(measure__clause__in=clauses))

    def with_parts(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(parent__isnull=False) if value == "only" else queryset


def _tasks() -> Any:
    return Task.objects.filter(version__state="adopted", version__document__kind="city_plan").order_by("position")


def _agencies() -> Any:
    return Agency.objects.filter(clauses__clause__task__version__state="adopted").distinct()


@method_decorator(needs("assignment.view"), name="dispatch")
class AssignmentList(ListPage):
    table_class = AssignmentTable
    filterset_class = AssignmentFilter
    template_name = "plan/assignments.html"
    title = gettext_lazy("Assignments")
    file_name = "assignments"
    default_columns = ("status", "freshness", "code", "measure", "holder", "deadline", "percent", "last_report")

    def get_queryset(self) -> Any:
        found = queries.urgent_rows(queries.ledger(scope_of(self.request.user)), thresholds())
        columns = self.request.GET.get("columns", "")
        if "task" in columns:
            found = queries.with_task(found)
        if "agencies" in columns:
            found = found.prefetch_related("measure__clause__agencies__agency")
        return found

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        kwargs["legend"] = _(
            "Two lights: the status says where it stands, the freshness when somebody last spoke of it."
        )
        return kwargs
