"""Addresses of boilers, permits and the map."""

from django.urls import URLPattern, path

from lantian.sources.views import boilers, mapped, permits

urlpatterns: list[URLPattern] = [
    path("sources/boilers/", boilers.BoilersPage.as_view(), name="boilers"),
    path("sources/permits/", permits.PermitsPage.as_view(), name="permits"),
    path("sources/map/", mapped.page, name="map"),
]
