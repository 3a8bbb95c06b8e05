"""Addresses of the records room."""

from django.urls import path

from lantian.records.views import audit, content, evidence, inbox

app_name = "records"
urlpatterns = [
    path("evidence/", evidence.EvidenceList.as_view(), name="evidence_list"),
    path("evidence/<int:pk>/", evidence.evidence_page, name="evidence"),
    path("evidence/<int:pk>/review/", evidence.review, name="evidence_review"),
    path("evidence/<int:pk>/replace/", evidence.replace, name="evidence_replace"),
    path("evidence/<int:pk>/check/", evidence.check, name="evidence_check"),
    path("evidence/<int:pk>/file/", content.download, name="evidence_download"),
    path("evidence/<int:pk>/thumb/", content.thumb, name="evidence_thumb"),
    path("audit/", audit.AuditPage.as_view(), name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("audit/<int:pk>/", audit.entry_page, name="audit_entry"),
    path("inbox/", inbox.InboxPage.as_view(), name="inbox"),
    path("inbox/read/", inbox.read_notifications, name="inbox_read"),
    path("inbox/<int:pk>/", inbox.open_notification, name="notification_open"),
]
