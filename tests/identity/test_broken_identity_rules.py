"""Each rule of the SQL broken on purpose: the comparison with the reference sees it."""

from collections.abc import Iterator

import pytest

from .checking import Tally, play
from .histories import history
from .recorded import Recorded
from .warehouse import Installation

_BROKEN = {
    "a component that lost an edge is not solved anew": (
        "where passed_before and not passes",
        "where false",
    ),
    "what is loaded later goes before what was seen first": (
        "first_observed_at nulls last, tie_break, pair_key",
        "pair_key desc",
    ),
    "another cap does not count for who is over the earlier one": (
        "or (select c.releases from changed as c) > 0",
        "",
    ),
    "neighbours of who was erased stay as they are": (
        "after_seq < (select w.to_seq",
        "after_seq < -(select w.to_seq",
    ),
    "evidence of another end is forgotten": ("coalesce(s.is_low_surplus, false)", "false"),
    "what is forced counts one by one": ("count(distinct forced_group)", "count(*)"),
    "a limit may be reached twice over": (
        "a.held + b.held > l.max_per_person",
        "a.held + b.held > l.max_per_person + 1",
    ),
    "separated pairs meet in a larger cluster": (
        "on s.node_seq = a.node_seq",
        "on s.node_seq = -a.node_seq",
    ),
    "records are counted by version": ("count(distinct o.record_short)", "count(o.record_short)"),
    "a lifted decision goes on": ("where is_new", "where false"),
}


def _histories() -> Iterator[int]:
    yield from range(40)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rule", _BROKEN)
def test_a_broken_rule_shows(recorded: Recorded, rule: str) -> None:
    written, broken = _BROKEN[rule]
    changed = recorded.changed(lambda sql: sql.replace(written, broken))
    assert changed != recorded, "the rule is written otherwise now"

    def shows(seed: int) -> bool:
        try:
            play(Installation(changed), history(seed, 8), Tally(), rebuild_every=9)
        except AssertionError:
            return True
        return False

    assert any(map(shows, _histories()))
