"""The register as a list: filters in the address, own columns, export of what is seen."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.city.models import Place
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn, MomentColumn
from lantian.kit.lists import ListPage
from lantian.kit.search import all_words
from lantian.sources import queries
from lantian.sources.kinds import industries
from lantian.sources.models import Enterprise
from lantian.sources.permits import with_permit_state
from lantian.sources.tabs import tabs

NOWRAP = {"td": {"class": "text-nowrap"}}
NUMBER = {"td": {"class": "lt-number"}}


def _choices(name: str) -> list[tuple[str, Any]]:
    """The choices of a family for a filter; the empty one is asked for as "-"."""
    return [(value or "-", choice.label) for value, choice in family(name).items()]


class RegisterTable(tables.Table):
    code = tables.Column(attrs=NOWRAP)
    name = tables.Column(pgettext_lazy("register", "enterprise"), linkify=True)
    industry = tables.Column()
    area = tables.Column(order_by=("area__position", "code"))
    grade = BadgeColumn("enterprise_grade")
    state = BadgeColumn("enterprise_state")
    permit = BadgeColumn(
        "permit_state", verbose_name=gettext_lazy("Permit"), accessor="permit_state", order_by=("permit_until", "pk")
    )
    permit_until = tables.DateColumn(verbose_name=gettext_lazy("Permit until"), format="Y-m-d", attrs=NOWRAP)
    scattered = BadgeColumn("scattered")
    credit_code = tables.Column(attrs=NOWRAP)
    industry_code = tables.Column()
    town = tables.Column(order_by=("town__position", "pk"))
    address = tables.Column()
    state_since = tables.DateColumn(format="Y-m-d", attrs=NOWRAP)
    confidence = BadgeColumn("source_confidence")
    source = tables.Column()
    synthetic = tables.BooleanColumn(yesno="✓,")
    changed_at = MomentColumn()

    class Meta:
        model = Enterprise
        fields: tuple[str, ...] = ()

    def render_name(self, value: str, record: Enterprise) -> Any:
        mark = format_html(' <span class="badge lt-purple">{}</span>', _("invented")) if record.synthetic else ""
        return format_html("{}{}", str(record), mark)

    def value_name(self, record: Enterprise) -> str:
        return str(record)

    def render_industry(self, value: str) -> str:
        return str(dict(industries()).get(value, value))

    def value_synthetic(self, value: bool) -> str:
        return _("invented") if value else ""


class RegisterFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Words"), method="words")
    area = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Area"),
        queryset=lambda request: Place.objects.areas().defer("boundary"),
        to_field_name="code",
    )
    industry = django_filters.ChoiceFilter(
        label=gettext_lazy("industry"), choices=lambda: [("-", _("not known")), *industries()], method="exactly"
    )
    grade = django_filters.ChoiceFilter(
        label=gettext_lazy("performance grade"), choices=lambda: _choices("enterprise_grade"), method="exactly"
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("state"), choices=lambda: _choices("enterprise_state"), method="exactly"
    )
    permit = django_filters.ChoiceFilter(
        label=gettext_lazy("Permit"), field_name="permit_state", choices=lambda: _choices("permit_state")
    )
    scattered = django_filters.ChoiceFilter(
        label=gettext_lazy("scattered polluter"), choices=lambda: _choices("scattered"), method="exactly"
    )
    synthetic = django_filters.ChoiceFilter(
        label=gettext_lazy("invented"),
        choices=[("no", gettext_lazy("real ones only")), ("yes", gettext_lazy("invented ones only"))],
        method="invented",
    )

    class Meta:
        model = Enterprise
        fields: tuple[str, ...] = ()

    def words(self, rows: QuerySet[Enterprise], name: str, value: str) -> QuerySet[Enterprise]:
        fields = ("name", "name_en", "code", "credit_code", "address", "products")
        return rows.filter(all_words(value.split()[:8], *fields, lists=("aliases",)))

    def exactly(self, rows: QuerySet[Enterprise], name: str, value: str) -> QuerySet[Enterprise]:
        return rows.filter(**{name: "" if value == "-" else value})

    def invented(self, rows: QuerySet[Enterprise], name: str, value: str) -> QuerySet[Enterprise]:
        return rows.filter(synthetic=value == "yes")


@method_decorator(needs("source.view"), name="dispatch")
class RegisterPage(ListPage):
    table_class = RegisterTable
    filterset_class = RegisterFilter
    template_name = "sources/list.html"
    title = pgettext_lazy("sources", "Register")
    default_columns = ("code", "name", "industry", "area", "grade", "state", "permit", "changed_at")
    file_name = "sources"

    def get_queryset(self) -> QuerySet[Enterprise]:
        rows = queries.visible_to(scope_of(self.request.user)).select_related("area", "town")
        return with_permit_state(rows.defer("area__boundary", "town__boundary"), clock.today()).order_by("code")

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        scope = scope_of(self.request.user)
        return {**kwargs, "tabs": tabs(self.request), "may_enter": scope.may("source.edit")}
