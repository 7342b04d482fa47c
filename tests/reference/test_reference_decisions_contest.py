"""The model's contest and what comes after it: rules 12 to 19 of docs/reference/decisions.md."""

from datetime import timedelta
from typing import Any

import pytest

from .decisions.policies import Cap, Holdout, Weight
from .decisions.records import Card, Permission, Score, Suppression
from .decisions.small import DAY, END, HOUR, LONG_AGO, Small, action, at, said, step
from .guards import Interval

WON = ("send", "all_checks_passed")
OUTRANKED, DROPPED = ("wait", "outranked"), ("nothing", "capped")
HIGH_VALUE = Interval("high_value", "q", "ada", LONG_AGO, END, LONG_AGO)
OPEN_CASE = Interval("open_case", "c", "ada", LONG_AGO, END, LONG_AGO)
GOOD, BAD = action("good", value=2.0, group="g"), action("bad", value=1.0, group="g")
MAIL = action("mail")
ONE = Cap("one", DAY, 1, "drop")


def good_and_bad(**policies: Any) -> Small:
    """Two candidates in one group."""
    return Small((GOOD, BAD), policies)


# Rank.


def test_the_better_one_has_the_slot_and_the_other_waits_for_its_end() -> None:
    small = good_and_bad()
    found = small.window(0, step("b", "bad"), step("g", "good"))
    assert said(found) == {"g good": WON, "b bad": OUTRANKED}
    loser = found["b bad"]
    assert (loser.decide_after, loser.outranked_by) == (at(4), small.id_of("g"))
    assert loser.checks.is_outranked and not loser.checks.is_capped


@pytest.mark.parametrize(
    ("policies", "facts"),
    [
        ({"levers": {("action", "bad"): 4.0}}, {}),
        ({"levers": {("action", "bad"): 8.0, ("class", "sales"): 0.5}}, {}),
        ({"context_weights": (Weight("high_value", "bad", "sales", 4.0),)}, {}),
        ({}, {"scores": [Score("ada", "bad", 3.0, at(1), at(-1))]}),
    ],
)
def test_every_factor_of_the_rank_counts(policies: Any, facts: Any) -> None:
    small = good_and_bad(**policies)
    steps = step("b", "bad"), step("g", "good")
    found = said(small.window(0, *steps, guards=[HIGH_VALUE], **facts))
    assert found == {"b bad": WON, "g good": OUTRANKED}


def test_a_factor_that_is_not_of_now_or_of_something_else_does_not_count() -> None:
    past = Interval("high_value", "q", "ada", LONG_AGO, at(0), LONG_AGO)
    weights = (Weight("high_value", None, None, 0.0), Weight("high_value", "mail", None, 9.0))
    small = good_and_bad(context_weights=weights)
    scores = [
        Score("ada", "good", 0.0, at(0), at(-1)),
        Score("bob", "good", 0.0, at(9), at(-1)),
        Score("ada", "good", 0.5, at(9), at(-2)),
        Score("ada", "good", 0.75, at(9), at(-2)),
        Score("ada", "good", 0.0, at(9), at(-3)),
    ]
    found = small.window(0, step("g", "good"), guards=[past], scores=scores)["g good"]
    assert (found.propensity, found.context_weight, found.lever) == (0.75, 1.0, 1.0)
    assert found.rank == 1.5


def test_among_equals_priority_decides_and_then_the_id() -> None:
    first, last = action("a", group="g", priority=1), action("b", group="g", priority=2)
    small = Small((first, last))
    assert said(small.window(0, step("x", "a"), step("y", "b")))["y b"] == WON
    small = Small((first,))
    small.window(0, step("x", "a"), step("y", "a"))
    winner = min(small.id_of("x"), small.id_of("y"))
    assert small.last and small.last.verdicts[winner].outcome == "send"


# Slots.


