"""Cases that random histories once found, or would take long to find, each by itself.

All are told to one warehouse; each looks at its own people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from reference import Model

from baton.warehouse import reader

from .cases import BATCHES, CASES, Told
from .histories import GO_LIVE
from .loaded import batch_times, records
from .messages import answering, broken_promises, outbox
from .said import Rows, by_reference, by_warehouse, differences
from .sending import to_everybody
from .shop import Shop, cards_of_the_tests

Story = Callable[[Told], None]


@dataclass(frozen=True)
class Outcome:
    """What warehouse and reference say of all cases, and messages that should not be."""

    said: Mapping[str, Rows]
    expected: Mapping[str, Rows]
    broken: list[str]


@pytest.fixture(scope="module")
def outcome(shop: Shop) -> Outcome:
    """All cases, played once."""
    arrivals = [one for story in CASES for one in _told(story).arrivals]
    times = [GO_LIVE + timedelta(hours=hours) for hours in BATCHES]
    with shop.open() as run:
        shop.play(run, arrivals, times, to_everybody)
    with reader(shop.project.warehouse) as con:
        known = batch_times(con)
        model = Model(records(con), cards_of_the_tests(), max(known.values()))
        broken = broken_promises(outbox(con, shop), model, known, answering(con, shop))
        return Outcome(by_warehouse(con, shop), by_reference(model), broken)


@pytest.mark.parametrize("story", CASES, ids=lambda story: story.__name__)
def test_the_warehouse_says_what_the_semantics_say_where(story: Story, outcome: Outcome) -> None:
    found = differences(_of(outcome.said, story), _of(outcome.expected, story))
    assert not found, found


def test_no_message_of_these_cases_goes_out_that_should_not(outcome: Outcome) -> None:
    assert not outcome.broken, "\n".join(outcome.broken)


def _told(story: Story) -> Told:
    told = Told(f"t{CASES.index(story)}")
    story(told)
    return told


def _of(rows: Mapping[str, Rows], story: Story) -> Mapping[str, Rows]:
    """Return the rows that name an identifier of the case."""
    name = _told(story).name
    return {
        kind: {
            key: row
            for key, row in of_kind.items()
            if any(_is_of(word, name) for word in [*_parts(key), *row])
        }
        for kind, of_kind in rows.items()
    }


def _parts(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)


def _is_of(word: object, name: str) -> bool:
    return isinstance(word, str) and (word.endswith(f".{name}") or f".{name}@" in word)
