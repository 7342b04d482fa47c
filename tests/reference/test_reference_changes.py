"""The model's idea of what a window takes away."""

from .changes import Change, Told, changes
from .instances import Instance
from .tales import Tale, card

ONCE = card("to: s, when: a")


def told(tale: Tale) -> Told:
    return Told(tale.instances(9), dict(tale.person_of))


def two_people() -> Tale:
    tale = Tale()
    tale.activate(ONCE)
    tale.hear("a", 1, id="first", node="ann")
    tale.hear("a", 2, id="second", node="bob")
    return tale


def by_entry(before: Told) -> dict[str, Instance]:
    return {one.entry.event_id: one for one in before.instances}


def test_nothing_is_gone_when_nothing_changes() -> None:
    tale = two_people()
    assert changes(told(tale), told(tale)) == {}


def test_a_merge_leaves_the_earlier_entry() -> None:
    tale = two_people()
    before = told(tale)
    tale.merge("ann", "bob")
    one = {id_: each.instance_id for id_, each in by_entry(before).items()}
    assert changes(before, told(tale)) == {one["second"]: Change("merged_into", one["first"])}


def test_a_late_earlier_entry_refolds_what_was_there() -> None:
    tale = two_people()
    before = told(tale)
    tale.hear("a", 0, id="late", node="ann", loaded=5)
    gone = by_entry(before)["first"].instance_id
    assert changes(before, told(tale)) == {gone: Change("refolded")}


def test_an_instance_that_the_same_window_brings_is_not_merged_into() -> None:
    tale = two_people()
    before = told(tale)
    tale.merge("ann", "bob")
    tale.hear("a", 0, id="late", node="ann", loaded=5)
    assert set(changes(before, told(tale)).values()) == {Change("refolded")}


def test_of_several_it_is_merged_into_the_last_one_that_began_before_it() -> None:
    tale = Tale()
    tale.activate(card("to: s, when: a\nfrom: s, to: t, when: b, kind: exit", reentry="after_exit"))
    for event_id, hours in (("one", 1), ("two", 3)):
        tale.hear("a", hours, id=event_id)
        tale.hear("b", hours + 1.5)
    tale.hear("a", 4, id="of bob", node="bob")
    before = told(tale)
    tale.merge("ann", "bob")
    one = {id_: each.instance_id for id_, each in by_entry(before).items()}
    assert changes(before, told(tale)) == {one["of bob"]: Change("merged_into", one["two"])}
