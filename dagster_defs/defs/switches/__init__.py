"""Stops and their ends, from Dagster."""
