"""Forms of the air room."""
