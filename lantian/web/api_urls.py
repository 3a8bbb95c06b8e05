"""Addresses of the HTTP API."""

from django.urls import path

from lantian.web import apidoc
from lantian.web.api import api

urlpatterns = [
    path("api/v1/openapi.json", apidoc.schema_view, name="api-schema"),
    path("api/v1/docs", apidoc.docs, name="api-docs"),
    path("api/v1/", api.urls),
]
