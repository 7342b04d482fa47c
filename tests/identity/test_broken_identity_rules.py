"""Each rule of the SQL broken on purpose: the comparison with the reference sees it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from .checking import Tally, play
from .histories import TYPES, history
from .recorded import Recorded
from .told import Decision, Identifier, Policies, Record, Rule, Window
from .warehouse import Installation

Records = tuple[Record, ...]
_BROKEN = {
    "a component that lost an edge is not solved anew": (
        "where passed_before and not passes",
        "where false",
    ),
    "what is loaded later goes before what was seen first": (
        "c.first_observed_at nulls last, c.tie_break, c.pair_key",
        "c.pair_key desc",
    ),
    "another cap does not count for who is over the earlier one": (
        "or (select c.releases from changed as c) > 0",
        "",
    ),
    "neighbours of who was erased stay as they are": (
        "after_seq < (select w.to_seq",
        "after_seq < -(select w.to_seq",
    ),
    "what became crowded keeps the edges it had": (
        "select node_seq from flipped",
        "select node_seq from flipped where false",
    ),
    "an end chooses among what is new alone": (
        "on a.high_type = c.type_key and",
        "on a.high_type = -c.type_key and",
    ),
    "evidence of another end is forgotten": ("coalesce(s.is_low_surplus, false)", "false"),
    "what is forced counts one by one": ("count(distinct forced_group)", "count(*)"),
    "a limit may be reached twice over": (
        "sum(c.held) > min(l.max_per_person)",
        "sum(c.held) > min(l.max_per_person) + 1",
    ),
    "separated pairs meet in a larger cluster": (
        "on s.node_seq = a.node_seq",
        "on s.node_seq = -a.node_seq",
    ),
    "records are counted by version": (
        "group by s.pair_key, s.record_short",
        "group by s.pair_key, s.record_short, s.loaded_seq",
    ),
    "what comes once more is evidence once more": ("not bool_and(a.comes_once)", "false"),
    "a window that is done again counts once more": (
        "(k.last_loaded_seq > (",
        "(k.last_loaded_seq < -(",
    ),
    "what an edge has is forgotten": ("where k.evidence_count > 0 and", "where false and"),
    "a lifted decision goes on": ("where d.is_new", "where false"),
}


_AT = datetime(2025, 1, 1)
_ONE_USER, _ONE_EMAIL = {"user": 1}, {"email": 1}
_EMAIL, _OTHER_EMAIL = (Identifier("email", f"{name}@example.com") for name in ("one", "two"))
_USERS = tuple(Identifier("user", f"user {number}") for number in range(3))
_DEVICE = Identifier("device", "device 1")


def _a_neighbour_chooses_anew() -> Iterator[Window]:
    """The mail has turned the second account down; later another mail makes that account choose."""
    rules = _rules(email=Rule(3, cardinality_to=_ONE_USER), user=Rule(2, cardinality_to=_ONE_EMAIL))
    yield Window(_shown((_USERS[0], _EMAIL), 2) + _shown((_USERS[1], _EMAIL)), policies=rules)
    yield Window(_shown((_USERS[1], _OTHER_EMAIL), at=_AT + timedelta(hours=1)))


def _two_that_are_one_and_a_third() -> Iterator[Window]:
    """Two accounts declared one stand beside a third where two are allowed."""
    shown = sum((_shown((each, _EMAIL)) for each in _USERS), ())
    one = Decision("force", _USERS[0].id, _USERS[1].id, "a steward", _AT)
    yield Window(shown, (one,), policies=_rules(user=Rule(2, max_per_person=2)))


def _one_is_seen_before_the_other() -> Iterator[Window]:
    """A mail of one account has two that nothing but time tells apart."""
    yield Window(
        _shown((_USERS[0], _EMAIL)), policies=_rules(email=Rule(3, cardinality_to=_ONE_USER))
    )
    yield Window(_shown((_USERS[1], _EMAIL), at=_AT + timedelta(hours=1)))


def _the_cap_is_exceeded() -> Iterator[Window]:
    """A device of one account has a second one, and may have one."""
    yield Window(_shown((_USERS[0], _DEVICE)), policies=_rules(device=Rule(5, fanout_cap=1)))
    yield Window(_shown((_USERS[1], _DEVICE)))


def _the_cap_is_raised() -> Iterator[Window]:
    """A mail over its cap is under the next one."""
    yield Window(
        _shown((_USERS[0], _EMAIL)) + _shown((_USERS[1], _EMAIL)),
        policies=_rules(email=Rule(3, fanout_cap=1)),
    )
    yield Window(policies=_rules(email=Rule(3, fanout_cap=2)))


def _the_rival_is_erased() -> Iterator[Window]:
    """The second account prefers a mail that turned it down and now goes."""
    rules = _rules(email=Rule(3, cardinality_to=_ONE_USER), user=Rule(2, cardinality_to=_ONE_EMAIL))
    yield Window(
        _shown((_USERS[0], _EMAIL), 3)
        + _shown((_USERS[1], _EMAIL), 2)
        + _shown((_USERS[1], _OTHER_EMAIL)),
        policies=rules,
    )
    yield Window(erased=_USERS[0].id)


_RARE = {
    "what became crowded keeps the edges it had": _the_cap_is_exceeded,
    "an end chooses among what is new alone": _one_is_seen_before_the_other,
    "evidence of another end is forgotten": _a_neighbour_chooses_anew,
    "what is forced counts one by one": _two_that_are_one_and_a_third,
    "what is loaded later goes before what was seen first": _one_is_seen_before_the_other,
    "another cap does not count for who is over the earlier one": _the_cap_is_raised,
    "neighbours of who was erased stay as they are": _the_rival_is_erased,
}
"""What random histories seldom meet."""


def _shown(pair: tuple[Identifier, Identifier], times: int = 1, at: datetime = _AT) -> Records:
    names = "-".join(one.value for one in pair)
    return tuple(Record(f"{names} {number}", pair, at) for number in range(times))


def _rules(**special: Rule) -> Policies:
    return Policies({name: Rule(place + 1) for place, name in enumerate(TYPES)} | special)


def _histories(rule: str) -> Iterator[tuple[Window, ...]]:
    if rule in _RARE:
        yield tuple(_RARE[rule]())
    for seed in range(40):
        yield history(seed, 8)


def _broken(recorded: Recorded, rule: str) -> Recorded:
    return recorded.changed(lambda sql: sql.replace(*_BROKEN[rule]))


@pytest.mark.parametrize("rule", _BROKEN)
def test_what_is_broken_is_what_is_written(recorded: Recorded, rule: str) -> None:
    assert _broken(recorded, rule) != recorded


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rule", _BROKEN)
def test_a_broken_rule_shows(recorded: Recorded, rule: str) -> None:
    changed = _broken(recorded, rule)

    def shows(told: tuple[Window, ...]) -> bool:
        try:
            play(Installation(changed), told, Tally(), rebuild_every=9)
        except AssertionError:
            return True
        return False

    assert any(map(shows, _histories(rule)))


@pytest.mark.long
@pytest.mark.parametrize("rule", _RARE)
def test_what_is_rare_is_right_where_no_rule_is_broken(recorded: Recorded, rule: str) -> None:
    play(Installation(recorded), tuple(_RARE[rule]()), Tally(), rebuild_every=9)