@pytest.mark.parametrize(
    ("state", "hours", "holds"),
    [
        ("claimed", 0.5, True),
        ("retry", 0.5, True),
        ("accepted", 0.5, True),
        ("accepted", 1 - 4, False),
        ("accepted", 1.01 - 4, True),
        ("unknown", 0.5, True),
        ("delivered", 0.5, True),
        ("cancelled", 0.5, False),
        ("rejected", 0.5, False),
        ("dead", 0.5, False),
        ("bounced", 0.5, False),
    ],
)
def test_a_message_in_flight_or_sent_within_its_length_holds_a_slot(
    state: str, hours: float, holds: bool
) -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    small.hear("b", state, hours)
    found = small.window(1, step("g", "good"))["g good"]
    assert (found.reason == "outranked") == holds
    if holds:
        until = at(5) if state in ("claimed", "retry") else at(hours + 4)
        assert (found.decide_after, found.outranked_by) == (until, small.message_of("b"))


def test_a_message_was_sent_when_it_was_last_accepted_whenever_it_was_delivered() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    small.hear("b", "accepted", 1)
    small.hear("b", "delivered", 3)
    assert small.window(3, step("g", "good"))["g good"].decide_after == at(5)


def test_a_channel_has_a_slot_only_if_a_row_gives_it_one() -> None:
    text, mail = action("text", channel="sms", value=1.0), action("mail", value=2.0)
    small = Small((text, mail, action("more", value=1.0)))
    steps = step("m", "mail"), step("t", "text"), step("n", "more")
    assert set(said(small.window(0, *steps)).values()) == {WON}
    small = Small(small.actions, {"slots": {("channel", "email"): 2 * HOUR}})
    found = small.window(0, *steps)
    assert said(found) == {"m mail": WON, "t text": WON, "n more": OUTRANKED}
    assert found["n more"].decide_after == at(2)


def test_of_two_slots_without_room_the_later_end_counts_and_the_first_holder_by_id() -> None:
    small = good_and_bad(slots={("channel", "email"): 8 * HOUR, ("group", "g"): 2 * HOUR})
    small.window(0, step("b", "bad"))
    small.hear("b", "accepted", 0)
    found = small.window(1, step("g", "good"))["g good"]
    assert (found.decide_after, found.outranked_by) == (at(8), small.message_of("b"))


def test_nobody_waits_beyond_the_end_of_the_candidate() -> None:
    short = action("bad", value=1.0, group="g", time_to_live=HOUR)
    small = Small((GOOD, short))
    assert small.window(0, step("b", "bad"), step("g", "good"))["b bad"].decide_after == at(1)


def test_transactional_messages_hold_no_slot_and_fill_no_cap() -> None:
    receipt = action("receipt", class_="transactional", group="g")
    small = Small((receipt, GOOD), {"caps": (ONE,)})
    assert set(said(small.window(0, step("r", "receipt"), step("g", "good"))).values()) == {WON}
    small = Small((receipt, GOOD), {"caps": (ONE,)})
    small.window(0, step("r", "receipt"))
    small.hear("r", "claimed", 0)
    assert said(small.window(1, step("g", "good"))) == {"g good": WON}


# Caps.


def capped(cap: Cap, *events: tuple[str, float], hours: float = 1, **facts: Any) -> Any:
    """What is said of a second mail after the first one had these events."""
    small = Small((MAIL, action("second", value=1.0)), {"caps": (cap,)})
    small.window(0, step("first", "mail"), **facts)
    for state, when in events:
        small.hear("first", state, when)
    return small.window(hours, step("s", "second", due=hours), **facts)["s second"]


def test_a_rolling_cap_counts_what_was_sent_after_the_beginning_of_its_window() -> None:
    assert capped(ONE, ("accepted", 1), hours=25).reason == "all_checks_passed"
    assert capped(ONE, ("accepted", 1.01), hours=25).reason == "capped"


