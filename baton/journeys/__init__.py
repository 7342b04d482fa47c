"""Trying journeys before they are live: scenarios, drawings with live counts, simulation."""
