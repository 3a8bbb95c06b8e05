"""The forms of the review for whole clauses: one that the reader passed over, and what is no clause."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from lantian.kit.forms import KitForm, text_field
from lantian.plan.models import Clause, DocumentVersion, Task
from lantian.plan.review_forms import HoldersForm, find_words
from lantian.plan.services.review_structure import Cut, home_of

_MOST_WORDS = 20_000


class ClauseForm(HoldersForm):
    """A new clause: the words that it covers, those that say who answers, the task, and who answers.

    The words come from a selection (hidden offsets) or are typed; "first words … last words" stands for all between.
    """

    submit_label = _("Add the clause")
    words = text_field(label=_("Words that the clause covers"), rows=4, required=False, max_length=_MOST_WORDS)
    start = forms.IntegerField(required=False, widget=forms.HiddenInput)
    end = forms.IntegerField(required=False, widget=forms.HiddenInput)
    who_words = text_field(
        label=_("Words that say who answers (if there are any)"), rows=2, required=False, max_length=_MOST_WORDS
    )
    who_start = forms.IntegerField(required=False, widget=forms.HiddenInput)
    who_end = forms.IntegerField(required=False, widget=forms.HiddenInput)
    task = forms.ModelChoiceField(Task.objects.none(), label=_("Task"), required=False)
    task_number = forms.CharField(label=_("Number of a new task"), required=False, max_length=20)
    task_title = forms.CharField(label=_("Title of a new task"), required=False, max_length=300)
    cut = forms.ChoiceField(
        label=_("Measures"),
        widget=forms.RadioSelect,
        initial=Cut.MEASURES,
        choices=[
            (Cut.MEASURES, _("cut the words into measures, with deadlines and numbers, as the reader does")),
            (Cut.ONE, _("make one measure of them")),
            (Cut.NONE, _("none yet: I add them myself")),
        ],
    )

    def __init__(self, data: Any = None, *, version: DocumentVersion, initial: dict[str, Any] | None = None) -> None:
        self.text = version.text
        given = dict(initial or {}) | {"areas": Clause.Areas.ALL}
        start, end = given.get("start"), given.get("end")
        if start is not None and end is not None:
            given["words"] = version.text[start:end].strip()
        super().__init__(data, initial=given)
        tasks = version.tasks.all()
        self.fields["task"].queryset = tasks  # type: ignore[attr-defined]
        home = home_of(version, start) if start is not None else None
        self.fields["task"].empty_label = (  # type: ignore[attr-defined]
            _t("where the words stand: %s") % home if home else _t("where the words stand")
        )
        self.fields["words"].help_text = _t(
            "As they stand in the text; “first words … last words” takes everything between. Blanks do not matter."
        )
        self.fields["task_number"].help_text = _t("Left out: read from the title, or the next that is free.")
        self.fields["task_title"].help_text = _t("Only where the whole task is missing.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self._place(values, "words", "start", "end", needed=True)
        self._place(values, "who_words", "who_start", "who_end", needed=False)
        return values

    def _place(self, values: dict[str, Any], words: str, start: str, end: str, *, needed: bool) -> None:
        """Set the offsets: the selection's, unless other words were typed than those that stand there."""
        typed, low, high = values.get(words) or "", values.get(start), values.get(end)
        if low is not None and high is not None and (not typed or _bare(typed) == _bare(self.text[low:high])):
            return
        values[start] = values[end] = None
        if not (typed.strip() or needed) or words in self.errors:
            return
        try:
            values[start], values[end] = find_words(typed, self.text)
        except forms.ValidationError as error:
            self.add_error(words, error)

    def values(self) -> dict[str, Any]:
        """Return the arguments of `add_clause` (only after is_valid)."""
        data = self.cleaned_data
        who = None if data["who_start"] is None else (data["who_start"], data["who_end"])
        return {
            **{name: data[name] for name in ("start", "end", "task", "areas", "places", "cut", "reason")},
            "who": who,
            "title": data["task_title"],
            "number": data["task_number"],
            "agencies": self.holders(),
        }


def _bare(words: str) -> str:
    return re.sub(r"\s+", "", words)


class DeleteClauseForm(KitForm):
    """What is no clause; with measures only if they may go too, with its task only if that is left empty."""

    submit_label = _("Delete the clause")
    submit_colour = "danger"
    reason = forms.CharField(label=_("Why is this no responsibility clause?"), max_length=500)
    with_measures = forms.BooleanField(required=False)
    with_task = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, clause: Clause, **kwargs: Any) -> None:
        super().__init__(data, initial={"version": clause.version}, **kwargs)
        codes = [measure.code for measure in clause.measures.all()]
        if codes:
            self.fields["with_measures"].label = _t("Its measures go too: %s") % "、".join(codes)
        else:
            del self.fields["with_measures"]
        if clause.task.clauses.exclude(pk=clause.pk).exists():
            del self.fields["with_task"]
        else:
            self.fields["with_task"].label = _t("The task goes too, it has no other clause: %s") % clause.task

    def values(self) -> dict[str, Any]:
        """Return the arguments of `delete_clause` (only after is_valid)."""
        return {name: self.cleaned_data.get(name, False) for name in ("reason", "with_measures", "with_task")}
