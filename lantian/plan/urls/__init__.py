"""Addresses of the plan room, by part: documents and review, the ledger, rounds and escalation, indicators."""

from lantian.plan.urls import documents, indicators, ledger, rounds

app_name = "plan"
urlpatterns = [*documents.urlpatterns, *ledger.urlpatterns, *rounds.urlpatterns, *indicators.urlpatterns]
