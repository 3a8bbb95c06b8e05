"""Who calls the HTTP API: a token in the header `Authorization: Bearer …`, or the browser's session with CSRF.

A token in an address is refused: addresses end up in logs and histories.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.city.tokens import PREFIX, find_token
from lantian.kit.errors import DomainError, NotAllowed

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY_YET = "_lantian_caller"


def caller(request: HttpRequest) -> User | None:
    """Return who calls, or None; looked up once per request. A token, where there is one, decides alone.

    Raises NotAllowed for a read-only token that would write and for a session without its CSRF token, DomainError
    for a token in the address.
    """
    if not hasattr(request, NOBODY_YET):
        setattr(request, NOBODY_YET, _identify(request))
    found: User | None = getattr(request, NOBODY_YET)
    return found


def _identify(request: HttpRequest) -> User | None:
    if any(value.startswith(PREFIX) for values in request.GET.lists() for value in values[1]):
        raise DomainError(
            _("A token does not belong into an address; this one should be revoked."),
            hint=_("Send it in the header “Authorization: Bearer …”."),
        )
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return _by_token(request, secret.strip()) if scheme.lower() == "bearer" else None
    return _by_session(request)


def _by_token(request: HttpRequest, secret: str) -> User | None:
    token = find_token(secret)
    if token is None:
        return None
    if token.read_only and request.method not in SAFE:
        raise NotAllowed(_("This token may only read."), hint=_("Use a token that may write."))
    user = token.user
    request.user = user
    translation.activate(_language(request, user))
    return user


def _language(request: HttpRequest, user: User) -> str:
    """Return the language of the answer: what the program asks for, else the person's own."""
    wanted = request.headers.get("Accept-Language", "").strip().lower()
    if wanted.startswith("en"):
        return "en"
    return "zh-hans" if wanted.startswith("zh") else user.language


def _by_session(request: HttpRequest) -> User | None:
    if not request.user.is_authenticated:
        return None
    if request.method not in SAFE and check_csrf(request):
        raise NotAllowed(
            _("The CSRF token is missing."), hint=_("Send the header X-CSRFToken with the cookie's value.")
        )
    return request.user


class Guard(AuthBase):
    """The door of an operation: a login and, if given, one of the verbs. Use it as `auth=Guard("plan.view")`.

    Several verbs stand where different roles take the same step (a department verifies, a county checks its parts);
    the service decides which of them counts for the record.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, *verbs: str) -> None:
        self.verbs = verbs
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        user = caller(request)
        if user is None:
            raise AuthenticationError
        scope = scope_of(user)
        if self.verbs and not any(scope.may(verb) for verb in self.verbs):
            scope.require(self.verbs[0])
        return user

    @property
    def needs(self) -> tuple[str, ...]:
        """The verbs of which one is needed; none: a login is enough."""
        return self.verbs
