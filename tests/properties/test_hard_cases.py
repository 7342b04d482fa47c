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
from .said import Rows, by_reference, by_warehouse, differences
from .shop import Shop, cards_of_the_tests

Story = Callable[[Told], None]


@dataclass(frozen=True)
class Outcome:
    """What warehouse and reference say of all cases, and the warehouse after a full rebuild."""

    said: Mapping[str, Rows]
    rebuilt: Mapping[str, Rows]
    expected: Mapping[str, Rows]


@pytest.fixture(scope="module")
def outcome(shop: Shop) -> Outcome:
    """All cases, played once."""
    arrivals = [one for story in CASES for one in _told(story).arrivals]
    times = [GO_LIVE + timedelta(hours=hours) for hours in BATCHES]
    with shop.open() as run:
        shop.play(run, arrivals, times, is_sending=False)
        said, expected = _both(shop)
        shop.batch(run, times[-1], is_whole=True)
        rebuilt, _ = _both(shop)
    return Outcome(said, rebuilt, expected)


@pytest.mark.parametrize("story", CASES, ids=lambda story: story.__name__)
def test_the_warehouse_says_what_the_semantics_say_where(story: Story, outcome: Outcome) -> None:
    found = differences(_of(outcome.said, story), _of(outcome.expected, story))
    assert not found, found


@pytest.mark.parametrize("story", CASES, ids=lambda story: story.__name__)
def test_a_full_rebuild_says_the_same_where(story: Story, outcome: Outcome) -> None:
    found = differences(_of(outcome.rebuilt, story), _of(outcome.said, story))
    assert not found, found


def _told(story: Story) -> Told:
    told = Told(f"t{CASES.index(story)}")
    story(told)
    return told


def _both(shop: Shop) -> tuple[Mapping[str, Rows], Mapping[str, Rows]]:
    with reader(shop.project.warehouse) as con:
        model = Model(records(con), cards_of_the_tests(), max(batch_times(con).values()))
        return by_warehouse(con, shop), by_reference(model)


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
