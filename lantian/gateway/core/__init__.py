"""The gateway without Django: inbox, server, delivery, telemetry store."""
