"""The model's idea of who comes first, of edges and of splits."""

from itertools import pairwise

import pytest

from baton.ids import make_id

from .guards import Interval, edges
from .stories import at
from .tales import Tale, card

RACE = """
    to: s, when: a
    from: s, to: first_b, when: b
    from: s, to: first_c, when: c
    from: s, to: entered, enters: g
    from: s, to: left, leaves: h
    from: s, to: again, when: a
    from: never, to: won, when: d, kind: goal
    from: s, to: plain_d, when: d
"""


def winner(*names: str, later: float = 1) -> str:
    """Which step follows `s` when all these happen at one instant."""
    tale = Tale()
    tale.activate(card(RACE))
    tale.hear("a", 0)
    for name in reversed(names):
        if name in {"g", "h"}:
            tale.hold(name, *((later, 9) if name == "g" else (-1, later)), subject=name)
        else:
            tale.hear(name, later)
    return tale.path(later)[1][0]


def test_at_one_instant_the_hand_list_decides_between_equals() -> None:
    assert winner("b", "c") == winner("c", "b") == "first_b"
    assert winner("a", "b", "c") == "again"


def test_what_can_reach_a_goal_anywhere_comes_before_what_cannot() -> None:
    assert winner("b", "d") == "plain_d"


def test_edges_come_after_all_signals_of_their_class() -> None:
    assert winner("c", "g", "h") == "first_c"


def test_between_edges_and_between_equal_signals_the_event_id_decides() -> None:
    ids = {
        "entered": make_id("edge", make_id("guard", "g", "g"), "enters"),
        "left": make_id("edge", make_id("guard", "h", "h"), "leaves"),
    }
    assert winner("g", "h") == min(ids, key=ids.__getitem__)
    tale = Tale()
    tale.activate(card("to: s, when: a\nfrom: s, to: t, when: a"))
    tale.hear("a", 0, id="z")
    tale.hear("a", 0, id="y")
    (one,) = tale.instances(0)
    assert [step.cause for step in one.steps] == ["y", "z"]


def test_an_event_under_two_names_is_heard_under_each() -> None:
    tale = Tale()
    tale.activate(card("to: s, when: a\nfrom: s, to: t, when: b"))
    tale.hear("b", 0, id="e")
    tale.hear("a", 0, id="e")
    assert tale.path(0) == [("s", 0), ("t", 0)]


def test_an_event_counts_as_it_was_first_loaded() -> None:
    tale = Tale()
    tale.activate(card("to: s, when: a"))
    tale.hear("a", 1, id="e", loaded=2)
    tale.hear("a", 0, id="e", loaded=3)
    assert tale.path(9) == [("s", 1)]


def edges_of(*spans: tuple[float, float]) -> list[tuple[str, float]]:
    held = [
        Interval("g", str(number), "ann", at(since), at(until), at(0))
        for number, (since, until) in enumerate(spans)
    ]
    found = ((one.name, (one.occurred_at - at(0)).total_seconds() / 3600) for one in edges(held))
    return sorted(found, key=lambda two: two[1])


def test_a_guard_begins_and_ends_where_the_union_of_its_intervals_does() -> None:
    assert edges_of((1, 3), (2, 5)) == [("enters g", 1), ("leaves g", 5)]
    assert edges_of((1, 9), (2, 5)) == [("enters g", 1), ("leaves g", 9)]
    assert len(edges_of((1, 2), (3, 4))) == 4


def test_intervals_that_touch_are_one_and_empty_ones_are_none() -> None:
    assert edges_of((1, 3), (3, 5)) == [("enters g", 1), ("leaves g", 5)]
    assert edges_of((2, 2)) == []


def test_an_edge_is_named_after_the_interval_with_the_lowest_id_that_makes_it() -> None:
    held = [Interval("g", name, name, at(1), at(2 + len(name)), at(0)) for name in ("x", "yy")]
    begins, ends = edges(held)
    lowest = min(held, key=lambda one: one.interval_id)
    named = make_id("edge", lowest.interval_id, "enters"), lowest.node_id
    assert (begins.event_id, begins.node_id) == named
    assert ends.event_id == make_id("edge", held[1].interval_id, "leaves")


