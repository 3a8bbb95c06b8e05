"""Messages to people, with the record of their delivery and reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, Value
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from lantian.city import clock
from lantian.city.models import User
from lantian.records.models import Notification
from lantian.records.wording import Words, put

_MAX_KEY = 100  # the column holds 120: ":" and the person's number follow


@transaction.atomic
def notify(
    recipients: Iterable[User],
    *,
    kind: str,
    subject: Words,
    body: Words = "",
    link: str = "",
    target: Model | None = None,
    dedupe_key_prefix: str | None = None,
) -> list[Notification]:
    """Send one message to many people, each in their own language; return their notifications, in order of the people.

    `subject` and `body` are a text (as it stands), a lazy translation, a `Wording` (lazy translation with values), or
    a function without arguments that is called in each language. `kind` is "room.event" (at most 40 characters);
    `link` a path of this site. With `dedupe_key_prefix` (for example "round-7-due-2020-06-25") a person gets the
    message once, whatever number of times it is sent: the one sent before is returned. People who are no longer active
    get nothing. Three queries, whatever the number of people.
    """
    _check_link(link)
    people = list({user.pk: user for user in recipients if user.is_active}.values())
    said = {language: _said(language, subject, body) for language in {user.language for user in people}}
    prefix = _shortened(dedupe_key_prefix) if dedupe_key_prefix else None
    now = clock.now()
    drafts = [
        Notification(
            recipient=user, kind=kind, subject=said[user.language][0], body=said[user.language][1], link=link,
            target_type=target._meta.label_lower if target is not None else "",
            target_id=str(target.pk) if target is not None else "",
            dedupe_key=f"{prefix}:{user.pk}" if prefix else None, created_at=now,
        )
        for user in people
    ]  # fmt: skip
    if prefix is None:
        return Notification.objects.bulk_create(drafts, batch_size=500)
    Notification.objects.bulk_create(drafts, batch_size=500, ignore_conflicts=True)
    kept = Notification.objects.in_bulk([d.dedupe_key for d in drafts], field_name="dedupe_key")
    return [kept[d.dedupe_key] for d in drafts]


def _check_link(link: str) -> None:
    """A link leads to a page of this site: a mistake of the caller otherwise."""
    if link and (not link.startswith("/") or not url_has_allowed_host_and_scheme(link, None)):
        raise ValueError(f"{link!r} is no path of this site")


def _said(language: str, subject: Words, body: Words) -> tuple[str, str]:
    with translation.override(language or settings.LANGUAGE_CODE):
        return put(subject)[:200], put(body)


def _shortened(prefix: str) -> str:
    if len(prefix) <= _MAX_KEY:
        return prefix
    return f"{prefix[: _MAX_KEY - 33]}-{hashlib.sha256(prefix.encode()).hexdigest()[:32]}"


def mark_delivered(notifications: Iterable[Notification]) -> int:
    """Record that these were listed in their person's inbox (the first time only); return how many that was news for."""
    new = [n.pk for n in notifications if n.delivered_at is None]
    rows = Notification.objects.filter(pk__in=new, delivered_at__isnull=True)
    return rows.update(delivered_at=clock.now()) if new else 0


@transaction.atomic
def mark_read(reader: User, *, pks: Iterable[int] | None = None) -> int:
    """Record that a person read messages of theirs (all, or those given); return how many were unread until now."""
    rows = Notification.objects.filter(recipient=reader, read_at__isnull=True)
    if pks is not None:
        rows = rows.filter(pk__in=list(pks))
    now = clock.now()
    return rows.update(read_at=now, delivered_at=Coalesce(F("delivered_at"), Value(now)))
