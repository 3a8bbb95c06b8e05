"""Passwords that the house makes: easy to read aloud and to type, hard to guess."""

from __future__ import annotations

import secrets

# No letters that look like figures or like each other.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """Return a password of four groups of four characters (79 bits)."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