def test_a_calendar_cap_counts_from_the_beginning_of_the_local_period() -> None:
    day = Cap("day", "day", 1, "drop")
    assert capped(day, ("accepted", 11.9), hours=13).reason == "all_checks_passed"
    assert capped(day, ("accepted", 12), hours=13).reason == "capped"
    tokyo = {"Ada": ("Asia/Tokyo", "crm")}
    assert capped(day, ("accepted", 3), hours=13, zones=tokyo).reason == "capped"
    assert capped(day, ("accepted", 2.9), hours=13, zones=tokyo).reason == "all_checks_passed"


@pytest.mark.parametrize("state", ["claimed", "retry", "accepted", "delivered", "unknown"])
def test_what_is_in_flight_or_sent_fills_a_cap(state: str) -> None:
    assert capped(ONE, (state, 0.5)).reason == "capped"


@pytest.mark.parametrize("state", ["cancelled", "rejected", "dead", "bounced"])
def test_what_ended_otherwise_fills_no_cap(state: str) -> None:
    assert capped(ONE, ("accepted", 0.5), (state, 0.6)).reason == "all_checks_passed"


def test_a_full_cap_drops_waits_or_turns_to_the_next_channel_as_it_says() -> None:
    dropped = capped(ONE, ("accepted", 0.5))
    assert (dropped.outcome, dropped.capped_by, dropped.decide_after) == ("nothing", "one", None)
    waits = Cap("one", 6 * HOUR, 1, "wait")
    assert capped(waits, ("accepted", 0.5)).decide_after == at(6.5)
    assert capped(waits, ("claimed", 0.5)).decide_after == at(7)
    calendar = Cap("one", "day", 1, "wait")
    assert capped(calendar, ("accepted", 0.5)).decide_after == at(12)
    next_channel = Cap("one", DAY, 1, "next_channel")
    assert said({"s": capped(next_channel, ("accepted", 0.5))}) == {"s": DROPPED}


def test_the_first_full_cap_by_name_decides() -> None:
    caps = (Cap("b", DAY, 0, "wait"), Cap("a", DAY, 0, "drop"), Cap("0", DAY, 9, "wait"))
    found = Small((MAIL,), {"caps": caps}).window(0, step("s", "mail"))["s mail"]
    assert (found.outcome, found.capped_by) == ("nothing", "a")


def test_a_cap_is_of_its_channel_class_journey_and_brand() -> None:
    for facts, expected in (
        ({"channel": "sms"}, WON),
        ({"class_": "service"}, WON),
        ({"journey": "other"}, WON),
        ({"brand": "outlet"}, WON),
        ({"channel": "email", "class_": "sales", "journey": "j", "brand": "main"}, DROPPED),
    ):
        cap = Cap("c", DAY, 0, "drop", **facts)
        small = Small((MAIL,), {"caps": (cap,)})
        assert said(small.window(0, step("s", "mail"))) == {"s mail": expected}


def test_a_winner_needs_room_in_all_its_caps_and_a_loser_takes_none_of_any() -> None:
    """The mail, first by rank, has no room on its channel: the text gets what is left."""
    caps = (Cap("all", DAY, 1, "drop"), Cap("mails", DAY, 0, "drop", channel="email"))
    text = action("text", channel="sms", value=1.0)
    small = Small((MAIL, text), {"caps": caps})
    assert said(small.window(0, step("m", "mail"), step("t", "text"))) == {
        "m mail": DROPPED,
        "t text": WON,
    }


def test_who_is_outranked_and_capped_is_outranked_first() -> None:
    small = good_and_bad(caps=(ONE,))
    found = small.window(0, step("b", "bad"), step("g", "good"))["b bad"]
    assert found.checks.is_outranked and found.checks.is_capped
    assert (found.reason, found.capped_by, found.decide_after) == ("outranked", "one", at(4))


def test_a_fallback_stands_directly_behind_its_capped_action() -> None:
    """It is worth less than the rival, and yet it has the slot before it."""
    mail = action("mail", value=9.0, group="g", fallback="text")
    text = action("text", value=1.0, group="g", channel="sms")
    rival = action("rival", value=5.0, group="g", channel="sms")
    caps = (Cap("mails", DAY, 0, "next_channel", channel="email"),)
    found = Small((mail, text, rival), {"caps": caps}).window(
        0, step("m", "mail"), step("r", "rival")
    )
    assert said(found) == {"m mail": DROPPED, "m text": WON, "r rival": OUTRANKED}


