"""Addresses of the sources room, one module for each of its parts."""

from lantian.sources.urls import register, spatial

app_name = "sources"
urlpatterns = [
    *register.urlpatterns,
    *spatial.urlpatterns,
]
