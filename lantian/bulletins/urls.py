"""Addresses of the bulletins room."""

app_name = "bulletins"
urlpatterns: list = []
