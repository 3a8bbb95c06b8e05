"""Documents and their texts: the list, handing in, reading with anchors, comparing, adopting, discarding."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.city.models import Place
from lantian.kit.choices import family
from lantian.kit.errors import NotAllowed, Unlawful
from lantian.kit.export import XLSX_MIME, attachment, to_xlsx
from lantian.kit.forms import perform, status_of
from lantian.kit.lists import ListPage
from lantian.kit.numbers import whole
from lantian.kit.templatetags.kit import badge as light
from lantian.plan.document_access import counties_to_import_for, may_work_on, require_work_on, visible_versions
from lantian.plan.document_forms import AdoptForm, CityPlanForm, CountyPlanForm, DiscardForm
from lantian.plan.models import Document, DocumentVersion, Task
from lantian.plan.rules.compare import ClausePair, Comparison
from lantian.plan.services.blockers import doubts
from lantian.plan.services.documents import adopt, discard, import_document
from lantian.plan.services.succession import comparison_of, consequences, previous_of
from lantian.plan.text_view import blocks
from lantian.records.services import open_stored

RELATED = ("document__place", "document__serves", "imported_by", "adopted_by", "file")


class DocumentTable(tables.Table):
    title = tables.Column(gettext_lazy("Title"), linkify=("plan:document", {"pk": tables.A("pk")}))
    kind = tables.Column(gettext_lazy("Kind"), accessor="document__get_kind_display", order_by="document__kind")
    place = tables.Column(gettext_lazy("Place"), accessor="document__place", order_by="document__place__position")
    ordinal = tables.Column(gettext_lazy("Version"), attrs={"td": {"class": "lt-number"}})
    state = tables.Column(gettext_lazy("State"))
    number = tables.Column(gettext_lazy("Document number"))
    issued_on = tables.DateColumn(format="Y-m-d", verbose_name=gettext_lazy("Issued"))
    measures = tables.Column(gettext_lazy("Measures"), attrs={"td": {"class": "lt-number"}})
    imported_at = tables.DateTimeColumn(format="Y-m-d H:i", verbose_name=gettext_lazy("Imported"))
    imported_by = tables.Column(gettext_lazy("Imported by"))
    adopted_at = tables.DateTimeColumn(format="Y-m-d H:i", verbose_name=gettext_lazy("Adopted"))
    work = tables.Column(gettext_lazy("Review"), empty_values=(), orderable=False, exclude_from_export=True)

    def render_state(self, record: DocumentVersion) -> Any:
        return light("version_state", record.state)

    def value_state(self, record: DocumentVersion) -> str:
        return record.get_state_display()

    def render_work(self, record: DocumentVersion) -> Any:
        if record.state != DocumentVersion.State.IN_REVIEW or not may_work_on(
            scope_of(self.request.user), "review", record
        ):
            return "–"
        return format_html(
            '<a class="btn btn-sm" href="{}">{}</a>', reverse("plan:review", args=[record.pk]), _("Review")
        )


class DocumentFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(
        field_name="document__kind", label=gettext_lazy("Kind"), choices=Document.Kind.choices
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=lambda: [(v, c.label) for v, c in family("version_state").items()]
    )
    title = django_filters.CharFilter(lookup_expr="icontains", label=gettext_lazy("Title"))

    class Meta:
        model = DocumentVersion
        fields: list[str] = []


@method_decorator(needs("plan.view"), name="dispatch")
class DocumentList(ListPage):
    """Every text that the person may see, newest first."""

    table_class = DocumentTable
    filterset_class = DocumentFilter
    template_name = "plan/documents.html"
    default_columns = ("title", "kind", "place", "ordinal", "state", "measures", "imported_at", "work")
    file_name = "documents"

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("Documents")

    def get_queryset(self) -> QuerySet[DocumentVersion]:
        versions = visible_versions(scope_of(self.request.user)).select_related(*RELATED)
        return versions.annotate(measures=Count("tasks__clauses__measures")).defer("text", "parsed")

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        scope = scope_of(self.request.user)
        kwargs["may_import"] = scope.may_at("plan.import") or counties_to_import_for(scope).exists()
        return kwargs


@needs("plan.view")
def import_page(request: SignedRequest) -> HttpResponse:
    """Hand in a text: `kind=city_plan` (office) or `kind=county_plan` (office, or a county for itself)."""
    scope = scope_of(request.user)
    kind = _kind(request, scope)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form: Any = (
        CityPlanForm(data, files) if kind == Document.Kind.CITY_PLAN else CountyPlanForm(data, files, scope=scope)
    )

    def act(values: dict[str, Any]) -> DocumentVersion:
        place = values.get("place") or get_object_or_404(Place, kind=Place.Kind.CITY)
        return import_document(
            request.user, form.source(), kind=kind, place=place, serves=values.get("serves"),
            document=values.get("document"), key=form.guards["key"],
        )  # fmt: skip

    version = perform(form, act) if request.method == "POST" else None
    if version is not None:
        return _after_import(request, version)
    context = {
        "title": _("Import a text"), "form": form, "kind": kind, "may_city": scope.may_at("plan.import"),
        "may_county": counties_to_import_for(scope).exists(),
    }  # fmt: skip
    return render(request, "plan/import.html", context, status=status_of(form) if form.is_bound else 200)


def _kind(request: HttpRequest, scope: Scope) -> str:
    kind = request.GET.get("kind", "")
    if kind not in Document.Kind.values:
        kind = Document.Kind.CITY_PLAN if scope.may_at("plan.import") else Document.Kind.COUNTY_PLAN
    allowed = scope.may_at("plan.import") if kind == Document.Kind.CITY_PLAN else counties_to_import_for(scope).exists()
    if not allowed:
        raise NotAllowed(
            _("Your role does not allow to import such a text."),
            hint=_("The leading-group office works on the city's plan, each county on its own implementation plan."),
        )
    return kind


def _after_import(request: HttpRequest, version: DocumentVersion) -> HttpResponse:
    if version.was_there:
        messages.warning(request, _("This very file is here already: “%(version)s”.") % {"version": version})
    else:
        counts = {"measures": sum(c.measures.count() for t in version.tasks.all() for c in t.clauses.all())}
        messages.success(request, _("Read: %(measures)s measures. Now look at what the reader doubts.") % counts)
    return redirect("plan:review" if version.state == DocumentVersion.State.IN_REVIEW else "plan:document", version.pk)


def _visible(request: HttpRequest, pk: int) -> DocumentVersion:
    versions = visible_versions(scope_of(request.user)).select_related(*RELATED)
    found: DocumentVersion = get_object_or_404(versions, pk=pk)
    return found


@needs("plan.view")
def document(request: SignedRequest, pk: int) -> HttpResponse:
    """The source text with anchors: #o123 is the character 123."""
    version = _visible(request, pk)
    scope = scope_of(request.user)
    siblings = visible_versions(scope).filter(document=version.document).defer("text", "parsed")
    context = {
        "title": version.title,
        "version": version,
        "blocks": blocks(version),
        "tasks": Task.objects.filter(version=version),
        "siblings": siblings.order_by("-ordinal"),
        "may_review": version.state == "in_review" and may_work_on(scope, "review", version),
        "county_plan": version.document.kind == Document.Kind.COUNTY_PLAN,
    }
    return render(request, "plan/document.html", context)


