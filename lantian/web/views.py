"""Pages of the shell: home, login, language, and the error pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lantian.air.front.tile import city_tile
from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.shapes import area_map
from lantian.kit.language import LANGUAGE_COOKIE
from lantian.kit.search import search
from lantian.plan.computed import agreement
from lantian.plan.overview import overview


@needs()
def home(request: SignedRequest) -> HttpResponse:
    """The first page after the login: the map by light, the tasks, what is due. `?wall=1` is the wall screen."""
    scope = scope_of(request.user)
    view = overview(scope)
    rows = {row.place.pk: row for row in view.areas}
    drawn = area_map()
    shapes = [(shape, rows[shape.place_id]) for shape in drawn.shapes if shape.place_id in rows] if drawn else []
    context = {"title": _("Home"), "overview": view, "map": drawn, "shapes": shapes, "now": clock.now()}
    context["agreement"] = agreement(scope) if view.versions and scope.may("indicator.view") else None
    if request.GET.get("wall") == "1" and scope.may("air.view"):
        context["air"] = city_tile()
    return render(request, "web/home.html", context)


@needs("search")
def search_page(request: SignedRequest) -> HttpResponse:
    """Search over everything that the person may see."""
    query = request.GET.get("q", "").strip()[:100]
    groups = search(scope_of(request.user), query)
    context = {"title": _("Search"), "search_query": query, "groups": groups}
    return render(request, "web/search.html", context)


class Login(LoginView):
    template_name = "web/login.html"
    redirect_authenticated_user = True


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie and in the account, and go back to the page."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=365 * 86400, samesite="Lax", httponly=True, secure=settings.HTTPS
        )
        if request.user.is_authenticated and request.user.language != language:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


def _error(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "web/error.html", {"status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: the page is older than the login, or cookies are off."""
    return render(request, "web/error.html", {"status": 403, "stale": True}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke, and when and where; without the context of pages, which may be what broke."""
    values = {"now": timezone.localtime(), "path": request.path}
    return HttpResponse(loader.render_to_string("web/server_error.html", values), status=500)
