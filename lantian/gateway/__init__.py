"""The gateway: data loggers that speak HJ 212 (or HTTP, MQTT) deliver here; acknowledged means durable."""
