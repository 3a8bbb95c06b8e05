"""What instruments and models said, when it was true, when we learned it. A library: no Django."""
