"""What is decided about each candidate, read from docs/reference/decisions.md."""
