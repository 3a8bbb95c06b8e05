"""Pages about one person: make, look, change, give and end roles, password, lockout; and the table of roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axes.models import AccessAttempt
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lantian.city import clock, services
from lantian.city.access import SignedRequest, needs
from lantian.city.forms import ActiveForm, EmptyForm, EndRoleForm, NewUserForm, RoleForm, UserForm
from lantian.city.matrix import REACH, matrix
from lantian.city.models import ApiToken, Membership, Role, User
from lantian.city.views.lists import state_of
from lantian.kit.forms import perform, status_of


@never_cache
@needs("user.manage")
def new_user(request: SignedRequest) -> HttpResponse:
    """Make a person; the answer shows the one-time password, once."""
    form = NewUserForm(request.POST or None)
    fields = ("username", "display_name", "phone", "language")
    made = (
        perform(form, lambda data: services.create_user(request.user, **{name: data[name] for name in fields}))
        if request.method == "POST"
        else None
    )
    if made:
        user, password = made
        return _show_password(request, user, password)
    status = status_of(form) if form.is_bound else 200
    return render(request, "city/user_new.html", {"title": _("New user"), "form": form}, status=status)


def _show_password(request: SignedRequest, user: User, password: str) -> HttpResponse:
    context = {"title": _("One-time password"), "person": user, "password": password}
    return render(request, "city/password_once.html", context)


def _person(pk: int) -> User:
    return get_object_or_404(User, pk=pk)


@never_cache
@needs("user.manage")
def user_page(request: SignedRequest, pk: int) -> HttpResponse:
    """A person with all roles ever held, tokens and failed logins."""
    return _page(request, _person(pk))


def _page(request: SignedRequest, user: User, **forms: Any) -> HttpResponse:
    """Render the person's page; `forms` replaces those that were refused (the status then says so)."""
    memberships = list(user.memberships.select_related("agency", "place").order_by("-since", "-pk"))
    today = clock.today()
    open_ones = [m for m in memberships if m.until is None or m.until >= today]
    refused = next(iter(forms.values()), None)
    context = {
        "title": str(user),
        "person": user,
        "state": state_of(user),
        "memberships": [(m, m in open_ones) for m in memberships],
        "end_forms": [
            forms.get(f"end_{m.pk}") or EndRoleForm.of(m, initial={"last_day": max(today, m.since)}) for m in open_ones
        ],
        "profile_form": forms.get("profile") or UserForm.of(user, initial=_profile(user)),
        "role_form": forms.get("role") or RoleForm(initial={"since": today}),
        "active_form": forms.get("active") or ActiveForm.of(user, user=user),
        "tokens": user.api_tokens.order_by("-pk"),
        "failures": sum(
            AccessAttempt.objects.filter(username=user.username).values_list("failures_since_start", flat=True)
        ),
        "myself": user.pk == request.user.pk,
    }
    context["open_roles"] = list(zip(open_ones, context.pop("end_forms"), strict=True))
    return render(request, "city/user.html", context, status=status_of(refused) if refused is not None else 200)


def _profile(user: User) -> dict[str, Any]:
    return {"display_name": user.display_name, "phone": user.phone, "language": user.language}


def _do(
    request: SignedRequest, user: User, name: str, form: Any, act: Callable[[dict[str, Any]], Any], done: str
) -> HttpResponse:
    """Perform one form of the person's page: back to the page with a message, or the page with the refusal."""
    if perform(form, act, record=user) is None:
        return _page(request, user, **{name: form})
    messages.success(request, done)
    return redirect("city:user", pk=user.pk)


@require_POST
@needs("user.manage")
def edit_user(request: SignedRequest, pk: int) -> HttpResponse:
    user, form = _person(pk), UserForm(request.POST)

    def act(data: dict[str, Any]) -> User:
        fields = {name: data[name] for name in ("display_name", "phone", "language")}
        return services.edit_user(request.user, user, **fields, seen_version=data["version"])

    return _do(request, user, "profile", form, act, _("Saved."))


@require_POST
@needs("user.manage")
def set_active(request: SignedRequest, pk: int) -> HttpResponse:
    """Deactivate an active person, or activate an inactive one (the form's button said which)."""
    user = _person(pk)
    form, wanted = ActiveForm(request.POST, user=user), request.POST.get("active") == "1"

    def act(data: dict[str, Any]) -> User:
        return services.set_active(
            request.user, user, active=wanted, reason=data["reason"], seen_version=data["version"]
        )

    return _do(request, user, "active", form, act, _("Activated.") if wanted else _("Deactivated."))


@require_POST
@needs("user.manage")
def grant_role(request: SignedRequest, pk: int) -> HttpResponse:
    user, form = _person(pk), RoleForm(request.POST)

    def act(data: dict[str, Any]) -> Membership:
        fields = ("role", "agency", "place", "enterprise", "since", "until")
        return services.grant_role(request.user, user, **{name: data[name] for name in fields})

    return _do(request, user, "role", form, act, _("The role is given."))


@require_POST
@needs("user.manage")
def end_role(request: SignedRequest, pk: int, membership_pk: int) -> HttpResponse:
    user = _person(pk)
    membership = get_object_or_404(Membership, pk=membership_pk, user=user)
    form = EndRoleForm(request.POST, prefix=f"m{membership.pk}")

    def act(data: dict[str, Any]) -> Membership:
        return services.end_role(request.user, membership, reason=data["reason"], last_day=data["last_day"])

    return _do(request, user, f"end_{membership.pk}", form, act, _("The role has an end."))


@never_cache
@require_POST
@needs("user.manage")
def reset_password(request: SignedRequest, pk: int) -> HttpResponse:
    """Give a one-time password and show it, once."""
    user = _person(pk)
    return _show_password(request, user, services.reset_password(request.user, user))


@require_POST
@needs("user.manage")
def unlock(request: SignedRequest, pk: int) -> HttpResponse:
    user = _person(pk)
    return _do(
        request, user, "unlock", EmptyForm(request.POST), lambda _data: (services.unlock(request.user, user),),
        _("The failed logins are forgotten."),
    )  # fmt: skip


@require_POST
@needs("user.manage")
def revoke_token(request: SignedRequest, pk: int, token_pk: int) -> HttpResponse:
    """Revoke a token of somebody else."""
    user = _person(pk)
    token = get_object_or_404(ApiToken, pk=token_pk, user=user)
    services.revoke_token(request.user, token)
    messages.success(request, _("The token is revoked."))
    return redirect("city:user", pk=user.pk)


@needs()
def roles(request: SignedRequest) -> HttpResponse:
    """The table of roles: permissions.toml in words. Everybody who works here may read the rules of the house."""
    columns = [(label, REACH[role]) for role, label in Role.choices]
    return render(request, "city/roles.html", {"title": _("Who may do what"), "columns": columns, "groups": matrix()})
