"""What is there now: people, journeys, decisions, messages, batches, in plain counts."""

from baton.status.facts import facts, provenance
from baton.status.show import status_lines
from baton.status.tables import decision_lines, journey_lines

__all__ = ["decision_lines", "facts", "journey_lines", "provenance", "status_lines"]