def test_without_beginning_or_end_there_is_no_edge() -> None:
    tale = Tale()
    tale.activate(card("to: s, enters: g"))
    tale.hold("g", 1)
    assert [one.name for one in edges(tale.guards)] == ["enters g"]


def test_an_edge_is_heard_once_the_watermark_has_reached_it() -> None:
    tale = Tale()
    tale.activate(card("to: s, enters: g\nfrom: s, to: t, leaves: g"))
    tale.hold("g", 2, 4)
    assert tale.path(1.999) == []
    assert tale.path(2) == [("s", 2)]
    assert tale.path(4) == [("s", 2), ("t", 4)]


def test_the_last_version_of_a_guard_is_the_one_that_counts() -> None:
    tale = Tale()
    tale.activate(card("to: s, enters: g"))
    tale.hold("g", 2, 4)
    tale.hold("g", 3, 5, loaded=1)
    assert tale.path(9) == [("s", 3)]


def test_an_edge_moves_the_instances_of_all_keys_and_enters_none() -> None:
    steps = "to: s, when: a\nto: t, enters: g\nfrom: s, to: u, enters: g"
    tale = Tale()
    tale.activate(card(steps, key="quote_id"))
    tale.hear("a", 0, "q")
    tale.hear("a", 0, "r")
    tale.hold("g", 1)
    assert tale.path(1) == [("s", 0), ("u", 1), ("s", 0), ("u", 1)]


def split_of(event_id: str, percent: int) -> str:
    tale = Tale()
    steps = f"to: s, when: a\nfrom: s, split: {{x: {percent}, y: {100 - percent}}}, after: 1 hour"
    tale.activate(card(steps))
    tale.hear("a", 0, id=event_id)
    return tale.path(1)[1][0]


def test_a_split_follows_from_instance_origin_and_trigger() -> None:
    bucket = int(make_id("split", make_id("instance", "j", "e"), "s", "timer")[:8], 16) % 100
    assert split_of("e", bucket) == "y"
    assert split_of("e", bucket + 1) == "x"


def test_a_changed_percentage_moves_only_those_at_the_border() -> None:
    ways = [[split_of(str(number), percent) for percent in (20, 40, 60)] for number in range(50)]
    assert {one for way in ways for one in pairwise(way)} == {("x", "x"), ("y", "x"), ("y", "y")}


def test_an_entry_may_be_split() -> None:
    tale = Tale()
    tale.activate(card("split: {x: 50, y: 50}, when: a"))
    ids = [f"e{number}" for number in range(20)]
    for number, event_id in enumerate(ids):
        tale.hear("a", 0, id=event_id, node=str(number))
    went = {one.entry.event_id: one.last.step for one in tale.instances(0)}
    assert set(went.values()) == {"x", "y"}
    for event_id, step in went.items():
        bucket = int(make_id("split", make_id("instance", "j", event_id), None, "a")[:8], 16) % 100
        assert step == ("x" if bucket < 50 else "y")


@pytest.mark.parametrize("watermark", [0.0, 2.0])
def test_time_that_the_watermark_has_not_reached_does_nothing_even_before_a_later_signal(
    watermark: float,
) -> None:
    tale = Tale()
    tale.activate(card("to: s, when: a\nfrom: s, to: t, after: 1 hour\nfrom: any, to: u, when: b"))
    tale.hear("a", 0)
    tale.hear("b", 2)
    between = [("t", 1.0)] if watermark else []
    assert tale.path(watermark) == [("s", 0), *between, ("u", 2)]


def test_an_explicit_id_stands_for_origin_target_and_trigger() -> None:
    tale = Tale()
    tale.activate(card("to: s, when: a, id: hello\nfrom: s, to: t, leaves: g"))
    tale.hear("a", 0)
    tale.hold("g", -1, 1)
    ids = [step.transition_id for one in tale.instances(1) for step in one.steps]
    assert ids == ["hello", make_id("transition", "s", "t", "leaves g")]
