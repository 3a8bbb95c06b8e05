"""Addresses of the quality control: flags, review, corrections, stations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
