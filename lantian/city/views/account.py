"""The own account: profile, password, API tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lantian.city import services
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.forms import PasswordForm, ProfileForm, TokenForm
from lantian.city.models import ApiToken
from lantian.city.verbs import verb_in_words
from lantian.kit.forms import perform, status_of
from lantian.kit.language import LANGUAGE_COOKIE


@never_cache
@needs()
def account(request: SignedRequest) -> HttpResponse:
    """Profile, roles, tokens. POST saves the profile."""
    user = request.user
    if request.method != "POST":
        return _page(
            request, ProfileForm.of(user, initial={"phone": user.phone, "language": user.language}), TokenForm()
        )
    form = ProfileForm(request.POST)

    def act(data: dict[str, Any]) -> Any:
        return services.edit_own_profile(
            user, phone=data["phone"], language=data["language"], seen_version=data["version"]
        )

    if perform(form, act, record=user) is None:
        return _page(request, form, TokenForm(), status=status_of(form))
    messages.success(request, _("Saved."))
    response = redirect("city:account")
    # The account's language counts from now on, not what the switch remembered before.
    response.delete_cookie(LANGUAGE_COOKIE, samesite="Lax")
    return response


def _page(request: SignedRequest, profile: ProfileForm, token: TokenForm, **response: Any) -> HttpResponse:
    user = request.user
    scope = scope_of(user)
    context = {
        "title": _("Account"),
        "profile_form": profile,
        "token_form": token if scope.may("api.token") else None,
        "memberships": user.memberships.select_related("agency", "place").order_by("-since"),
        "tokens": user.api_tokens.order_by("-pk"),
        "machine_now": timezone.now(),
        "verbs": [verb_in_words(verb) for verb in sorted(scope.verbs)],
    }
    return render(request, "city/account.html", context, **response)


@never_cache
@needs()
def password(request: SignedRequest) -> HttpResponse:
    """Change the own password; the one page that somebody with a one-time password may open."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST":
        changed = perform(
            form, lambda data: services.change_own_password(request.user, old=data["old"], new=data["new"])
        )
        if changed:
            update_session_auth_hash(request, changed)
            messages.success(request, _("The password is changed; other sessions have ended."))
            return redirect("city:account")
    status = status_of(form) if form.is_bound else 200
    return render(request, "city/password.html", {"title": _("Change the password"), "form": form}, status=status)


@never_cache
@require_POST
@needs("api.token")
def new_token(request: SignedRequest) -> HttpResponse:
    """Make a token and show its secret, once."""
    user, form = request.user, TokenForm(request.POST)

    def act(data: dict[str, Any]) -> tuple[ApiToken, str]:
        return services.create_token(user, name=data["name"], read_only=data["read_only"], days=data["days"])

    made = perform(form, act)
    if made is None:
        profile = ProfileForm.of(user, initial={"phone": user.phone, "language": user.language})
        return _page(request, profile, form, status=status_of(form))
    token, secret = made
    return render(request, "city/token_once.html", {"title": _("New API token"), "token": token, "secret": secret})


@require_POST
@needs()
def revoke_token(request: SignedRequest, pk: int) -> HttpResponse:
    """Revoke one of the own tokens."""
    services.revoke_token(request.user, get_object_or_404(ApiToken, pk=pk, user=request.user))
    messages.success(request, _("The token is revoked."))
    return redirect("city:account")
