"""Addresses of the gateway room."""

from django.urls import path
from django.urls.resolvers import URLPattern

from lantian.gateway.views import devices, live

app_name = "gateway"
urlpatterns: list[URLPattern] = [
    path("gateway/", live.page, name="live"),
    path("gateway/now/", live.now, name="now"),
    path("gateway/devices/", devices.DevicesPage.as_view(), name="devices"),
    path("gateway/devices/<str:mn>/", devices.page, name="device"),
    path("gateway/devices/<str:mn>/edit/", devices.edit, name="edit"),
    path("gateway/devices/<str:mn>/block/", devices.block, name="block"),
    path("gateway/devices/<str:mn>/password/", devices.password, name="password"),
    path("gateway/devices/<str:mn>/ask/", devices.ask, name="ask"),
    path("gateway/admit/<str:mn>/", devices.admit, name="admit"),
]
