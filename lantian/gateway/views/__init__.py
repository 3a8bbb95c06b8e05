"""Pages of the gateway: live, devices, one device."""
