"""Forms about people and the own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lantian.city.models import Agency, Membership, Place, Role, User
from lantian.city.tokens import MAX_DAYS
from lantian.kit.forms import KitForm, day_field


class NewUserForm(KitForm):
    """A person without a role; the one-time password is shown after saving."""

    submit_label = _("Make the user")
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_("For logging in; it never changes. Letters, figures, @ . + - _"),
    )
    display_name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Stands under decisions and in the audit chain.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices, initial=User.Language.ZH)


class UserForm(KitForm):
    display_name = forms.CharField(label=_("Name"), max_length=80)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices)


class ProfileForm(KitForm):
    """What a person may change about themselves."""

    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices)


class ActiveForm(KitForm):
    """Deactivate or activate; the button says which."""

    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = gettext("Deactivate") if user.is_active else gettext("Activate")
        self.submit_colour = "danger" if user.is_active else "success"


class EmptyForm(KitForm):
    """A button that needs no input."""


class RoleForm(KitForm):
    """A role for its holder. Which of the three holders is needed depends on the role."""

    submit_label = _("Give the role")
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    agency = forms.ModelChoiceField(
        Agency.objects.filter(is_active=True),
        label=_("Agency"),
        required=False,
        help_text=_("For the role department."),
    )
    place = forms.ChoiceField(
        label=_("Place"), required=False, help_text=_("For county and town; an enterprise may name where it stands.")
    )
    enterprise = forms.CharField(
        label=_("Enterprise"), max_length=120, required=False, help_text=_("As the plan writes its name.")
    )
    since = day_field(label=_("Since"))
    until = day_field(label=_("Until"), required=False, help_text=_("Empty: without end."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = place_choices(gettext("none"))  # type: ignore[attr-defined]

    def clean_place(self) -> Place | None:
        code = self.cleaned_data["place"]
        return Place.objects.get(pk=code) if code else None


def place_choices(empty: str) -> list[tuple[Any, Any]]:
    """Return areas, and under each area its towns, as grouped choices (every one of them: nothing is cut)."""
    areas = list(Place.objects.areas().defer("boundary"))
    towns: dict[int, list[tuple[int, str]]] = {}
    for town in Place.objects.filter(kind=Place.Kind.TOWN, is_active=True).only("pk", "name", "name_en", "parent_id"):
        towns.setdefault(town.parent_id or 0, []).append((town.pk, str(town)))
    groups = [(str(area), [(area.pk, str(area)), *towns.get(area.pk, [])]) for area in areas]
    return [("", empty), *groups]


class EndRoleForm(KitForm):
    submit_label = _("End the role")
    submit_colour = "danger"
    last_day = day_field(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=300)

    @classmethod
    def of(cls, record: Membership, **kwargs: Any) -> EndRoleForm:
        """Return the form of a membership; several of them stand on one page."""
        return cls(prefix=f"m{record.pk}", **kwargs)


class PasswordForm(KitForm):
    submit_label = _("Change the password")
    old = forms.CharField(
        label=_("Present password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lazy(lambda: " ".join(password_validators_help_texts()), str)(),
    )
    again = forms.CharField(
        label=_("New password, again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(gettext("The two new passwords differ."))
        return again


class TokenForm(KitForm):
    submit_label = _("Make the token")
    name = forms.CharField(label=_("What it is for"), max_length=60)
    read_only = forms.BooleanField(label=_("Read only"), required=False, initial=True)
    days = forms.IntegerField(label=_("Days that it lives"), min_value=1, max_value=MAX_DAYS, initial=90)
