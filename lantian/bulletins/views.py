"""Pages of the bulletins room: circulars made, one as a web page, making one, the Word templates."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lantian.bulletins import air, circular, documents, services
from lantian.bulletins.models import Bulletin, Template
from lantian.bulletins.rules.figures import figures_in
from lantian.bulletins.tables import sheets, to_workbook
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.columns import MomentColumn
from lantian.kit.export import XLSX_MIME, attachment
from lantian.kit.forms import KitForm, perform, status_of
from lantian.kit.lists import ListPage
from lantian.plan.dispatch import seen_rounds
from lantian.plan.models import DispatchRound
from lantian.records.services import open_stored


class BulletinTable(tables.Table):
    title = tables.Column(gettext_lazy("Title"), linkify=lambda record: reverse("bulletins:bulletin", args=[record.pk]))
    number = tables.Column(gettext_lazy("Document number"))
    made_at = MomentColumn(verbose_name=gettext_lazy("Made"))
    made_by = tables.Column(gettext_lazy("By"))
    template = tables.Column(gettext_lazy("Template"), empty_values=())
    anchor = tables.Column(gettext_lazy("Anchor"), empty_values=(), orderable=False)

    def render_template(self, record: Bulletin) -> str:
        return str(record.template) if record.template else _("the system's own")

    def render_anchor(self, record: Bulletin) -> str:
        return f"{record.audit_seq}:{record.audit_hash[:16]}…"

    def value_anchor(self, record: Bulletin) -> str:
        return f"{record.audit_seq}:{record.audit_hash}"


@method_decorator(needs("bulletin.view"), name="dispatch")
class BulletinList(ListPage):
    table_class = BulletinTable
    template_name = "bulletins/list.html"
    title = gettext_lazy("Bulletins")
    file_name = "bulletins"

    def get_queryset(self) -> Any:
        return Bulletin.objects.select_related("made_by", "template").defer("content", "figures")

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        makes = scope_of(self.request.user).may("bulletin.make")
        rounds = DispatchRound.objects.order_by("-month")[:6] if makes else ()
        return super().get_context(rounds=rounds, **kwargs)


@needs("bulletin.view")
def bulletin(request: SignedRequest, pk: int) -> HttpResponse:
    """A circular as a web page, printable."""
    found = get_object_or_404(Bulletin.objects.select_related("made_by", "template"), pk=pk)
    context = {
        **_page(found.content), "title": found.title, "bulletin": found, "changed": air.changed_since(found.content),
    }  # fmt: skip
    return render(request, "bulletins/bulletin.html", context)


def _page(content: dict[str, Any]) -> dict[str, Any]:
    """What the web page shows of a circular's content: texts, and its tables with their columns."""
    revived = circular.context_of(content)
    groups = [
        {
            "key": one.key, "name": one.name, "columns": one.columns, "notes": one.notes,
            "rows": [[row.get(key) for key, _label in one.columns] for row in one.rows],
        }
        for one in sheets(revived)
    ]  # fmt: skip
    return {"content": revived, "groups": groups}


@require_safe
@needs("bulletin.view")
def word(request: SignedRequest, pk: int) -> HttpResponse:
    """Download the Word file as it was made."""
    found = get_object_or_404(Bulletin.objects.select_related("file").defer("content"), pk=pk)
    with open_stored(found.file) as file:
        return attachment(file.read(), f"{found.title}.docx", documents.DOCX_MIME)


@require_safe
@needs("bulletin.view")
def excel(request: SignedRequest, pk: int) -> HttpResponse:
    """Download the circular's tables."""
    found = get_object_or_404(Bulletin, pk=pk)
    return attachment(to_workbook(found.content), f"{found.title}.xlsx", XLSX_MIME)


class MakeForm(KitForm):
    submit_label = gettext_lazy("Make the circular")
    issuer = forms.CharField(label=gettext_lazy("Issuer"), max_length=services.MAX_LINE, required=False)
    number = forms.CharField(label=gettext_lazy("Document number"), max_length=services.MAX_LINE, required=False)
    print_reasons = forms.BooleanField(
        label=gettext_lazy("Print the reason where a figure has no number"), required=False
    )


