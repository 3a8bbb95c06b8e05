"""The evidence list and the viewer with its review, replacement and re-hashing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn, MomentColumn
from lantian.kit.errors import Unlawful
from lantian.kit.forms import DateInput, perform, status_of
from lantian.kit.lists import ListPage
from lantian.records import services
from lantian.records.forms import ReplaceForm, ReviewForm
from lantian.records.kinds import catalogue
from lantian.records.models import Evidence
from lantian.records.queries import evidence_visible_to, for_strip, history_of, line_of, usages_of
from lantian.records.views.content import visible_evidence
from lantian.records.words import action_words


def kind_label(mime: str) -> str:
    """Return what kind of file this is, in the active language."""
    kind = catalogue().by_mime(mime)
    return kind.label(get_language() or "zh") if kind else mime


class EvidenceTable(tables.Table):
    picture = tables.Column(gettext_lazy("Picture"), empty_values=(), orderable=False)
    evidence = tables.Column(gettext_lazy("Evidence"), empty_values=(), order_by=("title", "name"))
    name = tables.Column(gettext_lazy("File name"))
    effective_on = tables.DateColumn(format="Y-m-d", verbose_name=gettext_lazy("Effective date"))
    expires_on = tables.DateColumn(format="Y-m-d", verbose_name=gettext_lazy("Valid until"))
    uploaded_at = MomentColumn(verbose_name=gettext_lazy("Uploaded"))
    uploaded_by = tables.Column(gettext_lazy("By"))
    place = tables.Column(gettext_lazy("Place"))
    agency = tables.Column(gettext_lazy("Department"))
    review = BadgeColumn("review", verbose_name=gettext_lazy("Review state"))
    kind = tables.Column(gettext_lazy("Kind of file"), accessor="file__mime")
    size = tables.Column(gettext_lazy("Size"), accessor="file__size", attrs={"td": {"class": "lt-number"}})
    hash = tables.Column("SHA-256", accessor="file_id", orderable=False, attrs={"td": {"class": "lt-hash"}})

    def render_picture(self, record: Evidence) -> Any:
        if not record.is_picture:
            return format_html('<span class="lt-thumb lt-thumb-small lt-thumb-file">{}</span>', record.extension)
        address = reverse("records:evidence_thumb", args=[record.pk])
        return format_html('<img class="lt-thumb lt-thumb-small" src="{}" alt="" loading="lazy">', address)

    def value_picture(self, record: Evidence) -> str:
        return ""

    def render_evidence(self, record: Evidence) -> Any:
        return format_html('<a href="{}">{}</a>', reverse("records:evidence", args=[record.pk]), record)

    def value_evidence(self, record: Evidence) -> str:
        return str(record)

    def render_kind(self, value: str) -> str:
        return kind_label(value)

    def render_size(self, value: int) -> str:
        return filesizeformat(value)

    def value_size(self, value: int) -> int:
        return value


def _places(request: HttpRequest | None) -> QuerySet[Place]:
    """Areas that this person's evidence can be about."""
    scope = scope_of(getattr(request, "user", None))
    areas = Place.objects.areas().defer("boundary")
    return areas if scope.sees_everything or not scope.place_ids else areas.filter(pk__in=scope.place_ids)


def _day(**kwargs: Any) -> django_filters.DateFilter:
    return django_filters.DateFilter(widget=DateInput(), **kwargs)


class EvidenceFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Text"), method="by_text")
    review = django_filters.ChoiceFilter(
        label=gettext_lazy("Review state"),
        choices=lambda: [(value, choice.label) for value, choice in family("review").items()],
    )
    place = django_filters.ModelChoiceFilter(label=gettext_lazy("Place"), queryset=_places, method="by_area")
    agency = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Department"), queryset=Agency.objects.filter(is_active=True)
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind of file"), field_name="file__mime", choices=lambda: _kinds()
    )
    since = _day(label=gettext_lazy("Effective from"), field_name="effective_on", lookup_expr="gte")
    until = _day(label=gettext_lazy("Effective until"), field_name="effective_on", lookup_expr="lte")
    expires = _day(label=gettext_lazy("Ends until"), field_name="expires_on", lookup_expr="lte")
    mine = django_filters.ChoiceFilter(label=gettext_lazy("Show"), choices=[("1", gettext_lazy("my own uploads"))], method="by_uploader",
                                       empty_label=gettext_lazy("all that I may see"))  # fmt: skip

    def by_text(self, rows: QuerySet[Evidence], name: str, value: str) -> QuerySet[Evidence]:
        """Words of the title or the name, or the beginning of the SHA-256."""
        found = Q(title__icontains=value) | Q(name__icontains=value)
        return rows.filter(found | Q(file__sha256__startswith=value.lower()) if len(value) >= 6 else found)

    def by_area(self, rows: QuerySet[Evidence], name: str, value: Place) -> QuerySet[Evidence]:
        """The area and all that lies in it."""
        within = Q(place=value) | Q(place__parent=value) | Q(place__parent__parent=value)
        return rows.filter(within)

    def by_uploader(self, rows: QuerySet[Evidence], name: str, value: str) -> QuerySet[Evidence]:
        return rows.filter(uploaded_by=self.request.user.pk)


