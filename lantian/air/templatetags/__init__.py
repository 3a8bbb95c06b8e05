"""Template tags of the air."""
