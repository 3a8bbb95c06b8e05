"""Addresses: each room keeps its own, under its own name."""

from django.urls import include, path

urlpatterns = [
    path("", include("lantian.web.urls")),
    path("", include("lantian.web.api_urls")),
    path("", include("lantian.city.urls")),
    path("", include("lantian.records.urls")),
    path("", include("lantian.indicators.urls")),
    path("", include("lantian.air.urls")),
    path("", include("lantian.sources.urls")),
    path("", include("lantian.gateway.urls")),
    path("", include("lantian.supervision.urls")),
    path("", include("lantian.plan.urls")),
    path("", include("lantian.bulletins.urls")),
]

handler400 = "lantian.web.views.bad_request"
handler403 = "lantian.web.views.forbidden"
handler404 = "lantian.web.views.not_found"
handler500 = "lantian.web.views.server_error"
