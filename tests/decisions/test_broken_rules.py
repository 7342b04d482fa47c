"""Each rule broken on purpose in the SQL: the comparison sees it.

A pass is made with a broken rule where all passes before it were made with none, and is taken back.
"""

import sys

import pytest

from .broken_rules import BROKEN
from .grounds import Grounds
from .playing import Pass, play
from .warehouse import Warehouse
from .worlds import World

_WORLDS = (9, 21, 1, 6, 17, 5)
_FIRST_SEEN = {
    "12 a message on hold cannot be called back": (9, 1),
    "13 a fallback stands before its action": (9, 1),
    "13 a tie is broken the other way": (9, 1),
    "13 the lower priority is first": (9, 1),
    "14 an expired message that was not claimed counts": (9, 1),
    "14 groups have no slots": (9, 1),
    "14 only what was sent counts": (9, 1),
    "15 who is capped takes a slot all the same": (9, 1),
    "17 any full cap turns to the next channel": (9, 1),
    "17 the last full cap by name decides": (9, 1),
    "20 each journey of a person is counted by itself": (9, 1),
    "20 the usual is the highest hour": (9, 1),
    "20 what has ended unsent counts": (9, 1),
    "9 the bucket is that of the last node": (9, 2),
    "18 nothing is recalled too late": (9, 3),
    "20 what came before a resume counts": (9, 4),
    "13 the oldest score counts": (21, 1),
    "22 what was outranked exposes": (21, 1),
    "10 the last assignment counts": (1, 2),
    "22 the lowest rank of one batch is first": (1, 2),
    "15 who is held out takes what it would": (1, 4),
    "7 it is quiet at the instant of its end": (17, 1),
    "22 who is held out twice is exposed in both": (17, 2),
    "14 what was sent counts an instant longer": (17, 5),
    "19 an end of a message wakes nobody": (5, 3),
}
"""Where each showed when all were tried in each pass: a world and a window of it. One that no
longer shows there is looked for in all that come after; the test prints where each was seen."""


def is_tried(rule: str, seed: int, window: int) -> bool:
    """Tell whether a pass is that in which the rule showed first, or one behind it."""
    first, at = _FIRST_SEEN.get(rule, (_WORLDS[0], 0))
    return (_WORLDS.index(seed), window) >= (_WORLDS.index(first), at)


def shows(rule: str, one: Pass, warehouse: Warehouse, grounds: Grounds) -> bool:
    """Tell whether a pass differs with a broken rule; leave the warehouse as it was."""
    warehouse.con.execute("begin transaction")
    try:
        with grounds.broken(*BROKEN[rule]):
            one.make(warehouse, renewed=BROKEN[rule].name)
        return any(one.differences(warehouse).values())
    finally:
        warehouse.con.execute("rollback")


@pytest.mark.parametrize("rule", BROKEN)
def test_what_is_broken_is_what_is_written(grounds: Grounds, rule: str) -> None:
    with grounds.broken(*BROKEN[rule]):
        pass


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_broken_rule_shows_in_what_is_decided(grounds: Grounds) -> None:
    unseen = set(BROKEN)

    def are_left(seed: int) -> bool:
        return any(is_tried(rule, seed, sys.maxsize) for rule in unseen)

    for seed in filter(are_left, _WORLDS):
        with grounds.warehouse() as warehouse:

            def look(one: Pass, seed: int = seed, warehouse: Warehouse = warehouse) -> None:
                tried = [rule for rule in unseen if is_tried(rule, seed, one.window)]
                for rule in sorted(tried) if one.window > 0 else ():
                    if shows(rule, one, warehouse, grounds):
                        unseen.remove(rule)
                        print(f"{rule!r}: ({seed}, {one.window}),")

            for moment in play(World(seed, plots=100), warehouse, look):
                assert not any(moment.differences.values()), f"{moment}"
                if not are_left(seed):
                    break
    assert not unseen, f"nothing shows: {sorted(unseen)}"
