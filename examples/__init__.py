"""Examples that run: data with answers, and the destinations they talk to."""
