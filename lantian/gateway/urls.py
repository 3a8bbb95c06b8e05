"""Addresses of the gateway room."""

from django.urls.resolvers import URLPattern

app_name = "gateway"
urlpatterns: list[URLPattern] = []
