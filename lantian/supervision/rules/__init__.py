"""Rules over telemetry, as pure functions."""
