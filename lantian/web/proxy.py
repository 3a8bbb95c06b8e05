"""Whose request it is when proxies stand in front.

Lockouts and the limits of the objection form count by address. Behind a proxy every request comes from the proxy; the
address of the visitor is then in X-Forwarded-For, to which each trusted proxy appends what it saw. What stands further
left was sent by the visitor and proves nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ProxyMiddleware:
    """Put the visitor's address into REMOTE_ADDR, if the settings say how many trusted proxies there are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = visitor(request.headers.get("X-Forwarded-For", ""), settings.TRUSTED_PROXIES)
        if address:
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def visitor(forwarded: str, proxies: int) -> str:
    """Return the address that the outermost trusted proxy saw, or "" when there is none or it is no address.

    >>> visitor("6.6.6.6, 203.0.113.9", 1)
    '203.0.113.9'
    >>> visitor("203.0.113.9", 0)
    ''
    """
    parts = [part.strip() for part in forwarded.split(",")] if forwarded else []
    if not 0 < proxies <= len(parts):
        return ""
    try:
        return str(ipaddress.ip_address(parts[-proxies]))
    except ValueError:
        return ""
