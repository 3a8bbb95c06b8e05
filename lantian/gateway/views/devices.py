"""Devices: the list, one device with all that is known of it, forms."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.gateway import access, queries, services
from lantian.gateway.forms import AdmitForm, AskForm, BlockForm, DeviceForm, PasswordForm, UnblockForm, in_order
from lantian.gateway.models import DeviceRecord, DeviceState
from lantian.gateway.words import lang_of_page
from lantian.kit.columns import BadgeColumn, MomentColumn
from lantian.kit.forms import KitForm, perform, status_of
from lantian.kit.lists import ListPage
from lantian.kit.search import all_words
from lantian.sources.queries import knows_all

_NOWRAP = {"td": {"class": "text-nowrap"}}


class DeviceTable(tables.Table):
    mn = tables.Column(linkify=True, attrs=_NOWRAP)
    name = tables.Column()
    status = BadgeColumn("device_state")
    plant = tables.Column()
    default_code = tables.Column()
    dialect = tables.Column()
    realtime_seconds = tables.Column()
    minute_seconds = tables.Column()
    synthetic = tables.BooleanColumn(yesno="✓,")
    changed_at = MomentColumn()

    class Meta:
        model = DeviceRecord
        fields: tuple[str, ...] = ()


class DeviceFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Words"), method="words")
    status = django_filters.ChoiceFilter(label=pgettext_lazy("device", "state"), choices=DeviceState.choices)

    class Meta:
        model = DeviceRecord
        fields: tuple[str, ...] = ()

    def words(self, rows: QuerySet[DeviceRecord], name: str, value: str) -> QuerySet[DeviceRecord]:
        return rows.filter(all_words(value.split()[:8], "mn", "name", "plant", "default_code"))


@method_decorator(needs("device.view"), name="dispatch")
class DevicesPage(ListPage):
    table_class = DeviceTable
    filterset_class = DeviceFilter
    template_name = "gateway/devices.html"
    title = gettext_lazy("Data loggers")
    default_columns = ("mn", "name", "status", "plant", "default_code", "changed_at")
    file_name = "devices"

    def get_queryset(self) -> QuerySet[DeviceRecord]:
        return access.visible(scope_of(self.request.user)).order_by("mn")


def _device(request: SignedRequest, mn: str, verb: str = "device.view") -> DeviceRecord:
    """Return a device that this person may see (404 else), on which they may use the verb (403 else)."""
    scope = scope_of(request.user)
    found: DeviceRecord = get_object_or_404(access.visible(scope), mn=mn)
    access.require(scope, verb, found.plant)
    return found


@require_safe
@needs("device.view")
def page(request: SignedRequest, mn: str) -> HttpResponse:
    """One device: state, clock, newest values, last packets raw and decoded, requests, gaps, faults."""
    device = _device(request, mn)
    lang = lang_of_page()
    may = access.may(scope_of(request.user), "device.manage", device.plant)
    context: dict[str, Any] = {
        "title": str(device), "device": device, "may": may, "seen": queries.seen([mn]).get(mn),
        "latest": queries.latest(mn=mn)[:200], "packets": queries.packets(mn, device.dialect, lang),
        "faults": queries.faults(mn, lang=lang), "gaps": queries.gaps(mn), "requests": queries.requests(mn),
        "points": in_order(device.points),
    }  # fmt: skip
    if may:
        context |= {
            "ask_form": AskForm(), "password_form": PasswordForm.of(device),
            "block_form": (UnblockForm if device.status == DeviceState.BLOCKED else BlockForm).of(device),
        }  # fmt: skip
    return render(request, "gateway/device.html", context)


def _form(
    request: SignedRequest, form: KitForm, title: str, device: DeviceRecord | None = None, **more: Any
) -> HttpResponse:
    context = {"form": form, "title": title, "device": device, **more}
    status = status_of(form) if form.is_bound else 200
    return render(request, "gateway/form.html", context, status=status)


@needs("device.manage")
def edit(request: SignedRequest, mn: str) -> HttpResponse:
    """Change settings and points."""
    device = _device(request, mn, "device.manage")
    if request.method != "POST":
        return _form(
            request, DeviceForm.of(device, initial=DeviceForm.initial_of(device)), _("Change settings"), device
        )
    form = DeviceForm(request.POST)
    done = perform(
        form,
        lambda data: services.change(request.user, device, reason=data["reason"], **form.guards, **form.settings()),
        record=device,
    )
    if done:
        messages.success(request, _("The settings were changed; the gateways know."))
        return redirect(device)
    return _form(request, form, _("Change settings"), device)


@needs("device.manage")
def block(request: SignedRequest, mn: str) -> HttpResponse:
    """Block a device, or admit it again."""
    device = _device(request, mn, "device.manage")
    blocked = device.status != DeviceState.BLOCKED
    kind = BlockForm if blocked else UnblockForm
    form = kind(request.POST) if request.method == "POST" else kind.of(device)
    if request.method == "POST":
        done = perform(
            form,
            lambda data: services.block(request.user, device, blocked=blocked, reason=data["reason"], **form.guards),
            record=device,
        )
        if done:
            return redirect(device)
    return _form(request, form, str(form.submit_label), device)


@needs("device.manage")
def password(request: SignedRequest, mn: str) -> HttpResponse:
    """Say which password the device sends."""
    device = _device(request, mn, "device.manage")
    form = PasswordForm(request.POST) if request.method == "POST" else PasswordForm.of(device)
    if request.method == "POST":
        done = perform(
            form,
            lambda data: services.rotate_password(
                request.user, device, password=data["password"], reason=data["reason"], **form.guards
            ),
            record=device,
        )
        if done:
            messages.success(request, _("The new password holds from now on."))
            return redirect(device)
    return _form(request, form, str(form.submit_label), device)


@needs("device.manage")
def ask(request: SignedRequest, mn: str) -> HttpResponse:
    """Send a request to the device."""
    device = _device(request, mn, "device.manage")
    form = AskForm(request.POST) if request.method == "POST" else AskForm()
    if request.method == "POST":
        done = perform(
            form,
            lambda data: services.ask(
                request.user, device, data["cn"], data["parameters"], reason=data["reason"], key=data["key"] or None
            ),
        )
        if done:
            messages.success(request, _("The request waits for the device; see below what becomes of it."))
            return redirect(f"{device.get_absolute_url()}#requests")
    return _form(request, form, str(form.submit_label), device)


@needs("device.manage")
def admit(request: SignedRequest, mn: str) -> HttpResponse:
    """Admit a device that waits in quarantine (or enter one before it speaks)."""
    if not knows_all(scope_of(request.user), "device.manage"):
        raise Http404
    known = DeviceRecord.objects.filter(mn=mn).first()
    if known is not None and request.method != "POST":
        return redirect(known)
    form = AdmitForm(request.POST) if request.method == "POST" else AdmitForm(initial={"dialect": "standard"})
    if request.method == "POST":
        made = perform(
            form,
            lambda data: services.admit(
                request.user,
                mn,
                reason=data["reason"],
                password=data["password"],
                key=data["key"] or None,
                **form.settings(),
            ),
        )
        if made:
            messages.success(request, _("%s is admitted; what it sent meanwhile is delivered.") % made)
            return redirect(made)
    packets = queries.packets_of_stranger(mn, lang_of_page())
    return _form(request, form, _("Admit %s") % mn, packets=packets)
