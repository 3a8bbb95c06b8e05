"""A measure: its sentence in the source, what was read in it, who carries it out, its numbers and their split."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.kit.forms import perform, status_of
from lantian.plan import queries
from lantian.plan.document_access import visible_versions
from lantian.plan.forms import SplitForm
from lantian.plan.models import Assignment, ClauseAgency, ClauseArea, Measure, MeasureTarget, TargetSplit
from lantian.plan.rules.passage import cut, flow, paragraph_around
from lantian.plan.services.splits import judge, message, set_split
from lantian.plan.target_lines import from_words, wanted_text
from lantian.plan.thresholds import thresholds

RELATED = ("clause__task__version__document", "reviewed_by", "carried_from__clause__task__version")


@needs("plan.view")
def measure(request: SignedRequest, pk: int) -> HttpResponse:
    """The page of a measure."""
    scope = scope_of(request.user)
    return render(request, "plan/measure.html", _context(_measure(scope, pk), scope))


def _measure(scope: Scope, pk: int) -> Measure:
    versions = visible_versions(scope).values("pk")
    found: Measure = get_object_or_404(
        Measure.objects.select_related(*RELATED), pk=pk, clause__task__version__in=versions
    )
    return found


def passage(found: Measure, *, only_clause: bool = False) -> list[Any]:
    """Return the paragraph around a measure's sentence, cut at it (key "this") and at the clause (key "clause").

    `only_clause`: no more than the text that its responsibility clause covers.
    """
    clause, text = found.clause, found.clause.task.version.text
    spans = [(found.start, found.end, "this")]
    if only_clause:
        first, last = min(found.start, clause.start), max(found.end, clause.end)
    else:
        first, last = paragraph_around(text, min(found.start, clause.start), found.end)
    if clause.clause_start is not None and clause.clause_end is not None:
        spans.append((clause.clause_start, clause.clause_end, "clause"))
        last = max(last, clause.clause_end)
    return flow(cut(text, first, last, spans))


def _context(found: Measure, scope: Scope) -> dict[str, Any]:
    version = found.clause.task.version
    seen = Assignment.objects.filter(measure=found, parent__isnull=True).visible_to(scope)
    if not scope.may("assignment.view"):
        seen = seen.none()
    rows = list(queries.rows(seen, thresholds()).order_by("area__position", "agency__position", "pk"))
    agencies = ClauseAgency.objects.filter(clause=found.clause).select_related("agency").order_by("position")
    return {
        "title": f"{found.code} {found.clause.task.title}",
        "measure": found,
        "version": version,
        "pieces": passage(found),
        "agencies": {role: [a for a in agencies if a.role == role] for role in ("lead", "each", "cooperate")},
        "area_links": ClauseArea.objects.filter(clause=found.clause).select_related("place").defer("place__boundary"),
        "rows": rows,
        "targets": _targets(found, rows, scope),
        "computed": computed_rows(found, scope),
        "may_split": scope.may_at("assignment.split_target") and version.state == "adopted",
    }


def computed_rows(found: Measure, scope: Scope, **where: Any) -> dict[str, Any] | None:
    """Return the rows of computed beside reported values and their template, or None while nothing computes them."""
    try:
        template = get_template("plan/computed.html")
    except TemplateDoesNotExist:
        return None
    from lantian.plan.computed import rows_for

    return {"rows": rows_for(found, scope, **where), "template": template}


def _targets(found: Measure, rows: list[Assignment], scope: Scope) -> list[dict[str, Any]]:
    """Return each number of the measure with its split as it stands and the form to change it."""
    splits = {
        split.target_id: split for split in TargetSplit.objects.filter(target__measure=found).prefetch_related("shares")
    }
    may = scope.may_at("assignment.split_target") and found.clause.task.version.state == "adopted"
    holders = [row for row in rows if row.state != Assignment.State.CANCELLED]
    shown = []
    for target in found.targets.all():
        split = splits.get(target.pk)
        splittable = may and target.role == MeasureTarget.Role.TARGET and len(holders) > 1
        shown.append(
            {
                "target": target,
                "wanted": wanted_text(target),
                "derived": from_words(target),
                "split": split,
                "judged": _judged(target, split) if split else None,
                "form": _split_form(target, split, holders) if splittable else None,
            }
        )
    return shown


def _judged(target: MeasureTarget, split: TargetSplit) -> dict[str, Any]:
    shares = {share.assignment_id: share.value for share in split.shares.all()}
    outcome = judge(target, split.method, shares)  # type: ignore[arg-type]
    return {"ok": outcome.ok, "message": message(target, split.method, outcome), "shares": shares}  # type: ignore[arg-type]


def _split_form(target: MeasureTarget, split: TargetSplit | None, holders: list[Assignment]) -> SplitForm:
    shares = split.shares.all() if split else ()
    initial = {f"share_{share.assignment_id}": f"{share.value.normalize():f}" for share in shares}
    if split:
        initial |= {"method": split.method, "explanation": split.explanation, "version": str(split.version)}
    return SplitForm(initial=initial, assignments=holders, auto_id=f"id_{target.pk}_%s")


@require_POST
@needs("assignment.split_target")
def split(request: SignedRequest, pk: int) -> HttpResponse:
    """Save how a number is split; shown again on the measure's page with the reason when it cannot be."""
    scope = scope_of(request.user)
    target = get_object_or_404(MeasureTarget, pk=pk)
    found = _measure(scope, target.measure_id)
    context = _context(found, scope)
    holders = [row for row in context["rows"] if row.state != Assignment.State.CANCELLED]
    form = SplitForm(request.POST, assignments=holders, auto_id=f"id_{pk}_%s")
    saved = perform(
        form,
        lambda data: set_split(
            request.user,
            target,
            method=data["method"],
            shares=form.shares(),
            explanation=data["explanation"],
            # A form made before there was a split must not overwrite the one that came meanwhile.
            seen_version=data["version"] or 0,
        ),
        record=TargetSplit.objects.filter(target=target).first(),
    )
    if saved is not None:
        messages.success(request, _("The split is saved."))
        return redirect("plan:measure", pk=found.pk)
    for entry in context["targets"]:
        if entry["target"].pk == pk:
            entry["form"] = form
    return render(request, "plan/measure.html", context, status=status_of(form))
