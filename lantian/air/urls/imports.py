"""Addresses of the imports of files, watched folder, push."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