def _kinds() -> list[tuple[str, str]]:
    return [(kind.mime, kind_label(kind.mime)) for kind in catalogue().accepting("evidence")]


@method_decorator(needs("evidence.view"), name="dispatch")
class EvidenceList(ListPage):
    table_class = EvidenceTable
    filterset_class = EvidenceFilter
    title = gettext_lazy("Evidence")
    default_columns = ("picture", "evidence", "effective_on", "uploaded_at", "uploaded_by", "place", "agency", "review")
    file_name = "evidence"

    def get_queryset(self) -> QuerySet[Evidence]:
        rows = evidence_visible_to(scope_of(self.request.user)).select_related("file", "uploaded_by", "place", "agency")
        return rows.defer("place__boundary").order_by("-id")


@require_safe
@needs("evidence.view")
def evidence_page(request: SignedRequest, pk: int) -> HttpResponse:
    """The viewer."""
    return _show(request, visible_evidence(request, pk))


def _show(request: SignedRequest, evidence: Evidence, status: int = 200, **forms: Any) -> HttpResponse:
    scope = scope_of(request.user)
    keys = line_of(evidence)
    line = list(for_strip(evidence_visible_to(scope).filter(pk__in=keys))) if len(keys) > 1 else []
    newer = Evidence.objects.filter(replaces=evidence).first()
    replaceable = newer is None and services.may_replace(request.user, evidence)
    context = {
        "title": str(evidence),
        "evidence": evidence,
        "kind": kind_label(evidence.file.mime),
        "metadata": evidence.file.metadata,
        "days_apart": days_apart(evidence),
        "line": line,
        "newer": newer,
        "usages": usages_of(evidence, scope),
        "history": [(entry, action_words(entry.action)) for entry in history_of(evidence).order_by("seq")],
        "review_form": None if newer or not services.may_review(request.user, evidence) else ReviewForm.of(evidence),
        "replace_form": ReplaceForm.of(evidence) if replaceable else None,
    }
    return render(request, "records/evidence.html", context | forms, status=status)


def days_apart(evidence: Evidence) -> int | None:
    """Return how many days after the effective date the camera says the picture was taken (None when it says nothing)."""
    try:
        taken = dt.datetime.fromisoformat(evidence.file.metadata.get("taken_at", "")).date()
    except ValueError:
        return None
    return (taken - evidence.effective_on).days


@require_POST
@needs("evidence.review")
def review(request: SignedRequest, pk: int) -> HttpResponse:
    """Accept or reject."""
    evidence = visible_evidence(request, pk)
    form = ReviewForm(request.POST)
    done = perform(
        form,
        lambda data: services.review_evidence(
            request.user, evidence, data["verdict"] == "accept", data["note"], seen_version=data["version"]
        ),
        record=evidence,
    )  # fmt: skip
    if done is None:
        return _show(request, evidence, status_of(form), review_form=form)
    messages.success(request, _("The review is recorded."))
    return redirect("records:evidence", pk)


@require_POST
@needs("evidence.add")
def replace(request: SignedRequest, pk: int) -> HttpResponse:
    """Hand in a newer file in place of this one."""
    evidence = visible_evidence(request, pk)
    if not services.may_replace(request.user, evidence):
        services.require_replaceable(request.user, evidence)
    form = ReplaceForm(request.POST, request.FILES)

    def act(data: dict[str, Any]) -> Evidence:
        if len(data["evidence_files"]) != 1:
            raise Unlawful(_("One file takes the place of one file."), field="evidence_files")
        return form.save_replacement(request.user, evidence, key=data["key"] or None)

    made = perform(form, act, record=evidence)
    if made is None:
        return _show(request, evidence, status_of(form), replace_form=form)
    messages.success(request, _("The newer file is handed in; the older one stays in the record."))
    return redirect("records:evidence", made.pk)


@require_POST
@needs("evidence.view")
def check(request: SignedRequest, pk: int) -> HttpResponse:
    """Hash the stored file again and say whether it is still what was handed in."""
    evidence = visible_evidence(request, pk)
    result = services.check_file(evidence)
    if result.ok:
        messages.success(request, _("The stored file is unchanged: its SHA-256 is what it was when it was handed in."))
    elif result.state == "missing":
        messages.error(request, _("The stored file is missing. Tell the administrator."))
    else:
        messages.error(
            request,
            _("The stored file was CHANGED: its SHA-256 is now %(hash)s. Tell the administrator.")
            % {"hash": result.actual},
        )
    return redirect("records:evidence", pk)
