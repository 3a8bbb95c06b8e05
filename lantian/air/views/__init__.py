"""Pages of the air room."""
