"""Addresses of the bulletins room."""

from django.urls import path

from lantian.bulletins import views

app_name = "bulletins"
urlpatterns = [
    path("bulletins/", views.BulletinList.as_view(), name="list"),
    path("bulletins/<int:pk>/", views.bulletin, name="bulletin"),
    path("bulletins/<int:pk>/word/", views.word, name="word"),
    path("bulletins/<int:pk>/excel/", views.excel, name="excel"),
    path("bulletins/rounds/<int:pk>/", views.make, name="make"),
    path("bulletins/rounds/<int:pk>/preview/", views.preview, name="preview"),
    path("bulletins/templates/", views.templates, name="templates"),
    path("bulletins/templates/default/", views.default_template, name="default_template"),
    path("bulletins/templates/restore/", views.restore, name="restore_template"),
    path("bulletins/templates/<int:pk>/", views.template_file, name="template_file"),
    path("bulletins/templates/<int:pk>/use/", views.use, name="use_template"),
    path("bulletins/templates/<int:pk>/sample/", views.sample, name="sample"),
    path("bulletins/templates/default/sample/", views.sample, name="default_sample"),
]
