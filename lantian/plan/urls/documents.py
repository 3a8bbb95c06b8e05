"""Addresses of the documents part of the plan room."""

from django.urls import path

from lantian.plan.views import county_plans, documents, review, review_forms, review_structure

urlpatterns = [
    path("plan/documents/", documents.DocumentList.as_view(), name="documents"),
    path("plan/documents/import/", documents.import_page, name="import_document"),
    path("plan/documents/<int:pk>/", documents.document, name="document"),
    path("plan/documents/<int:pk>/file/", documents.document_file, name="document_file"),
    path("plan/documents/<int:pk>/compare/", documents.compare, name="compare"),
    path("plan/documents/<int:pk>/adopt/", documents.adopt_page, name="adopt"),
    path("plan/documents/<int:pk>/discard/", documents.discard_page, name="discard"),
    path("plan/documents/review/<int:pk>/", review.page, name="review"),
    path("plan/documents/review/<int:pk>/add/", review_forms.add, name="review_add"),
    path("plan/documents/review/<int:pk>/accept-all/", review_forms.accept_all, name="review_accept_all"),
    path("plan/documents/review/<int:pk>/add-clause/", review_structure.add, name="review_add_clause"),
    path("plan/documents/review/<int:pk>/areas/", review.areas, name="review_areas"),
    path("plan/documents/review/<int:pk>/heading/", review_forms.heading, name="review_heading"),
    path("plan/documents/review/<int:pk>/name/", review_forms.name, name="review_name"),
    path("plan/documents/review/<int:pk>/undo/", review.undo_last, name="review_undo"),
    path("plan/documents/review/clauses/<int:pk>/", review.clause, name="review_clause"),
    path("plan/documents/review/clauses/<int:pk>/delete/", review_structure.delete, name="review_delete_clause"),
    path("plan/documents/review/clauses/<int:pk>/roles/", review_forms.roles, name="review_roles"),
    path("plan/documents/review/measures/<int:pk>/", review.measure, name="review_measure"),
    path("plan/documents/review/measures/<int:pk>/delete/", review_forms.delete, name="review_delete"),
    path("plan/documents/review/measures/<int:pk>/edit/", review_forms.edit, name="review_edit"),
    path("plan/documents/review/measures/<int:pk>/split/", review_forms.split, name="review_split"),
    path("plan/county-plans/", county_plans.CountyPlans.as_view(), name="county_plans"),
    path("plan/county-plans/<int:pk>/", county_plans.county_plan, name="county_plan"),
    path("plan/county-plans/<int:pk>/suggest/", county_plans.suggest_again, name="trace_suggest"),
    path("plan/county-plans/<int:pk>/trace/", county_plans.add_trace, name="trace_add"),
    path("plan/traces/<int:pk>/", county_plans.decide, name="trace"),
]