def test_a_fallback_that_may_not_be_sent_takes_no_part_and_is_no_candidate() -> None:
    mail = action("mail", group="g", fallback="text")
    text = action("text", group="g", channel="sms")
    caps = (Cap("mails", DAY, 0, "next_channel", channel="email"),)
    stop = Suppression("ada sms", None, LONG_AGO, END)
    small = Small((mail, text), {"caps": caps})
    found = small.window(0, step("m", "mail"), suppressions=[stop])
    assert said(found) == {"m mail": DROPPED}


def test_no_fallback_comes_in_later_where_a_cap_dropped_its_action() -> None:
    small = Small((action("mail", fallback="text"), action("text", channel="sms")))
    small.policies = {"caps": (Cap("none", DAY, 0, "drop", channel="email"),)}
    assert said(small.window(0, step("m", "mail"))) == {"m mail": DROPPED}
    small.policies = {}
    assert said(small.window(1)) == {}


def test_an_outranked_action_does_not_call_its_fallback() -> None:
    bad = action("bad", value=1.0, group="g", fallback="text")
    text = action("text", channel="sms")
    caps = (Cap("one", DAY, 1, "next_channel", channel="email"),)
    small = Small((GOOD, bad, text), {"caps": caps})
    found = said(small.window(0, step("g", "good"), step("b", "bad")))
    assert found == {"g good": WON, "b bad": OUTRANKED}


# Held out in the contest.


def test_who_is_held_out_takes_nothing() -> None:
    everyone = Holdout("h", None, "sales", 100, "salt")
    service = action("service", class_="service", value=1.0, group="g")
    small = Small((GOOD, service), {"holdouts": (everyone,), "caps": (ONE,)})
    found = small.window(0, step("g", "good"), step("s", "service"))
    assert said(found) == {"g good": ("nothing", "holdout"), "s service": WON}
    assert found["g good"].checks.is_outranked is False


@pytest.mark.parametrize(
    ("when_full", "would"), [("drop", "nothing"), ("wait", "wait"), ("next_channel", "nothing")]
)
def test_what_would_have_become_of_one_that_is_held_out(when_full: str, would: str) -> None:
    everyone = Holdout("h", None, None, 100, "salt")
    mail, text = action("mail", fallback="text"), action("text", channel="sms")
    policies = {"holdouts": (everyone,), "caps": (Cap("none", DAY, 0, when_full),)}
    found = Small((mail, text), policies).window(0, step("m", "mail"))
    assert said(found) == {"m mail": ("nothing", "holdout")}
    assert found["m mail"].counterfactual_outcome == would


def test_one_that_is_held_out_behind_a_winner_would_have_waited() -> None:
    sales = Holdout("h", None, "sales", 100, "salt")
    service = action("service", class_="service", value=9.0, group="g")
    small = Small((GOOD, service), {"holdouts": (sales,)})
    found = small.window(0, step("g", "good"), step("s", "service"))["g good"]
    assert (found.reason, found.counterfactual_outcome) == ("holdout", "wait")
    assert found.outranked_by == small.id_of("s")


def test_one_that_fails_an_earlier_check_takes_no_part_held_out_or_not() -> None:
    everyone = Holdout("h", None, None, 100, "salt")
    small = Small((MAIL,), {"holdouts": (everyone,)})
    found = small.window(0, step("m", "mail"), guards=[OPEN_CASE])["m mail"]
    assert (found.reason, found.held_out_by) == ("open_case", "h")
    assert found.counterfactual_outcome is None and found.checks.is_outranked is None


# Earlier winners.


