"""Pages of imports: the list, choosing a format, uploading, what was found, confirming, how far it is."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lantian.air.forms.imports import ConfirmForm, DeclareForm, UploadForm, declared_words
from lantian.air.import_words import fault_of, found_on_page, reason_of
from lantian.air.models import ImportJob
from lantian.air.reading.formats import Format, UnknownFormatError, format_named, formats
from lantian.air.services import imports as services
from lantian.air.tabs import tabs
from lantian.city.access import SignedRequest, needs
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn, MomentColumn
from lantian.kit.export import attachment, to_csv
from lantian.kit.forms import perform, status_of
from lantian.kit.lists import ListPage

VERB = services.VERB
_NUMBER = {"td": {"class": "lt-number"}}
_HASH = {"td": {"class": "lt-hash"}}
State = ImportJob.State


class ImportTable(tables.Table):
    name = tables.Column(
        gettext_lazy("File"), linkify=("air:import", {"pk": tables.A("pk")}), attrs={"td": {"class": "text-break"}}
    )
    state = BadgeColumn("import_state", verbose_name=gettext_lazy("State"))
    created_at = MomentColumn(verbose_name=gettext_lazy("Sent"))
    created_by = tables.Column(gettext_lazy("Sent by"))
    form = tables.Column(gettext_lazy("Format"))
    origin = BadgeColumn("import_origin", verbose_name=gettext_lazy("Origin"))
    values = tables.Column(gettext_lazy("Values"), accessor="summary__values", attrs=_NUMBER, orderable=False)
    faults = tables.Column(gettext_lazy("Faults"), accessor="summary__faults", attrs=_NUMBER, orderable=False)
    written = tables.Column(gettext_lazy("Values written"), attrs=_NUMBER)
    store_version = tables.Column(gettext_lazy("Version"), attrs=_NUMBER)
    finished_at = MomentColumn(verbose_name=gettext_lazy("Finished"))
    confirmed_by = tables.Column(gettext_lazy("Confirmed by"))
    batch = tables.Column(gettext_lazy("Batch"), attrs=_HASH)

    class Meta:
        order_by = "-created_at"


class ImportFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(label=gettext_lazy("File"), lookup_expr="icontains")
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=lambda: [(value, one.label) for value, one in family("import_state").items()],
    )
    form = django_filters.ChoiceFilter(
        label=gettext_lazy("Format"), choices=lambda: [(one.name, one.name) for one in formats()]
    )


@method_decorator(needs(VERB), name="dispatch")
class ImportList(ListPage):
    """Every import: who, when, what, how it ended, under which version of the store."""

    table_class = ImportTable
    filterset_class = ImportFilter
    template_name = "air/imports.html"
    title = gettext_lazy("Imports")
    default_columns = (
        "name", "state", "created_at", "created_by", "form", "origin", "values", "faults", "written", "store_version",
    )  # fmt: skip
    file_name = "imports"

    def get_queryset(self) -> QuerySet[ImportJob]:
        rows = ImportJob.objects.select_related("created_by", "confirmed_by")
        # Previews and faults are long; the list shows neither.
        return rows.defer("faults").order_by("-id")

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        return {**kwargs, "tabs": tabs(self.request)}


@needs(VERB)
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Choose what the file is."""
    lang = get_language() or "zh"
    known = [{"name": one.name, "title": one.title(lang), "files": one.files, "must": one.must} for one in formats()]
    return render(
        request, "air/import_new.html", {"title": _("Import a file"), "tabs": tabs(request), "formats": known}
    )


def _format(name: str) -> Format:
    try:
        return format_named(name)
    except UnknownFormatError as error:
        raise Http404(str(error)) from error


@needs(VERB)
def upload(request: SignedRequest, form: str) -> HttpResponse:
    """Send a file of a format, with what is to be declared."""
    one = _format(form)
    page = UploadForm(form_of=one)
    if request.method == "POST":
        page = UploadForm(request.POST, request.FILES, form_of=one)
        job = perform(
            page,
            lambda data: services.submit(
                request.user, data["file"], form=one.name, declared=page.declared(), key=data["key"] or None
            ),
        )
        if job is not None:
            return redirect("air:import", job.pk)
    lang = get_language() or "zh"
    context = {
        "title": _("Import a file"), "tabs": tabs(request), "form": page, "what": one.title(lang), "one": one,
        "columns": [_own_first(each, lang) for each in (one.time, one.hour, one.place, one.pollutant, one.value, one.unit) if each]
        + [_own_first(each.columns, lang) for each in one.values],
    }  # fmt: skip
    return render(request, "air/import_upload.html", context, status=status_of(page) if page.errors else 200)


