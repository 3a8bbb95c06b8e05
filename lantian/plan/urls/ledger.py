"""Addresses of the ledger part of the plan room."""

from django.urls import path

from lantian.plan.views import areas, assignment, assignments, measure, publicity, tree, work

urlpatterns = [
    path("my-work/", work.my_work, name="my_work"),
    path("plan/", tree.tree, name="tree"),
    path("plan/tasks/<int:pk>/", tree.task, name="task"),
    path("plan/clauses/<int:pk>/areas/", tree.name_clause_areas, name="name_areas"),
    path("plan/measures/<int:pk>/", measure.measure, name="measure"),
    path("plan/targets/<int:pk>/split/", measure.split, name="split"),
    path("assignments/", assignments.AssignmentList.as_view(), name="assignments"),
    path("assignments/<int:pk>/", assignment.assignment, name="assignment"),
    path("assignments/<int:pk>/divide/", assignment.divide, name="divide"),
    path("assignments/<int:pk>/<slug:action>/", assignment.act, name="act"),
    path("reports/<int:pk>/withdraw/", assignment.withdraw_report, name="withdraw_report"),
    path("objections/<int:pk>/resolve/", assignment.resolve, name="resolve_objection"),
    path("signoff/", work.signoff, name="signoff"),
    path("signoff/<slug:action>/", work.signoff_several, name="signoff_several"),
    path("counties/", areas.counties, name="counties"),
    path("counties/<str:code>/", areas.county, name="county"),
    path("departments/", areas.agencies, name="agencies"),
    path("departments/<int:pk>/", areas.agency, name="agency"),
    path("publicity/", publicity.publicity, name="publicity"),
    path("publicity/<int:pk>/", publicity.objection, name="objection"),
]
