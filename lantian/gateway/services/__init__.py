"""Verbs of the gateway room: admit, change, block, give a new password, ask a device; bring devices to the gateways."""

from lantian.gateway.services.admitting import admit, block, change, register_all, rotate_password
from lantian.gateway.services.asking import ask
from lantian.gateway.services.telling import publish_all

__all__ = ["admit", "ask", "block", "change", "publish_all", "register_all", "rotate_password"]
