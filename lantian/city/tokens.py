"""Tokens of the HTTP API: shown once, stored as a digest, tied to a person's roles, revocable.

Lifetimes run on the machine's clock, not on the city's: a demonstration that pretends another day must not bring
an expired token back to life.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import ApiToken, User
from lantian.kit.errors import DomainError, NotAllowed, Unlawful
from lantian.kit.trail import audit

PREFIX = "lt_"
MAX_TOKENS = 20
MAX_DAYS = 366
_USED_EVERY = dt.timedelta(minutes=1)


def digest(secret: str) -> str:
    """Return what is stored of a token. The secret has 256 bits of its own, so a plain digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_token(user: User, *, name: str, read_only: bool, days: int) -> tuple[ApiToken, str]:
    """Make a token that carries the person's own roles for `days` days (1 to 366); return it and its secret.

    Raises NotAllowed without the verb `api.token`, DomainError for a missing name, a wrong lifetime or too many tokens.
    """
    scope_of(user).require("api.token")
    name = name.strip()
    if not name or len(name) > 60:
        raise DomainError(
            _("The token needs a name."), hint=_("Say what it is for, in 1 to 60 characters."), field="name"
        )
    if not 1 <= days <= MAX_DAYS:
        raise DomainError(
            _("A token lives 1 to %(days)s days.") % {"days": MAX_DAYS}, hint=_("Choose a shorter time."), field="days"
        )
    User.objects.select_for_update().get(pk=user.pk)
    if user.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).count() >= MAX_TOKENS:
        raise DomainError(_("You have too many tokens."), hint=_("Revoke those that nobody uses."))
    secret = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:8],
        digest=digest(secret),
        read_only=read_only,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    audit(user, "city.token_create", token, data={"read_only": read_only, "days": days})
    return token, secret


@transaction.atomic
def revoke_token(actor: User, token: ApiToken) -> ApiToken:
    """End a token at once: one's own, or anybody's for those who manage users. Raises Unlawful when it ended before."""
    if token.user_id != actor.pk and not scope_of(actor).may("user.manage"):
        raise NotAllowed(_("This token is somebody else's."), hint=_("Its owner or an administrator can revoke it."))
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is not None:
        raise Unlawful(_("This token was revoked already."))
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit(actor, "city.token_revoke", token, data={"owner": token.user.username})
    return token


def find_token(secret: str) -> ApiToken | None:
    """Return the valid token of a secret with its user, or None: unknown, expired, revoked, or its user inactive."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), digest=digest(secret), revoked_at__isnull=True)
        .first()
    )
    if token is None or not token.user.is_active or token.user.must_change_password:
        return None
    if token.last_used_at is None or now - token.last_used_at > _USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
