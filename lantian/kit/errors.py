"""Errors that a user can understand: what is wrong, where, and how to mend it."""

from __future__ import annotations


class DomainError(Exception):
    """A refused request. `message` says what and where, `hint` how to mend it, `field` which input; HTTP status 400."""

    status = 400

    def __init__(self, message: str, *, hint: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = str(message)
        self.hint = str(hint)
        self.field = field

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotAllowed(DomainError):
    """The person's role does not carry this verb here (HTTP 403)."""

    status = 403


class Conflict(DomainError):
    """The record changed meanwhile, or the same thing was done already (HTTP 409)."""

    status = 409


class Unlawful(DomainError):
    """A transition that the state does not allow (HTTP 409)."""

    status = 409
