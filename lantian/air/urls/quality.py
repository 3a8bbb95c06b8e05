"""Addresses of the quality control: review, decisions, data quality, stations, series."""

from django.urls import URLPattern, path

from lantian.air.views import quality, stations

urlpatterns: list[URLPattern] = [
    path("air/review/", quality.review, name="review"),
    path("air/review/episode/", quality.episode, name="episode"),
    path("air/review/value/", quality.value, name="value"),
    path("air/review/decisions/<str:key>/", quality.decision, name="decision"),
    path("air/quality/", quality.quality, name="quality"),
    path("air/stations/", stations.listed, name="stations"),
    path("air/stations/<str:code>/", stations.station, name="station"),
    path("air/series/", stations.series, name="series"),
]
