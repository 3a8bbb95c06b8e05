"""Targets of the air: what is reached to date, what the rest of the year may have, and how likely that is. No Django."""