def _own_first(spellings: tuple[str, ...], lang: str) -> list[str]:
    """Some of the spellings of a header, those of the reader's language first."""
    return sorted(spellings, key=lambda one: one.isascii() == lang.startswith("zh"))[:4]


def _job(pk: int) -> ImportJob:
    return get_object_or_404(ImportJob.objects.select_related("created_by", "confirmed_by", "file"), pk=pk)


@needs(VERB)
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found in a file, what is wrong with it, how far it is; the way to confirm it."""
    return _page(request, _job(pk))


@needs(VERB)
@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes while the worker has the file; asked for again and again by the page."""
    job = _job(pk)
    response = render(request, "air/import_state.html", {"job": job, **_state(job)})
    if not job.busy:
        # What was found, or how it ended, changes the whole page.
        response["HX-Refresh"] = "true"
    return response


def _state(job: ImportJob) -> dict[str, Any]:
    total = job.all_bytes or 1
    percent = 100 if job.state == State.DONE else min(99, job.done_bytes * 100 // total)
    return {"percent": percent, "reason": reason_of(job)}


def _page(
    request: HttpRequest,
    job: ImportJob,
    *,
    declare: DeclareForm | None = None,
    confirm: ConfirmForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"title": job.name, "tabs": tabs(request), "job": job, **_state(job)}
    lang = get_language() or "zh"
    context |= found_on_page(job, lang)
    context["declared"] = declared_words(job)
    if job.state in {State.LOOKED, State.UNREADABLE}:
        one = _format(job.form)
        context["declare"] = declare or DeclareForm.of(job, form_of=one, initial=dict(job.declared))
    if job.state == State.LOOKED and job.summary.get("values"):
        context["confirm"] = confirm or ConfirmForm.of(job, faults=job.summary.get("faults", 0))
    return render(request, "air/import.html", context, status=status)


@needs(VERB)
@require_POST
def declare(request: SignedRequest, pk: int) -> HttpResponse:
    """Have the file checked again, read otherwise."""
    job = _job(pk)
    form = DeclareForm(request.POST, form_of=_format(job.form))
    done = perform(
        form,
        lambda data: services.declare_again(request.user, job, declared=form.declared(), seen_version=data["version"]),
        record=job,
    )
    if done is None:
        return _page(request, job, declare=form, status=status_of(form))
    return redirect("air:import", pk)


@needs(VERB)
@require_POST
def confirm(request: SignedRequest, pk: int) -> HttpResponse:
    """Have it written."""
    job = _job(pk)
    form = ConfirmForm(request.POST, faults=job.summary.get("faults", 0))
    done = perform(
        form,
        lambda data: services.confirm(
            request.user, job, skip_bad=bool(data.get("skip_bad")), seen_version=data["version"]
        ),
        record=job,
    )
    if done is None:
        return _page(request, _job(pk), confirm=form, status=status_of(form))
    return redirect("air:import", pk)


@needs(VERB)
@require_POST
def cancel(request: SignedRequest, pk: int) -> HttpResponse:
    """Stop it."""
    job = services.cancel(request.user, _job(pk))
    messages.success(request, _("The import stops.") if job.stop_asked else _("The import was cancelled."))
    return redirect("air:import", pk)


@needs(VERB)
@require_POST
def resume(request: SignedRequest, pk: int) -> HttpResponse:
    """Go on with one that failed or was stopped."""
    services.resume(request.user, _job(pk))
    return redirect("air:import", pk)


@needs(VERB)
@require_safe
def faults(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of faults as CSV."""
    job = _job(pk)
    lang = get_language() or "zh"
    header = [_("Row"), _("Column"), _("Value"), _("What is wrong"), _("How to mend it")]
    found = (fault_of(one) for one in job.faults)
    rows = [[one.row or "", one.column, one.value, one.text(lang), one.mend(lang)] for one in found]
    return attachment(to_csv(header, rows), f"faults-{job.pk}.csv", "text/csv; charset=utf-8")
