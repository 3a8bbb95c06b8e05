"""Addresses of the sources room, one module for each of its parts."""

from lantian.sources.urls import imports, merging, register, spatial

app_name = "sources"
urlpatterns = [
    *imports.urlpatterns,
    *merging.urlpatterns,
    *register.urlpatterns,
    *spatial.urlpatterns,
]
