"""Addresses of the targets and what is left of them, and of the dustfall."""

from django.urls import URLPattern, path

from lantian.air.views import dustfall, targets

urlpatterns: list[URLPattern] = [
    path("air/targets/", targets.Targets.as_view(), name="targets"),
    path("air/targets/<slug:key>/", targets.target, name="target"),
    path("air/dustfall/", dustfall.dustfall, name="dustfall"),
]
