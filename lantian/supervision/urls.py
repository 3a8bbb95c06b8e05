"""Addresses of the supervision room."""

from django.urls import path
from django.urls.resolvers import URLPattern

from lantian.supervision.views import alarms, board, leads, rules, series

app_name = "supervision"
urlpatterns: list[URLPattern] = [
    path("supervision/", board.board, name="board"),
    path("supervision/alarms/", alarms.AlarmPage.as_view(), name="alarms"),
    path("supervision/alarms/<int:pk>/", alarms.alarm, name="alarm"),
    path("supervision/alarms/<int:pk>/act/", alarms.act, name="alarm_act"),
    path("supervision/leads/", leads.LeadPage.as_view(), name="leads"),
    path("supervision/leads/<int:pk>/", leads.lead, name="lead"),
    path("supervision/leads/<int:pk>/act/", leads.act, name="lead_act"),
    path("supervision/rules/", rules.rules, name="rules"),
    path("supervision/rules/<slug:rule>/", rules.rule, name="rule"),
    path("supervision/series/<str:code>/", series.series, name="series"),
]
