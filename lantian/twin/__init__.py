"""The twin: a synthetic city with known truth. Nothing in the house imports it."""
