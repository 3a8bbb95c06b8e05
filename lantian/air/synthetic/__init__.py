"""Invented hourly air data for demonstrations and tests: plausible in season, day and weather, and always marked as such.

Every number is a function of seed, source and hour alone: a longer period has the same values in its common part, so
that newer hours can be added later. Nothing here says anything about the air of a real place.
"""
