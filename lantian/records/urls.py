"""Addresses of the records room."""

from django.urls import path

from lantian.records.views import content, evidence

app_name = "records"
urlpatterns = [
    path("evidence/<int:pk>/", evidence.evidence_page, name="evidence"),
    path("evidence/<int:pk>/file/", content.download, name="evidence_download"),
    path("evidence/<int:pk>/thumb/", content.thumb, name="evidence_thumb"),
]
