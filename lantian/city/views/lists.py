"""The list of people."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lantian.city import clock
from lantian.city.access import needs
from lantian.city.forms import place_choices
from lantian.city.models import Agency, Membership, Role, User
from lantian.city.roles import in_force
from lantian.kit.lists import ListPage


def people() -> QuerySet[User]:
    """Return all people with their memberships fetched (four queries, however many people)."""
    return User.objects.prefetch_related("memberships__agency", "memberships__place").order_by("username")


def roles_now(user: User) -> list[Membership]:
    """Return the memberships that hold today, from what was fetched."""
    today = clock.today()
    return [m for m in user.memberships.all() if m.since <= today and (m.until is None or m.until >= today)]


class UserTable(tables.Table):
    username = tables.Column(verbose_name=_("User name"), linkify=("city:user", {"pk": tables.A("pk")}))
    display_name = tables.Column(verbose_name=_("Name"))
    roles = tables.Column(verbose_name=_("Roles"), accessor="pk", orderable=False)
    phone = tables.Column(verbose_name=_("Phone"))
    language = tables.Column(verbose_name=_("Language"))
    last_login = tables.DateTimeColumn(verbose_name=_("Last login"), format="Y-m-d H:i")
    date_joined = tables.DateTimeColumn(verbose_name=_("Made on"), format="Y-m-d")
    is_active = tables.Column(verbose_name=_("State"))

    class Meta:
        order_by = "username"

    def render_roles(self, record: User) -> SafeString | str:
        held = roles_now(record)
        return format_html_join("", "<div>{}</div>", ((str(m),) for m in held)) if held else "–"

    def value_roles(self, record: User) -> str:
        return "; ".join(str(m) for m in roles_now(record))

    def render_is_active(self, record: User) -> SafeString:
        word, colour = state_of(record)
        return format_html('<span class="badge lt-{}">{}</span>', colour, word)

    def value_is_active(self, record: User) -> str:
        return str(state_of(record)[0])


def state_of(user: User) -> tuple[Any, str]:
    """Return the state of a login in words, and its colour."""
    if not user.is_active:
        return _("inactive"), "grey"
    if user.must_change_password:
        return _("has a one-time password"), "yellow"
    return _("active"), "green"


class UserFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Name"), method="by_words")
    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role.choices, method="by_role")
    agency = django_filters.ModelChoiceFilter(
        label=_("Agency"), queryset=Agency.objects.filter(is_active=True), method="by_agency"
    )
    place = django_filters.ChoiceFilter(label=_("Place"), choices=lambda: place_choices("")[1:], method="by_place")
    is_active = django_filters.ChoiceFilter(
        label=_("State"), choices=[("true", _("active")), ("false", _("inactive"))], method="by_state"
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def by_words(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        for word in value.split()[:8]:
            rows = rows.filter(Q(username__icontains=word) | Q(display_name__icontains=word) | Q(phone__icontains=word))
        return rows

    def by_role(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return rows.filter(_holds(role=value))

    def by_agency(self, rows: QuerySet[User], _name: str, value: Agency) -> QuerySet[User]:
        return rows.filter(_holds(agency=value))

    def by_place(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return rows.filter(_holds(place_id=value))

    def by_state(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return rows.filter(is_active=value == "true")


def _holds(**conditions: Any) -> Exists:
    """People who hold such a membership today."""
    return Exists(in_force(Membership.objects.filter(user=OuterRef("pk"), **conditions)))


@method_decorator(needs("user.manage"), name="dispatch")
class Users(ListPage):
    """All people, with the roles that they hold today."""

    table_class = UserTable
    filterset_class = UserFilter
    template_name = "city/users.html"
    title = _("Users and roles")
    default_columns = ("username", "display_name", "roles", "last_login", "is_active")
    file_name = "users"

    def get_queryset(self) -> QuerySet[User]:
        return people()
