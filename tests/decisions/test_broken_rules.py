"""Each rule broken on purpose in the SQL: the comparison sees it.

A pass is made with a broken rule where all passes before it were made with none, and is taken back.
"""

import pytest

from .broken_rules import BROKEN
from .grounds import Grounds
from .playing import Pass, play
from .warehouse import Warehouse
from .worlds import World

_WORLDS = (9, 21, 1, 6, 17, 5)
_FIRST_SEEN: dict[str, tuple[int, int]] = {}
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
    for seed in _WORLDS:
        with grounds.warehouse() as warehouse:

            def look(one: Pass, seed: int = seed, warehouse: Warehouse = warehouse) -> None:
                tried = [rule for rule in unseen if is_tried(rule, seed, one.window)]
                for rule in sorted(tried) if one.window > 0 else ():
                    if shows(rule, one, warehouse, grounds):
                        unseen.remove(rule)
                        print(f"{rule!r}: ({seed}, {one.window}),")

            for moment in play(World(seed, plots=100), warehouse, look):
                assert not any(moment.differences.values()), f"{moment}"
                if not unseen:
                    return
    assert not unseen, f"nothing shows: {sorted(unseen)}"
