"""Benchmarks: each states what it measures and ends with one JSON object."""
