"""Addresses of the sources room, one module for each of its parts."""

from lantian.sources.urls import imports, register, spatial

app_name = "sources"
urlpatterns = [
    *imports.urlpatterns,
    *register.urlpatterns,
    *spatial.urlpatterns,
]
