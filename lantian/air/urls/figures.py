"""Addresses of the pages of figures: the home of the air, rankings, places."""

from django.urls import URLPattern, path

from lantian.air.views import home, ranking

urlpatterns: list[URLPattern] = [
    path("air/", home.home, name="home"),
    path("air/ranking/", ranking.ranking, name="ranking"),
]
