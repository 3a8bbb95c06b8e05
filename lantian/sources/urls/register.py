"""Addresses of the register: list, file of an enterprise, forms, history."""

from django.urls import URLPattern, path

from lantian.sources.views import enterprise, forms, listed

urlpatterns: list[URLPattern] = [
    path("sources/", listed.RegisterPage.as_view(), name="list"),
    path("sources/new/", forms.new, name="new"),
    path("sources/enterprises/<str:code>/", enterprise.page, name="enterprise"),
    path("sources/enterprises/<str:code>/edit/", forms.edit, name="edit"),
    path("sources/enterprises/<str:code>/history/", enterprise.HistoryPage.as_view(), name="history"),
    path("sources/enterprises/<str:code>/papers/", forms.papers, name="papers"),
    path("sources/enterprises/<str:code>/add/<slug:kind>/", forms.add, name="add"),
    path("sources/enterprises/<str:code>/<slug:kind>/<int:pk>/", forms.row, name="row"),
    path("sources/enterprises/<str:code>/<slug:kind>/<int:pk>/end/", forms.end, name="row_end"),
    path("sources/enterprises/<str:code>/<slug:kind>/<int:pk>/reopen/", forms.reopen, name="row_reopen"),
]
