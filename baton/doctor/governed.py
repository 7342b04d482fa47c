"""Governance: what the `ops_` tables find."""

from collections.abc import Callable

from baton.doctor.answers import ATTENTION, Ground, Question, Said, judged
from baton.governance import WATCHES, Watch, find

_TEXTS = {
    "ops_reviews": "Is everything reviewed in time?",
    "ops_unowned": "Does everything have an owner?",
    "ops_contracts": "Does the data come as journeys need it?",
    "ops_journey_overlap": "Which journeys want the same people?",
    "ops_dead_rules": "Which rules do nothing?",
    "ops_starved_actions": "Which actions never come about?",
    "ops_drift": "Has what comes in, or what is done, drifted?",
}


def _asking(watch: Watch) -> Callable[[Ground], Said]:
    def ask(ground: Ground) -> Said:
        found = find(ground.con, ground.dbt, watch)
        said = "; ".join((found.line(), *found.samples[:2]))
        return judged(said, (found.count > 0, ATTENTION, watch.mend))

    return ask


GOVERNED = tuple(
    Question(f"G{number}", _TEXTS[watch.table], f"ops.{watch.table}", _asking(watch))
    for number, watch in enumerate(WATCHES, start=1)
)
