"""Addresses of the rounds part of the plan room: dispatch, escalation, comparison."""

from django.urls import path

from lantian.plan.views import baseline, escalations, notices, round_lists, rounds, uploads

urlpatterns = [
    path("rounds/", rounds.RoundList.as_view(), name="rounds"),
    path("rounds/open/", rounds.open_round, name="open_round"),
    path("rounds/<int:pk>/", rounds.round_page, name="round"),
    path("rounds/<int:pk>/amend/", rounds.amend, name="amend_round"),
    path("rounds/<int:pk>/remind/", rounds.remind, name="remind_round"),
    path("rounds/<int:pk>/close/", rounds.close, name="close_round"),
    path("rounds/<int:pk>/entries/", round_lists.EntryList.as_view(), name="round_entries"),
    path("rounds/<int:pk>/comparison/", round_lists.MoveList.as_view(), name="round_comparison"),
    path("rounds/<int:pk>/workbook/", uploads.workbook, name="round_workbook"),
    path("rounds/<int:pk>/workbooks/", uploads.workbooks, name="round_workbooks"),
    path("rounds/<int:pk>/upload/", uploads.upload, name="round_upload"),
    path("uploads/<int:pk>/", uploads.preview, name="upload"),
    path("uploads/<int:pk>/apply/", uploads.apply, name="apply_upload"),
    path("uploads/<int:pk>/continue/", uploads.carry_on, name="continue_upload"),
    path("uploads/<int:pk>/file/", uploads.file, name="upload_file"),
    path("escalations/", escalations.EscalationList.as_view(), name="escalations"),
    path("escalations/propose/", escalations.propose, name="propose_escalations"),
    path("escalations/rules/", escalations.rules, name="escalation_rules"),
    path("escalations/<int:pk>/", escalations.escalation, name="escalation"),
    path("notices/", notices.NoticeList.as_view(), name="notices"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("baseline/", baseline.Baseline.as_view(), name="baseline"),
]
