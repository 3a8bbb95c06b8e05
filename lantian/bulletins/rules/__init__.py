"""Pure parts of the bulletins room: figures, and what a Word template may say. No Django."""
