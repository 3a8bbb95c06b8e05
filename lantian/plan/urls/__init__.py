"""Addresses of the plan room, by part: documents and review, the ledger, rounds and escalation."""

from lantian.plan.urls import documents, ledger, rounds

app_name = "plan"
urlpatterns = [*documents.urlpatterns, *ledger.urlpatterns, *rounds.urlpatterns]
