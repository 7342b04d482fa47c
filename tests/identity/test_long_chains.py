"""A chain of identifiers that each round of joining only halves is one person all the same."""

from datetime import datetime

import pytest

from .histories import TYPES
from .recorded import Recorded
from .told import Identifier, Policies, Record, Rule, Window
from .warehouse import Installation

_AT = datetime(2025, 1, 1)
_LENGTH = 2**14 - 1
"""Each of twelve rounds halves it: three are left."""


def link(place: int) -> Identifier:
    """The identifier at this place of the chain."""
    return Identifier("user" if place % 2 else "email", f"{place}@example.com")


def chain() -> tuple[Window, Window]:
    """All identifiers one by one, those first that twice as many others lie around; then the links.

    What is seen first is the smaller one, so in each round every second is smaller than both of its
    neighbours: these stay, and the others join them.
    """
    places = sorted(range(1, _LENGTH + 1), key=lambda place: (-(place & -place), place))
    alone = [Record(f"alone {place}", (link(place),), _AT) for place in places]
    pairs = [
        Record(f"pair {place}", (link(place), link(place + 1)), _AT) for place in range(1, _LENGTH)
    ]
    rules = Policies({name: Rule(place + 1) for place, name in enumerate(TYPES)})
    return Window(tuple(alone), policies=rules), Window(tuple(pairs))


def persons(recorded: Recorded) -> tuple[int, int]:
    """How many the chain is after its links were told, and after a rebuild."""
    installation = Installation(recorded)
    for window in chain():
        installation.hear(window)
    with installation.rebuilt() as whole:
        return len(set(installation.state().person_of.values())), len(set(whole.person_of.values()))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_chain_that_each_round_halves_is_one_person(recorded: Recorded) -> None:
    assert persons(recorded) == (1, 1)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_it_would_be_two_more_without_what_is_done_behind_the_rounds(recorded: Recorded) -> None:
    def only_rounds(sql: str) -> str:
        return sql.replace("where other < vertex", "where false")

    changed = recorded.changed(only_rounds)
    assert changed != recorded, "it is written otherwise now"
    assert persons(changed)[0] == 3
