"""The law as dated data and pure functions: units, rounding, limits. No Django in here: this room is also a library."""
