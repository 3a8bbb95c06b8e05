"""What the HTTP API of the plan room says and takes."""
