"""Scenarios of journeys: events in with their load order, expected path out."""

from baton.journeys.scenarios.files import ScenarioFile, read_scenarios
from baton.journeys.scenarios.report import facts_of, lines_of
from baton.journeys.scenarios.run import run_scenarios
from baton.journeys.scenarios.verdict import Verdict

__all__ = [
    "ScenarioFile",
    "Verdict",
    "facts_of",
    "lines_of",
    "read_scenarios",
    "run_scenarios",
]
