"""Possible duplicates side by side: merged field by field, said to be two, and a merge taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.forms import KitForm, dress, perform, status_of
from lantian.sources import duplicates, queries
from lantian.sources.kinds import KINDS, kind_named
from lantian.sources.models import Enterprise, Merge
from lantian.sources.services import merging
from lantian.sources.tabs import tabs


class MergeForm(KitForm):
    """Which value stays, for each field in which two rows differ."""

    submit_label = gettext_lazy("Merge the two")
    submit_colour = "warning"
    confirm = gettext_lazy("Merge these two enterprises? It can be taken back.")

    def __init__(self, kept: Enterprise, gone: Enterprise, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = kind_named("enterprise")
        for name, mine, other in merging.differences(kept, gone):
            column = kind.by_name[name]
            if name in ("aliases", "lat", "datum", "synthetic"):
                continue  # names are joined; a position is one thing, chosen by its longitude
            shown = [column.shown(value) for value in (mine, other)]
            if name == "lon":
                shown = [f"{one.lon or ''} {one.lat or ''} {one.datum}".strip() for one in (kept, gone)]
            options = [(side, format_html("{} <span class='text-secondary'>{}</span>", text or "–", one.code))
                       for side, text, one in (("kept", shown[0], kept), ("gone", shown[1], gone))]  # fmt: skip
            self.fields[f"take_{name}"] = forms.ChoiceField(
                label=str(_("Position") if name == "lon" else column.label), choices=options, widget=forms.RadioSelect,
                initial="gone" if shown[1] and not shown[0] else "kept",
            )  # fmt: skip
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, initial=f"{kept.version}-{gone.version}")
        self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=500)
        for field in self.fields.values():
            dress(field)

    def taken(self) -> dict[str, str]:
        return {name.removeprefix("take_"): v for name, v in self.cleaned_data.items() if name.startswith("take_")}

    def seen(self) -> tuple[int, int] | None:
        first, _dash, second = self.cleaned_data["seen"].partition("-")
        return (int(first), int(second)) if first.isdecimal() and second.isdecimal() else None


class TwoForm(KitForm):
    """They are two."""

    submit_label = gettext_lazy("They are two enterprises")
    submit_colour = "secondary"
    action = forms.CharField(widget=forms.HiddenInput, initial="two")
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


class SplitForm(KitForm):
    submit_label = gettext_lazy("Take the merge back")
    submit_colour = "warning"
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


@needs("source.edit")
def listed(request: SignedRequest) -> HttpResponse:
    """Pairs that may be one enterprise, with why; merges of before."""
    visible = queries.visible_to(scope_of(request.user), verb="source.edit")
    context = {
        "title": _("Possible duplicates"), "tabs": tabs(request),
        "pairs": [(pair, _why(pair)) for pair in duplicates.candidates(scope_of(request.user))],
        "merges": Merge.objects.filter(kept__in=visible).select_related("kept", "gone", "by", "undone_by")[:50],
    }  # fmt: skip
    return render(request, "sources/duplicates.html", context)


def _why(pair: duplicates.Pair) -> list[str]:
    words = {
        "name": _("names alike: %(n)s of 100"),
        "distance": _("%(n)s m apart"),
        "address": _("addresses alike: %(n)s of 100"),
        "credit": _("credit codes differ in %(n)s signs"),
    }
    return [words[key] % {"n": value} for key, value in pair.why.items()]


@needs("source.edit")
def compare(request: SignedRequest, code: str, other: str) -> HttpResponse:
    """Two enterprises side by side; `?swap` keeps the other one."""
    rows = queries.visible_to(scope_of(request.user), verb="source.edit").select_related("area", "town")
    kept, gone = get_object_or_404(rows, code=code), get_object_or_404(rows, code=other)
    data = request.POST if request.method == "POST" else None
    two = data is not None and data.get("action") == "two"
    form, say = MergeForm(kept, gone, None if two else data), TwoForm(data if two else None)
    if two:
        if perform(say, lambda v: merging.not_duplicate(request.user, kept, gone, reason=v["reason"])):
            messages.success(request, _("They are not proposed again."))
            return redirect("sources:merge")
    elif data is not None:
        done = perform(form, lambda v: merging.merge(
            request.user, kept, gone, take=form.taken(), reason=v["reason"], seen=form.seen()
        ))  # fmt: skip
        if done:
            messages.success(request, _("“%(gone)s” was merged into “%(kept)s”.") % {"gone": gone, "kept": kept})
            return redirect("sources:enterprise", code=kept.code)
    kind = kind_named("enterprise")
    context = {
        "title": f"{kept.code} {kept} · {gone.code} {gone}", "kept": kept, "gone": gone, "form": form, "two": say,
        "rows": [(side, [(k.plural, n) for k, n in _counts(side)]) for side in (kept, gone)], "kind": kind,
    }  # fmt: skip
    bound = say if two else form
    return render(request, "sources/compare.html", context, status=status_of(bound) if bound.is_bound else 200)


def _counts(one: Enterprise) -> list[tuple[Any, int]]:
    found = [(kind, kind.model.objects.filter(enterprise=one).count()) for kind in KINDS if not kind.is_enterprise]
    return [(kind, n) for kind, n in found if n]


@needs("source.edit")
def split(request: SignedRequest, pk: int) -> HttpResponse:
    """A merge with what it did; taken back with a reason."""
    visible = queries.visible_to(scope_of(request.user), verb="source.edit")
    merged = get_object_or_404(Merge.objects.select_related("kept", "gone", "by", "undone_by"), pk=pk, kept__in=visible)
    form = SplitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = perform(form, lambda v: merging.split(request.user, merged, reason=v["reason"]))
        if done:
            kind = kind_named("enterprise")
            stay = "、".join(str(kind.by_name[name].label) for name in done[1] if name in kind.by_name)
            messages.success(request, _("The merge was taken back."))
            if stay:
                messages.warning(
                    request, _("These fields were changed since and stay as they are: %(names)s.") % {"names": stay}
                )
            return redirect("sources:enterprise", code=merged.gone.code)
    kind = kind_named("enterprise")
    fields = [(kind.by_name[n].label, kind.by_name[n].shown(a), kind.by_name[n].shown(b))
              for n, (a, b) in merged.fields.items() if n in kind.by_name]  # fmt: skip
    moved = [(kind_named(n).plural if n not in ("papers", "meter_points") else _("Documents"), len(keys))
             for n, keys in merged.moved.items() if n != "meter_points"]  # fmt: skip
    context = {"title": str(merged), "merged": merged, "form": form, "fields": fields, "moved": moved}
    return render(request, "sources/merge.html", context, status=status_of(form) if form.is_bound else 200)
