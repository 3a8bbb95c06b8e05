"""Addresses of the indicators room. The names of pages are reserved: no indicator may have such a code."""

from django.urls import path

from lantian.indicators.views import detail, entries, lists, sheets

app_name = "indicators"
urlpatterns = [
    path("indicators/", lists.Indicators.as_view(), name="list"),
    path("indicators/coverage/", lists.Coverage.as_view(), name="coverage"),
    path("indicators/import/", sheets.sheet_import, name="import"),
    path("indicators/template/", sheets.sheet_template, name="template"),
    path("indicators/entries/<int:pk>/", entries.entry, name="entry"),
    path("indicators/entries/<int:pk>/correct/", entries.correct, name="entry_correct"),
    path("indicators/entries/<int:pk>/withdraw/", entries.withdraw, name="entry_withdraw"),
    path("indicators/<slug:code>/", detail.detail, name="detail"),
]
