"""Addresses of the targets and what is left of them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