@needs("bulletin.make")
def make(request: SignedRequest, pk: int) -> HttpResponse:
    """Look at the circular of a round as it would be now, then make it."""
    found = get_object_or_404(seen_rounds(scope_of(request.user)).select_related("document"), pk=pk)
    content = circular.compose(found)
    lacking = services.blocked(content)
    form = MakeForm(request.POST) if request.method == "POST" else MakeForm(initial={"issuer": content["issuer"]})
    if not lacking:
        del form.fields["print_reasons"]
    if request.method == "POST":
        made = perform(form, lambda data: services.make(
            request.user, found, issuer=data["issuer"], number=data["number"],
            print_reasons=bool(data.get("print_reasons")), key=form.guards["key"],
        ))  # fmt: skip
        if made:
            messages.success(request, _("The circular is made and kept."))
            return redirect("bulletins:bulletin", pk=made.pk)
    context = {
        **_page(content),
        "title": _("Circular of “%(round)s”") % {"round": found},
        "round": found,
        "form": form,
        "lacking": lacking,
        "template": services.active_template(),
        "made": Bulletin.objects.filter(subject_type="plan.dispatchround", subject_id=str(pk)).defer(
            "content", "figures"
        ),
    }
    return render(request, "bulletins/make.html", context, status=status_of(form) if form.is_bound else 200)


@require_safe
@needs("bulletin.make")
def preview(request: SignedRequest, pk: int) -> HttpResponse:
    """Download the Word file as it would be made now; nothing is kept."""
    found = get_object_or_404(seen_rounds(scope_of(request.user)).select_related("document"), pk=pk)
    content = services.preview(
        request.user, found, issuer=request.GET.get("issuer", "")[:80], number=request.GET.get("number", "")[:80]
    )
    return attachment(content, f"{found.title}-{_('preview')}.docx", documents.DOCX_MIME)


class TemplateForm(KitForm):
    submit_label = gettext_lazy("Check it and put it in force")
    file = forms.FileField(
        label=gettext_lazy("Word template (.docx)"), widget=forms.ClearableFileInput(attrs={"accept": ".docx"})
    )


@needs("bulletin.template")
def templates(request: SignedRequest) -> HttpResponse:
    """The Word templates: the one in force, the office's others, the default; what a template may name."""
    form = TemplateForm(request.POST, request.FILES) if request.method == "POST" else TemplateForm()
    if request.method == "POST":
        made = perform(form, lambda data: services.upload_template(request.user, data["file"]))
        if made:
            messages.success(request, _("The template fits and is in force."))
            return redirect("bulletins:templates")
    sample_context = services.sample_context()
    context = {
        "title": _("Word templates"),
        "form": form,
        "active": services.active_template(),
        "templates": Template.objects.select_related("uploaded_by", "file"),
        "variables": _variables(sample_context),
    }
    return render(request, "bulletins/templates.html", context, status=status_of(form) if form.is_bound else 200)


def _variables(sample: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (how it is written, kind, sample value) of everything that a template may name."""
    rows = []
    for name, value in sample.items():
        if isinstance(value, list):
            rows.append((f"{{% for row in {name} %}}", _("list"), ""))
            rows += [(f"{{{{ row.{key} }}}}", _kind(one), str(one)) for key, one in value[0].items()]
        elif isinstance(value, dict):
            rows += [(f"{{{{ {name}.{key} }}}}", _kind(one), str(one)) for key, one in value.items()]
        else:
            rows.append((f"{{{{ {name} }}}}", _kind(value), str(value)))
    return rows


def _kind(value: Any) -> str:
    return (
        _("figure: .number .unit .text .n .capture .rule_version .input .dust .reason")
        if list(figures_in(_plain(value)))
        else ""
    )


def _plain(value: Any) -> Any:
    return value.plain() if hasattr(value, "plain") else value


@require_safe
@needs("bulletin.template")
def default_template(request: SignedRequest) -> HttpResponse:
    """Download the template that comes with the system, to be changed in Word."""
    return attachment(documents.default_template(), "circular.docx", documents.DOCX_MIME)


@require_safe
@needs("bulletin.template")
def template_file(request: SignedRequest, pk: int) -> HttpResponse:
    """Download one of the office's templates."""
    found = get_object_or_404(Template.objects.select_related("file"), pk=pk)
    return attachment(services.template_bytes(found), found.name, documents.DOCX_MIME)


@require_safe
@needs("bulletin.template")
def sample(request: SignedRequest, pk: int | None = None) -> HttpResponse:
    """Download a template (the default without a key) filled with invented data."""
    found = get_object_or_404(Template.objects.select_related("file"), pk=pk) if pk is not None else None
    content = documents.render(services.template_bytes(found), services.sample_context())
    return attachment(content, f"{_('sample')}.docx", documents.DOCX_MIME)


@require_POST
@needs("bulletin.template")
def use(request: SignedRequest, pk: int) -> HttpResponse:
    """Put a template of the list in force."""
    services.use_template(request.user, get_object_or_404(Template.objects.select_related("file"), pk=pk))
    messages.success(request, _("The template is in force."))
    return redirect("bulletins:templates")


@require_POST
@needs("bulletin.template")
def restore(request: SignedRequest) -> HttpResponse:
    """Go back to the template that comes with the system."""
    services.use_template(request.user, None)
    messages.success(request, _("The system's own template is in force."))
    return redirect("bulletins:templates")
