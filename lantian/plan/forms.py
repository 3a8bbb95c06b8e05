"""The forms of the ledger: one for each step that a person can take."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lantian.city import clock
from lantian.city.models import Place
from lantian.kit.forms import KitForm, day_field, text_field
from lantian.plan.models import Assignment
from lantian.plan.services.assignments import Part
from lantian.plan.services.signoff import Check
from lantian.plan.target_words import Reportable, reportable
from lantian.records.forms import EVIDENCE_FIELDS, EvidenceFormMixin
from lantian.records.models import Evidence


class WithEvidence(EvidenceFormMixin, KitForm):
    """A step with evidence: new files, or what belongs to the assignment already (`known`)."""

    extra = "records/evidence_field.html"
    fields_in_extra = EVIDENCE_FIELDS
    needs_some = False

    known = forms.ModelMultipleChoiceField(
        Evidence.objects.none(),
        label=_("Evidence that is here already"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        self.assignment = assignment
        super().__init__(*args, **kwargs)
        own = Q(progress_reports__assignment=assignment, progress_reports__withdrawn_at__isnull=True)
        parts = Q(progress_reports__assignment__parent=assignment, progress_reports__withdrawn_at__isnull=True)
        field: Any = self.fields["known"]
        still_proves = Q(expires_on__isnull=True) | Q(expires_on__gte=clock.today())
        rows = Evidence.objects.filter(still_proves).exclude(review=Evidence.Review.REJECTED)
        field.queryset = rows.filter(own | parts | Q(steps__assignment=assignment)).distinct()
        if not field.queryset.exists():
            del self.fields["known"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        chosen = values.get("evidence_files") or values.get("known")
        if self.needs_some and not chosen and "evidence_files" not in self.errors:
            self.add_error("evidence_files", _("Evidence is needed here: add at least one file."))
        return values

    def evidence(self, actor: Any) -> list[Evidence]:
        """Hand in the new files and return all evidence of this step; call it inside the step's transaction."""
        holder = self.assignment
        new = self.save_evidence(actor, place=holder.place or holder.area, agency=holder.agency, key=self.guards["key"])
        return [*new, *self.cleaned_data.get("known", [])]