@needs("plan.view")
def document_file(request: SignedRequest, pk: int) -> HttpResponse:
    """The file as it was handed in, as a download."""
    version = _visible(request, pk)
    answer = FileResponse(open_stored(version.file), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, version.file_name) or "attachment"
    return answer  # type: ignore[return-value]


@needs("plan.view")
def compare(request: SignedRequest, pk: int) -> HttpResponse:
    """A text beside another one of its document (`with` in the address, else the one in force or before it)."""
    version = _visible(request, pk)
    others = visible_versions(scope_of(request.user)).filter(document=version.document).exclude(pk=version.pk)
    chosen = whole(request.GET.get("with"))
    other = _natural_partner(version, others) if chosen is None else others.filter(pk=chosen).first()
    comparison = comparison_of(other, version) if other else None
    if comparison is not None and other is not None and request.GET.get("export") == "xlsx":
        return _export_comparison(other, version, comparison)
    changed_only = request.GET.get("show") != "all"
    context = {
        "title": _("Comparison: %(version)s") % {"version": version},
        "version": version,
        "other": other,
        "others": others.order_by("-ordinal"),
        "comparison": comparison,
        "clauses": _shown(comparison, changed_only) if comparison else [],
        "changed_only": changed_only,
        "labels": field_labels(),
    }
    return render(request, "plan/compare.html", context)


