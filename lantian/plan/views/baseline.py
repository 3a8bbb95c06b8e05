"""The comparison of any two days, in place: the old value struck through beside the new one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.city.models import Place
from lantian.kit.choices import badge
from lantian.kit.columns import BadgeColumn
from lantian.kit.forms import day_field, dress
from lantian.kit.lists import ListPage
from lantian.plan import baselines
from lantian.plan.models import DispatchRound, Task
from lantian.plan.rules.baseline import ADDED, CANCELLED, CHANGED, Difference, Side
from lantian.plan.views.columns import NOWRAP, NUMBER, LongText

_KINDS = ((CHANGED, gettext_lazy("changed")), (ADDED, gettext_lazy("added")), (CANCELLED, gettext_lazy("cancelled")))


def _tasks() -> Any:
    return Task.objects.filter(version__state="adopted", version__document__kind="city_plan").order_by("position")


class BaselineForm(forms.Form):
    """The choice of days and of what is compared; it lives in the address."""

    since = day_field(label=gettext_lazy("From the end of"), required=False)
    until = day_field(label=gettext_lazy("to the end of"), required=False)
    area = forms.ModelChoiceField(
        queryset=Place.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("Area"),
        empty_label=gettext_lazy("all"),
    )
    task = forms.ModelChoiceField(
        queryset=Task.objects.none(), required=False, label=gettext_lazy("Task"), empty_label=gettext_lazy("all")
    )
    kind = forms.ChoiceField(
        choices=[("", gettext_lazy("all")), *_KINDS], required=False, label=gettext_lazy("Kind of change")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = Place.objects.areas().defer("boundary")  # type: ignore[attr-defined]
        self.fields["task"].queryset = _tasks()  # type: ignore[attr-defined]
        for field in self.fields.values():
            dress(field)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day lies before the first one: choose a later one."))
        return values

    def add_prefix(self, field_name: str) -> str:
        """The address says from and to, as people do."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)


def _del(old: Any, new: Any) -> Any:
    return new if old == new else format_html('<del class="lt-was">{}</del> {}', old, new)


class DifferenceTable(tables.Table):
    kind = BadgeColumn("difference", verbose_name=gettext_lazy("Kind of change"))
    code = tables.Column(gettext_lazy("Code"), attrs=NOWRAP)
    measure = LongText(
        gettext_lazy("Measure"), linkify=lambda record: reverse("plan:assignment", args=[record["assignment"]])
    )
    holder = tables.Column(gettext_lazy("Holder"))
    status = tables.Column(gettext_lazy("Status"), empty_values=(), orderable=False)
    deadline = tables.Column(gettext_lazy("Deadline"), empty_values=(), orderable=False)
    percent = tables.Column(gettext_lazy("Progress %"), empty_values=(), orderable=False, attrs=NUMBER)

    def _pair(self, record: dict[str, Any], name: str) -> tuple[Any, Any]:
        sides: tuple[Side | None, Side | None] = record["sides"]
        old, new = (getattr(side, name) if side is not None else None for side in sides)
        if name == "status":
            old, new = (badge("status", value).label if value else None for value in (old, new))
        return ("–" if old is None else old), ("–" if new is None else new)

    def render_status(self, record: dict[str, Any]) -> Any:
        return _del(*self._pair(record, "status"))

    def value_status(self, record: dict[str, Any]) -> str:
        return self._arrow(record, "status")

    def render_deadline(self, record: dict[str, Any]) -> Any:
        return _del(*self._pair(record, "deadline"))

    def value_deadline(self, record: dict[str, Any]) -> str:
        return self._arrow(record, "deadline")

    def render_percent(self, record: dict[str, Any]) -> Any:
        return _del(*self._pair(record, "percent"))

    def value_percent(self, record: dict[str, Any]) -> str:
        return self._arrow(record, "percent")

    def _arrow(self, record: dict[str, Any], name: str) -> str:
        old, new = self._pair(record, name)
        return str(new) if old == new else f"{old} → {new}"


@method_decorator(needs("baseline.view"), name="dispatch")
class Baseline(ListPage):
    """?from=&to=&area=&task=&kind= ; without days: from the last closed round until today."""

    table_class = DifferenceTable
    template_name = "plan/baseline.html"
    title = gettext_lazy("Comparison of two days")
    file_name = "comparison"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = clock.today()
        address = request.GET.copy()
        address.setdefault("to", today.isoformat())
        address.setdefault("from", _default_since(today).isoformat())
        self.form = BaselineForm(address)
        self.form.is_valid()
        chosen = self.form.cleaned_data
        self.until: dt.date = chosen.get("until") or today
        self.since: dt.date = chosen.get("since") or _default_since(self.until)
        self.area, self.task, self.kind = chosen.get("area"), chosen.get("task"), chosen.get("kind") or ""
        self.comparison = baselines.compare(
            scope_of(request.user), self.since, self.until, area=self.area, task=self.task
        )
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return [self._row(d) for d in self.comparison.changed if self.kind in ("", d.kind)]

    def _row(self, difference: Difference) -> dict[str, Any]:
        line = self.comparison.lines[difference.id]
        return {
            "assignment": difference.id,
            "kind": difference.kind,
            "code": line.code,
            "measure": line.measure,
            "holder": line.holder,
            "sides": (difference.before, difference.after),
        }

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        areas = self.comparison.sums("area")
        tasks = self.comparison.sums("task")
        context = {
            "form": self.form,
            "since": self.since,
            "until": self.until,
            "comparison": self.comparison,
            "sums": [
                ([(_("All"), *one) for one in self.comparison.sums("all").values()], _("Together"), ""),
                (
                    [(p, *areas[p.pk]) for p in Place.objects.areas().defer("boundary") if p.pk in areas],
                    _("By area"),
                    _("Area"),
                ),
                (
                    [
                        (t, *tasks[t.pk])
                        for t in Task.objects.filter(pk__in=[str(key) for key in tasks]).order_by("version", "position")
                    ],
                    _("By task"),
                    _("Task"),
                ),
            ],
            "counts": [(kind, label, sum(d.kind == kind for d in self.comparison.changed)) for kind, label in _KINDS],
            "future": self.until > clock.today(),
        }
        return super().get_context(**context, **kwargs)


def _default_since(until: dt.date) -> dt.date:
    """The day on which the last round before was closed, or a month earlier."""
    last = DispatchRound.objects.filter(closed_at__isnull=False).order_by("-closed_at").first()
    if last is not None and last.closed_at is not None:
        closed = timezone.localdate(last.closed_at)
        if closed < until:
            return closed
    return until - dt.timedelta(days=30)