class ReportForm(WithEvidence):
    submit_label = _("Report progress")
    percent = forms.IntegerField(label=_("Progress %"), min_value=0, max_value=100)
    text = text_field(label=_("What was done"))
    problems = text_field(label=_("Problems"), rows=2, required=False)
    effective_on = day_field(label=_("State of"), initial=clock.today)
    target = forms.ChoiceField(label=_("Number for"), required=False)
    value = forms.DecimalField(label=_("Reached"), max_digits=18, decimal_places=6, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = reportable(self.assignment.measure_id)
        self.numbers = {one.key: one for one in found}
        if not found:
            del self.fields["target"], self.fields["value"]
            return
        field: Any = self.fields["target"]
        field.choices = [("", "–"), *_by_role(found)]
        units = {one.unit for one in found if one.unit}
        self.fields["value"].help_text = (
            _("Unit: %(unit)s") % {"unit": units.pop()} if len(units) == 1 else _("In the unit of the number chosen.")
        )
        likely = [one for one in found if one.role == "target"] or found
        if len(likely) == 1:
            self.initial.setdefault("target", likely[0].key)

    def clean_target(self) -> Reportable | None:
        return self.numbers.get(self.cleaned_data["target"])

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("value") is not None and values.get("target") is None:
            self.add_error("target", _("Say which number this is."))
        return values


def _by_role(found: list[Reportable]) -> list[Any]:
    """Return choices: what has to be reached stands first and plain, the rest under the name of its role."""
    names = {"criterion": _("Counted for a criterion"), "word": _("Targets in words")}
    plain = [(one.key, one.label) for one in found if one.role == "target"]
    rest = {role: [(one.key, one.label) for one in found if one.role == role] for role in names}
    return [*plain, *((names[role], choices) for role, choices in rest.items() if choices)]


class SubmitForm(WithEvidence):
    submit_label = _("Hand in for verification")
    needs_some = True
    intro = _("You checked it yourself and say so with your statement. A department verifies it next.")
    statement = text_field(label=_("Statement of the self-check"), rows=4)
    parts_reason = text_field(label=_("Why it can be handed in although parts are open"), rows=2, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.assignment.parts.exists():
            del self.fields["parts_reason"]


class ReasonForm(KitForm):
    """A step that needs nothing but words."""

    reason = text_field(label=_("Reason"))

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        self.assignment = assignment
        super().__init__(*args, **kwargs)


class WithdrawForm(ReasonForm):
    submit_label = _("Take it back")
    submit_colour = "secondary"


class SpotCheckFields(forms.Form):
    """The record of a check on the spot."""

    checked_on = day_field(label=_("Checked on"), initial=clock.today)
    location = forms.CharField(label=_("Where"), max_length=200)
    method = forms.CharField(label=_("How"), max_length=200, widget=forms.TextInput(attrs={"list": "check-methods"}))
    found = text_field(label=_("What was found"))

    def record(self, *, passed: bool) -> Check:
        values = self.cleaned_data
        return Check(values["checked_on"], values["location"], values["method"], values["found"], passed)


class VerifyForm(SpotCheckFields, WithEvidence):
    submit_label = _("Confirm: it is done")
    submit_colour = "success"
    intro = _("Record the spot check, then confirm. If it did not pass, return it instead.")
    reason = text_field(label=_("Opinion"), rows=2)


class ReturnForm(SpotCheckFields, WithEvidence):
    submit_label = _("Return it")
    submit_colour = "warning"
    intro = _("The holder reads your words on top of their work. A spot check that did not pass goes with it.")
    reason = text_field(label=_("What is missing"))
    field_order = ["reason", "checked_on", "location", "method", "found"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("checked_on", "location", "method", "found"):
            self.fields[name].required = False
            self.fields[name].initial = None

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        fields = ("checked_on", "location", "method", "found")
        if any(values.get(name) for name in fields):
            for name in fields:
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("A spot check is recorded whole or not at all."))
        return values

    def check_record(self) -> Check | None:
        return self.record(passed=False) if self.cleaned_data.get("found") else None


class PubliciseForm(ReasonForm):
    submit_label = _("Open the publicity period")
    reason = text_field(label=_("What is announced"))


class ApproveForm(ReasonForm):
    submit_label = _("Sign off")
    submit_colour = "success"
    reason = text_field(label=_("Opinion"), rows=2)


class ReopenForm(ReasonForm):
    submit_label = _("Open it again")
    submit_colour = "warning"


class ReboundForm(WithEvidence):
    submit_label = _("Record the rebound")
    submit_colour = "danger"
    needs_some = True
    intro = _(
        "What was done came back. The cycle starts again, and the holder, the department and the office hear of it."
    )
    reason = text_field(label=_("What was found"))


class DeadlineForm(ReasonForm):
    submit_label = _("Set the deadline")
    submit_colour = "secondary"
    deadline = day_field(label=_("New deadline"))
    field_order = ["deadline", "reason"]


class CancelForm(ReasonForm):
    submit_label = _("Cancel this assignment")
    submit_colour = "danger"
    confirm = _("Cancel this assignment? Its history stays.")


class ReinstateForm(ReasonForm):
    submit_label = _("Bring it back")
    submit_colour = "secondary"


class ResolveForm(KitForm):
    """The office's answer to an objection."""

    submit_label = _("Answer")
    resolution = text_field(label=_("Answer"))
    upheld = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("no", _("dismissed: publicity goes on")), ("yes", _("upheld: return it to the holder"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    field_order = ["upheld", "resolution"]


class PartsForm(KitForm):
    """Dividing an assignment: towns or villages to tick, enterprises one a line."""

    submit_label = _("Divide")
    places = forms.ModelMultipleChoiceField(
        Place.objects.none(), label=_("Towns and villages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    enterprises = text_field(label=_("Enterprises, one a line"), rows=4, required=False)
    deadline = day_field(label=_("Due (the whole's deadline if left out)"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["places"]
        field.queryset = places
        if not places.exists():
            del self.fields["places"]

    def parts(self) -> list[Part]:
        """Return what was chosen."""
        values = self.cleaned_data
        common = {"deadline": values["deadline"], "note": values["note"]}
        names = [line.strip() for line in values["enterprises"].splitlines() if line.strip()]
        chosen = [Part(place.kind, place, **common) for place in values.get("places", [])]
        return chosen + [Part("enterprise", enterprise=name, **common) for name in names]


class NameAreasForm(KitForm):
    """Naming the areas of a clause that left them open."""

    submit_label = _("Name these areas")
    places = forms.ModelMultipleChoiceField(Place.objects.none(), label=_("Areas"), widget=forms.CheckboxSelectMultiple)
    reason = text_field(label=_("Basis"), rows=2, required=False)

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["places"]
        field.queryset = places


class SplitForm(KitForm):
    """A city's number split into its areas' numbers: one field for every assignment of the measure."""

    submit_label = _("Save the split")
    method = forms.ChoiceField(label=_("How the shares relate to the city's number"))
    explanation = text_field(label=_("Why it does not add up (if it does not)"), rows=2, required=False)

    def __init__(self, *args: Any, assignments: list[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from lantian.plan.models import TargetSplit

        choice: Any = self.fields["method"]
        choice.choices = TargetSplit.Method.choices
        self.assignments = assignments
        for assignment in assignments:
            name = f"share_{assignment.pk}"
            self.fields[name] = forms.DecimalField(
                label=str(assignment.place or assignment.agency or assignment.enterprise),
                max_digits=18,
                decimal_places=6,
                required=False,
                widget=forms.NumberInput(attrs={"class": "form-control", "step": "any"}),
            )
        self.order_fields(["method", *[f"share_{a.pk}" for a in assignments], "explanation"])

    def shares(self) -> dict[int, Decimal]:
        """Return assignment id -> share of those that have one."""
        given = {a.pk: self.cleaned_data.get(f"share_{a.pk}") for a in self.assignments}
        return {pk: value for pk, value in given.items() if value is not None}


class ObjectionForm(KitForm):
    """What anybody may say against a result while it is in publicity."""

    submit_label = _("Send the objection")
    intro = _("Your objection goes to the leading-group office. Your name and contact are not published.")
    name = forms.CharField(label=_("Your name"), max_length=80)
    contact = forms.CharField(label=_("Telephone or mail (for an answer)"), max_length=120, required=False)
    text = text_field(label=_("What is not right"), rows=5)