@pytest.mark.parametrize("state", [None, "pending", "held"])
def test_a_better_one_displaces_an_earlier_winner_whose_message_is_unsent(
    state: str | None,
) -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    if state:
        small.hear("b", state, 0.5)
    found = small.window(1, step("g", "good"))
    assert said(found) == {"g good": WON, "b bad": OUTRANKED}
    loser = small.state.candidates[small.id_of("b")]
    assert loser.has_message and loser.evaluation_no == 2


def test_an_earlier_winner_that_wins_again_is_not_evaluated_again() -> None:
    small = good_and_bad()
    small.window(0, step("g", "good"))
    found = small.window(1, step("b", "bad"))
    assert said(found) == {"b bad": OUTRANKED}
    assert found["b bad"].outranked_by == small.id_of("g")


def test_an_expired_winner_holds_nothing_unless_it_was_claimed() -> None:
    short = action("bad", value=1.0, group="g", time_to_live=HOUR)
    for state, expected in ((None, WON), ("held", WON), ("claimed", OUTRANKED)):
        small = Small((GOOD, short))
        small.window(0, step("b", "bad"))
        if state:
            small.hear("b", state, 0.5)
        assert said(small.window(1, step("g", "good"))) == {"g good": expected}


def test_after_a_merge_nothing_goes_out_until_there_is_room() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad", node_id="bob"), step("g", "good"))
    merged = {"ada": "Ada", "bob": "Ada"}
    found = small.window(1, person_of=merged)
    assert said(found) == {"b bad": OUTRANKED}


def test_a_displaced_winner_goes_out_again_when_there_is_room() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    small.window(1, step("g", "good"))
    small.hear("b", "held", 1)
    small.hear("g", "rejected", 1.5)
    found = small.window(2, touched=frozenset())
    assert said(found) == {"b bad": WON}
    assert small.state.candidates[small.id_of("b")].evaluation_no == 3


@pytest.mark.parametrize("state", ["claimed", "retry", "accepted", "delivered", "unknown"])
def test_a_displaced_winner_that_went_out_all_the_same_was_recalled_too_late(state: str) -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    small.window(1, step("g", "good"))
    small.hear("b", state, 1.1)
    small.hear("g", "held", 1.2)
    found = small.window(2, guards=[OPEN_CASE])
    assert said(found)["b bad"] == ("send", "recalled_too_late")
    assert found["b bad"].checks.is_outranked is None
    assert said(found)["g good"] == OUTRANKED
    assert found["g good"].outranked_by == small.message_of("b")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["held", "cancelled"], ("nothing", "message_ended")),
        (["claimed", "rejected"], ("nothing", "message_ended")),
        (["claimed", "rejected", "dead"], ("nothing", "message_ended")),
        (["claimed", "accepted", "bounced"], ("send", "recalled_too_late")),
    ],
)
def test_a_displaced_winner_does_not_outlive_its_message(
    states: list[str], expected: tuple[str, str]
) -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    small.window(1, step("g", "good"))
    for state in states:
        small.hear("b", state, 1.1)
    found = small.window(2, touched=frozenset())
    assert said(found) == {"b bad": expected}


def test_an_earlier_winner_is_not_held_out_any_more() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    small.policies = {"holdouts": (Holdout("h", None, None, 100, "salt"),)}
    assert said(small.window(1)) == {}
    assert small.last and small.last.results[small.id_of("b")].wins


def test_an_earlier_winner_that_loses_keeps_what_was_checked_when_it_won() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    better = action("better", value=9.0, group="g", class_="service")
    small.actions = (*small.actions, better)
    found = small.window(1, step("g", "better"), guards=[OPEN_CASE])
    assert said(found) == {"g better": WON, "b bad": OUTRANKED}
    assert not found["b bad"].checks.has_open_case


def test_the_fallback_of_an_earlier_winner_never_comes_in() -> None:
    mail = action("mail", value=1.0, fallback="text")
    text, better = action("text", channel="sms", value=1.0), action("better", value=9.0)
    caps = (Cap("mails", DAY, 1, "next_channel", channel="email"),)
    small = Small((mail, text, better), {"caps": caps})
    small.window(0, step("m", "mail"))
    found = said(small.window(1, step("b", "better")))
    assert found == {"b better": WON, "m mail": DROPPED}
    assert said(small.window(30)) == {}


