"""Verbs about people: make, change, deactivate, reset a password, unlock a login. Nobody is ever deleted.

`actor` is the person who does it (needs `user.manage`), or None for the operator at the command line, who owns the
machine anyway; the audit chain then says "system".
"""

from __future__ import annotations

import unicodedata
from typing import Any

from axes.utils import reset as forget_failures
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import Role, User
from lantian.city.passwords import one_time_password
from lantian.city.roles import in_force, lock_administrators, other_administrators
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.kit.locking import check_version, update_versioned
from lantian.kit.trail import audit

VERB = "user.manage"


def require_manager(actor: User | None) -> None:
    """Raise NotAllowed unless the actor manages users (the operator at the command line does)."""
    if actor is not None:
        scope_of(actor).require(VERB)


@transaction.atomic
def create_user(
    actor: User | None, *, username: str, display_name: str, phone: str = "", language: str = User.Language.ZH
) -> tuple[User, str]:
    """Make a person without a role; return them and the one-time password, which must be changed at the first login.

    Raises Conflict for a user name that exists (in any case of letters), DomainError for a name that cannot be.
    """
    require_manager(actor)
    username = username.strip()
    _check_username(username)
    password = one_time_password()
    user = User(username=username, language=_language(language), must_change_password=True)
    user.display_name, user.phone = _name(display_name), phone.strip()[:30]
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise _name_taken(username) from error
    audit(actor, "city.user_create", user, changes={"display_name": (None, user.display_name)})
    return user, password


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise DomainError(
            _("“%(name)s” cannot be a user name.") % {"name": username},
            hint=_("Use letters, figures and @ . + - _ only."),
            field="username",
        ) from error
    if len(username) > 60:
        raise DomainError(_("The user name is too long."), hint=_("At most 60 characters."), field="username")
    if User.objects.filter(username__iexact=username).exists():
        raise _name_taken(username)


def _name_taken(username: str) -> Conflict:
    return Conflict(
        _("There is already a user “%(name)s”.") % {"name": username},
        hint=_("Choose another name, or give the existing person the role."),
        field="username",
    )


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 80 or _invisible(name):
        raise DomainError(
            _("The name is empty, too long or holds invisible characters."),
            hint=_("1 to 80 visible characters."),
            field="display_name",
        )
    return name


def _invisible(name: str) -> bool:
    """Tell whether a name holds characters that an eye would miss (controls, direction marks, unassigned ones)."""
    return any(unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn"} for char in name)


def _language(language: str) -> str:
    if language not in User.Language.values:
        raise DomainError(_("Unknown language “%(code)s”.") % {"code": language}, hint="zh-hans, en", field="language")
    return language


@transaction.atomic
def edit_user(
    actor: User | None,
    user: User,
    *,
    display_name: str,
    phone: str,
    language: str,
    seen_version: int | None = None,
) -> User:
    """Change a person's name, phone and language."""
    require_manager(actor)
    return _write(actor, user, seen_version, display_name=_name(display_name), phone=phone, language=language)


@transaction.atomic
def edit_own_profile(user: User, *, phone: str, language: str, seen_version: int | None = None) -> User:
    """Change the own phone and language. The name stays what the administrator wrote: it stands under decisions."""
    return _write(user, user, seen_version, phone=phone, language=language)


def _write(actor: User | None, user: User, seen_version: int | None, **wanted: Any) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    check_version(user, seen_version)
    wanted["phone"] = wanted["phone"].strip()[:30]
    wanted["language"] = _language(wanted["language"])
    changes = {n: (getattr(user, n), new) for n, new in wanted.items() if getattr(user, n) != new}
    if changes:
        update_versioned(user, **{name: new for name, (_old, new) in changes.items()})
        audit(actor, "city.user_edit", user, changes=changes)
    return user


@transaction.atomic
def set_active(actor: User | None, user: User, *, active: bool, reason: str, seen_version: int | None = None) -> User:
    """Take a person out of service (sessions and tokens stop at once) or back in. A reason is needed.

    Raises Unlawful for oneself and for the last administrator.
    """
    require_manager(actor)
    if not reason.strip():
        raise DomainError(_("Say why."), hint=_("The reason is kept in the audit chain."), field="reason")
    if not active:
        lock_administrators()
    user = User.objects.select_for_update().get(pk=user.pk)
    check_version(user, seen_version)
    if user.is_active == active:
        return user
    if not active:
        _refuse_losing_the_administrator(actor, user)
    update_versioned(user, is_active=active)
    audit(
        actor,
        "city.user_activate" if active else "city.user_deactivate",
        user,
        changes={"is_active": (not active, active)},
        reason=reason.strip(),
    )
    return user


def _refuse_losing_the_administrator(actor: User | None, user: User) -> None:
    if actor is not None and actor.pk == user.pk:
        raise Unlawful(
            _("You cannot deactivate yourself."), hint=_("Ask another administrator, or the operator of the machine.")
        )
    if in_force(user.memberships.filter(role=Role.ADMIN)).exists() and not other_administrators(user):
        raise Unlawful(_("This is the last active administrator."), hint=_("Give the role to somebody else first."))


@transaction.atomic
def reset_password(actor: User | None, user: User) -> str:
    """Give a person a one-time password (returned once, stored nowhere). Sessions end and API tokens are revoked."""
    require_manager(actor)
    if actor is not None and actor.pk == user.pk:
        raise NotAllowed(_("Change your own password on your account page."), hint=_("It asks for the present one."))
    user = User.objects.select_for_update().get(pk=user.pk)
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    revoked = user.api_tokens.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
    forget_failures(username=user.username)
    audit(actor, "city.password_reset", user, data={"tokens_revoked": revoked})
    return password


@transaction.atomic
def change_own_password(user: User, *, old: str, new: str) -> User:
    """Set the own password. Raises DomainError when the present one is wrong or the new one is too weak."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.check_password(old):
        raise DomainError(
            _("The present password is wrong."), hint=_("Type it again, or ask for a reset."), field="old"
        )
    if old == new:
        raise DomainError(_("The new password is the old one."), hint=_("Choose another."), field="new")
    try:
        password_validation.validate_password(new, user)
    except ValidationError as error:
        raise DomainError(_("The new password is too weak."), hint=" ".join(error.messages), field="new") from error
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    audit(user, "city.password_change", user)
    return user


@transaction.atomic
def unlock(actor: User | None, user: User) -> int:
    """Forget the failed logins of a person who was locked out; return how many there were."""
    require_manager(actor)
    forgotten = int(forget_failures(username=user.username))
    audit(actor, "city.user_unlock", user, data={"failures": forgotten})
    return forgotten
