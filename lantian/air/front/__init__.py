"""What the front pages of the air show: the air now, and rankings. With Django."""
