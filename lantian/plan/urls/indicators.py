"""Addresses of computed beside reported values."""

from django.urls import path

from lantian.plan.views import indicators

urlpatterns = [
    path("plan/disagreements/", indicators.Disagreements.as_view(), name="disagreements"),
    path("plan/targets/", indicators.targets, name="targets"),
]
