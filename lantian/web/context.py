"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import LoadedPack
from lantian.records.models import Notification
from lantian.web.navigation import navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame: city, navigation of this person, unread messages, whether the clock is pretended.

    A page that is put together of several templates asks for it several times; it is made once.
    """
    made: dict[str, Any] | None = getattr(request, "_lantian_shell", None)
    if made is None:
        made = request._lantian_shell = _shell(request)  # type: ignore[attr-defined]
    return made


def _shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    scope = scope_of(user)
    unread = Notification.objects.filter(recipient=user, read_at__isnull=True).count() if scope.user_id else 0
    return {
        "city": LoadedPack.objects.first(),
        "scope": scope,
        "navigation": navigation(request, scope),
        "unread": unread,
        "clock_today": clock.today(),
        "clock_pretended": clock.is_pretended(),
        "wall": request.GET.get("wall") == "1",
    }
