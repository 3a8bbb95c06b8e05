"""Addresses of the list of dust."""

from django.urls import URLPattern, path

from lantian.air.views import dust

urlpatterns: list[URLPattern] = [
    path("air/dust/", dust.dust, name="dust"),
    path("air/dust/confirm/", dust.confirm, name="dust_confirm"),
    path("air/dust/import/", dust.import_list, name="dust_import"),
    path("air/dust/withdraw/", dust.withdraw, name="dust_withdraw"),
]