def test_only_persons_that_are_looked_at_have_a_contest() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad", node_id="bob"), step("g", "good"))
    merged = {"ada": "Ada", "bob": "Ada"}
    assert said(small.window(1, person_of=merged, touched=frozenset())) == {}


# When a waiting one is looked at again.


def waiting(**facts: Any) -> Small:
    """A mail that waits for a case to end."""
    small = Small((MAIL,))
    small.window(0, step("m", "mail"), guards=[OPEN_CASE])
    return small


def test_a_waiting_one_is_looked_at_when_touched_due_or_a_switch_changes_and_not_before() -> None:
    nobody = frozenset[str]()
    assert said(waiting().window(1, touched=nobody)) == {}
    assert said(waiting().window(1)) == {"m mail": WON}
    assert said(waiting().window(1, touched=nobody, has_changed_switch=True)) == {"m mail": WON}
    assert said(waiting().window(48, touched=nobody)) == {"m mail": ("nothing", "expired")}
    assert said(waiting().window(1, touched=frozenset({"Bob"}))) == {}


def test_who_was_outranked_is_looked_at_when_the_slot_ends() -> None:
    small = good_and_bad()
    small.window(0, step("g", "good"), step("b", "bad"))
    small.hear("g", "accepted", 0)
    assert said(small.window(4, touched=frozenset())) == {"b bad": WON}


def test_only_who_was_outranked_or_capped_cares_for_other_messages_that_end() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad", node_id="bob"), step("g", "good"))
    small.window(0.5, step("b2", "bad"), step("b3", "bad"), guards=[])
    small.hear("g", "accepted", 0.6)
    assert said(small.window(1, touched=frozenset())) == {}
    small.hear("g", "bounced", 1.1)
    assert sorted(said(small.window(2, touched=frozenset())).values()) == [WON, OUTRANKED]


def test_who_waits_for_input_is_looked_at_when_it_is_there() -> None:
    stale, nobody = Card(requires_fresh=True, has_stale_input=True), frozenset[str]()
    small = Small((MAIL,))
    small.window(0, step("m", "mail"), cards={"card": stale})
    assert said(small.window(1, touched=nobody, cards={"card": stale})) == {}
    assert said(small.window(2, touched=nobody)) == {"m mail": WON}
    small = Small((MAIL,))
    small.window(0, step("m", "mail"), watermark=at(-1))
    assert said(small.window(1, touched=nobody, watermark=at(0))) == {}
    assert said(small.window(2, touched=nobody, watermark=at(2))) == {"m mail": WON}


def test_one_that_is_decided_is_not_looked_at_again() -> None:
    small = Small((MAIL,))
    small.window(0, step("m", "mail"), permissions=[])
    assert said(small.window(1)) == {}


def test_a_brand_has_its_own_permissions() -> None:
    small = Small((MAIL,))
    cards = {"card": Card(brand="outlet")}
    yes = Permission("ada email", "sales", "outlet", is_granted=True, stated_at=LONG_AGO)
    assert said(small.window(0, step("m", "mail"), cards=cards)) == {
        "m mail": ("suppress", "no_consent")
    }
    small = Small((MAIL,))
    found = said(small.window(0, step("m", "mail"), cards=cards, permissions=[yes]))
    assert found == {"m mail": WON}


def test_the_boundary_of_a_slot_is_the_instant_of_its_end() -> None:
    small = good_and_bad()
    small.window(0, step("b", "bad"))
    small.hear("b", "accepted", 0)
    just_before = 4 - timedelta(microseconds=1) / HOUR
    assert said(small.window(just_before, step("g", "good"))) == {"g good": OUTRANKED}
    assert said(small.window(4)) == {"g good": WON}
