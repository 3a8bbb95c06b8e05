"""Addresses of the imports of files, watched folder, push."""

from django.urls import URLPattern, path

from lantian.air.views import imports

urlpatterns: list[URLPattern] = [
    path("air/imports/", imports.ImportList.as_view(), name="imports"),
    path("air/imports/new/", imports.new, name="import_new"),
    path("air/imports/new/<slug:form>/", imports.upload, name="import_upload"),
    path("air/imports/<int:pk>/", imports.detail, name="import"),
    path("air/imports/<int:pk>/state/", imports.state, name="import_state"),
    path("air/imports/<int:pk>/declare/", imports.declare, name="import_declare"),
    path("air/imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("air/imports/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("air/imports/<int:pk>/resume/", imports.resume, name="import_resume"),
    path("air/imports/<int:pk>/faults/", imports.faults, name="import_faults"),
]
