"""Addresses of the air room, one module for each of its parts."""

from lantian.air.urls import figures, imports, quality, targets

app_name = "air"
urlpatterns = [*figures.urlpatterns, *imports.urlpatterns, *quality.urlpatterns, *targets.urlpatterns]
