"""Addresses of the pages about one place."""

from django.urls import URLPattern, path

from lantian.air.views import places

urlpatterns: list[URLPattern] = [
    path("air/places/", places.listed, name="places"),
    path("air/places/<str:place>/", places.overview, name="place"),
    path("air/places/<str:place>/calendar/", places.calendar, name="place_calendar"),
    path("air/places/<str:place>/years/", places.years, name="place_years"),
    path("air/places/<str:place>/distribution/", places.distribution, name="place_distribution"),
    path("air/places/<str:place>/day/", places.day, name="place_day"),
    path("air/places/<str:place>/workbook/", places.workbook, name="place_workbook"),
]
