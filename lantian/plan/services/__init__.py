"""Verbs of the plan room: each changes something in one transaction and leaves one audit entry."""
