"""One module per command; loaded when called, so that quick commands start quickly."""
