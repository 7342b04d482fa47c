"""What a step's id stands for: entry event, transitions and causes, and nothing else.

A step is known again in another telling by the entry event and by the way to it: the words of the
card for each step on it, and the events that caused them. So its id must be the same, and with it
that of its candidates, which is made of the step's id and the action.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from baton.scratch import ScratchFold, SignalRow

from .edits import edited, with_ids
from .grounds import Grounds
from .playing import compiled, tell
from .sketches import Sketch
from .told import Window, windows
from .words import SIGNALS, chance
from .worlds import Cards, World

_WORLD = World(11, plots=70, windows=2, is_steady=True)
Way = tuple[object, ...]


@dataclass(frozen=True)
class Telling:
    """Windows under cards."""

    windows: Sequence[Window]
    cards: Cards

    def ids(self, grounds: Grounds) -> dict[Way, str]:
        """Return the id of each step by the way to it."""
        with grounds.scratch() as scratch:
            release_id = scratch.release(compiled(self.cards))
            for window in self.windows:
                tell(scratch, window, [release_id])
            return ids_by_way(scratch)


def ids_by_way(scratch: ScratchFold) -> dict[Way, str]:
    """Return the id of each step by journey, entry event and the way to it."""
    found: dict[Way, str] = {}
    ways: dict[str, Way] = {}
    for row in sorted(scratch.steps(), key=lambda one: (one["instance_id"], one["step_no"])):
        so_far = ways.get(row["instance_id"], (row["journey"], row["entry_event_id"]))
        way = ways[row["instance_id"]] = (*so_far, *_place(row, so_far, found))
        found[way] = row["step_id"]
    return found


def _place(row: Mapping[str, Any], so_far: Way, found: Mapping[Way, str]) -> Way:
    is_timed = row["cause"] == found.get(so_far)
    return row["step"], row["why"] or row["transition_id"], None if is_timed else row["cause"]


def own() -> Telling:
    return Telling(windows(_WORLD), _WORLD.releases[0])


def with_edited_cards() -> Telling:
    pick = chance("edits")
    cards = {name: edited(pick, one) for name, one in _WORLD.releases[0].items()}
    return replace(own(), cards=cards)


def with_earlier_entries_that_come_late() -> Telling:
    first, last = windows(_WORLD)
    nodes = {row.node_id: row.correlation_key for row in first.signals}
    early = first.batch_time - timedelta(days=3)
    more = [
        SignalRow(name, f"{node}{name}", node, key, early, last.batch_time)
        for node, key in nodes.items()
        for name in SIGNALS
    ]
    return replace(own(), windows=[first, replace(last, signals=[*last.signals, *more])])


def with_merged_persons() -> Telling:
    *before, last = windows(_WORLD)
    merged = {node: node.split("n")[0] for node in last.people}
    return replace(own(), windows=[*before, replace(last, people=merged)])


def with_named_entries() -> Telling:
    named: dict[str, Sketch] = {name: with_ids(one) for name, one in _WORLD.releases[0].items()}
    return replace(own(), cards=named)


@pytest.fixture(scope="module")
def before(grounds: Grounds) -> dict[Way, str]:
    """The ids of a world in which nothing of the kind happens."""
    return own().ids(grounds)


@pytest.mark.parametrize(
    "telling", [with_edited_cards, with_earlier_entries_that_come_late, with_merged_persons]
)
def test_a_step_that_is_reached_the_same_way_has_the_same_id(
    telling: Callable[[], Telling], grounds: Grounds, before: Mapping[Way, str]
) -> None:
    after = telling().ids(grounds)
    both = before.keys() & after.keys()
    assert len(both) >= 300
    assert before.keys() != after.keys(), "nothing has changed at all"
    assert {way: before[way] for way in both} == {way: after[way] for way in both}


def test_another_name_for_a_transition_is_another_id(
    grounds: Grounds, before: Mapping[Way, str]
) -> None:
    after = with_named_entries().ids(grounds)
    assert any(before[way] != after[way] for way in before.keys() & after.keys())
