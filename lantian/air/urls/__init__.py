"""Addresses of the air room, one module for each of its parts."""

from lantian.air.urls import dust, figures, imports, places, quality, targets

app_name = "air"
urlpatterns = [
    *dust.urlpatterns,
    *figures.urlpatterns,
    *imports.urlpatterns,
    *places.urlpatterns,
    *quality.urlpatterns,
    *targets.urlpatterns,
]
