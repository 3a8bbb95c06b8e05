"""Data loggers as the office knows them."""

from lantian.gateway.models.device import DeviceRecord, DeviceState

__all__ = ["DeviceRecord", "DeviceState"]
