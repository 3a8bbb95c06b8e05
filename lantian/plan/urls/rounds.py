"""Addresses of the rounds part of the plan room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
