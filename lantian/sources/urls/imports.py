"""Addresses of imports into the register and of downloads from it."""

from django.urls import URLPattern, path

from lantian.sources.views import imports

urlpatterns: list[URLPattern] = [
    path("sources/imports/", imports.listed, name="import"),
    path("sources/imports/template/", imports.template, name="import_template"),
    path("sources/imports/export/", imports.export, name="export"),
    path("sources/imports/<int:pk>/", imports.detail, name="import_one"),
    path("sources/imports/<int:pk>/mend/", imports.mend, name="import_mend"),
    path("sources/imports/<int:pk>/apply/", imports.apply, name="import_apply"),
    path("sources/imports/<int:pk>/drop/", imports.drop, name="import_drop"),
    path("sources/imports/<int:pk>/faults/", imports.faults, name="import_faults"),
]
