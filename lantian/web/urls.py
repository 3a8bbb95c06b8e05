"""Addresses of the shell."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from lantian.web import views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search_page, name="search"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", views.choose_language, name="language"),
]
