"""Supervision: rules over telemetry, alarms, leads."""
