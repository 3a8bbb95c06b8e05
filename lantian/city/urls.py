"""Addresses of the city room."""

app_name = "city"
urlpatterns: list = []
