"""Addresses of the indicators room."""

app_name = "indicators"
urlpatterns: list = []
