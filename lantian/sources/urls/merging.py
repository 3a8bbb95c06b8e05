"""Addresses of duplicates and merges."""

from django.urls import URLPattern, path

from lantian.sources.views import merging

urlpatterns: list[URLPattern] = [
    path("sources/duplicates/", merging.listed, name="merge"),
    path("sources/duplicates/<str:code>/<str:other>/", merging.compare, name="compare"),
    path("sources/merges/<int:pk>/", merging.split, name="split"),
]