def _natural_partner(version: DocumentVersion, others: QuerySet[DocumentVersion]) -> DocumentVersion | None:
    earlier = others.filter(ordinal__lt=version.ordinal, adopted_at__isnull=False).order_by("-ordinal").first()
    return earlier or previous_of(version)


def _shown(comparison: Comparison, changed_only: bool) -> list[ClausePair]:
    return [c for c in comparison.clauses if not changed_only or c.kind != "same"]


def _export_comparison(old: DocumentVersion, new: DocumentVersion, comparison: Comparison) -> HttpResponse:
    header = [_("Difference"), _("Old code"), _("Old text"), _("New code"), _("New text"), _("What changed")]
    labels = field_labels()
    rows = [
        [
            family("text_difference")[pair.kind].label, pair.old.code if pair.old else "", pair.old.text if pair.old else "",
            pair.new.code if pair.new else "", pair.new.text if pair.new else "",
            "; ".join(f"{labels[c.field]}: {c.old or '–'} → {c.new or '–'}" for c in pair.changes if c.field != "text"),
        ]
        for pair in comparison.pairs
    ]  # fmt: skip
    content = to_xlsx([str(h) for h in header], rows, notes=[f"{old} → {new}"])
    return attachment(content, f"{new.title}-{old.ordinal}-{new.ordinal}.xlsx", XLSX_MIME)


def field_labels() -> dict[str, str]:
    """Return what the fields of a comparison are called."""
    return {
        "deadlines": _("deadlines"),
        "recurrence": _("recurrence"),
        "targets": _("numeric targets"),
        "nature": _("nature"),
        "concerns": _("concerns only"),
        "lead": _("lead"),
        "cooperate": _("cooperating"),
        "each": _("each by its duty"),
        "areas": _("areas"),
        "text": _("text"),
    }


@needs("plan.view")
def adopt_page(request: SignedRequest, pk: int) -> HttpResponse:
    """What keeps a text from being adopted, what adopting it will do, and the button."""
    version = _visible(request, pk)
    require_work_on(scope_of(request.user), "adopt", version)
    if version.state != DocumentVersion.State.IN_REVIEW and request.method != "POST":
        return redirect("plan:document", pk=pk)
    form = AdoptForm(request.POST) if request.method == "POST" else AdoptForm.of(version)
    done = (
        perform(form, lambda _data: adopt(request.user, version, **form.guards), record=version)
        if form.is_bound
        else None
    )
    if done:
        messages.success(request, _("“%(version)s” is in force.") % {"version": done})
        return redirect("plan:document", pk=pk)
    open_ = doubts(version)
    context = {
        "title": _("Adopt: %(version)s") % {"version": version}, "version": version, "form": form,
        "doubts": open_, "blocked": [d for d in open_ if d.blocks], "planned": consequences(version),
    }  # fmt: skip
    return render(request, "plan/adopt.html", context, status=status_of(form) if form.is_bound else 200)


@needs("plan.view")
def discard_page(request: SignedRequest, pk: int) -> HttpResponse:
    """Put a text in review aside, with the reason."""
    version = _visible(request, pk)
    require_work_on(scope_of(request.user), "review", version)
    form = DiscardForm(request.POST) if request.method == "POST" else DiscardForm.of(version)

    def act(data: dict[str, Any]) -> DocumentVersion:
        return discard(request.user, version, reason=data["reason"], **form.guards)

    if version.state != DocumentVersion.State.IN_REVIEW and not form.is_bound:
        raise Unlawful(_("Only a text in review can be discarded."))
    if form.is_bound and perform(form, act, record=version):
        messages.success(request, _("“%(version)s” was discarded.") % {"version": version})
        return redirect("plan:documents")
    context = {"title": _("Discard: %(version)s") % {"version": version}, "form": form, "version": version}
    return render(request, "plan/discard.html", context, status=status_of(form) if form.is_bound else 200)
