"""One afternoon and one night in Chicago, through real receivers: who waits, and for whom in vain.

Mails are silent there from 21:00 to 07:00; the reminders of the night are due at 22:30.
"""

from dataclasses import replace

import pytest

from .day import Day
from .records import (
    Customer,
    after,
    case,
    consent,
    quote_started,
    quote_submitted,
    web,
)
from .slices import slice_folder, write_slices

TWICE = Customer("twice")
SLEEPER = Customer("sleeper")
OPENS_A_CASE = Customer("opens_a_case")
BUYS = Customer("buys")
TAKES_IT_BACK = Customer("takes_it_back")
BROWSES = Customer("browses")
HAS_A_CASE = Customer("has_a_case")
NIGHT = (SLEEPER, OPENS_A_CASE, BUYS, TAKES_IT_BACK, BROWSES)
CUSTOMERS = (TWICE, *NIGHT, HAS_A_CASE)

CLOSES = (0, 126, 136, 815, 905, 1325)
EVENING, WOKEN, MORNING = CLOSES[3:]


def found_to_be(one: Customer, other: Customer, *, at: float):
    """The browser of one customer logs in as another, whose open case then concerns both."""
    seen = web(one, "login", at=at, by=("device",))
    return replace(seen, values={**seen.values, "email": other.email})


ARRIVALS = (
    *(arrival for who in CUSTOMERS for arrival in who.base()),
    quote_started(TWICE, at=5),
    quote_started(TWICE, at=15, quote_id="q-twice-again"),
    *(quote_started(who, at=690) for who in NIGHT),
    case(HAS_A_CASE, opened=20),
    case(OPENS_A_CASE, opened=900),
    quote_submitted(BUYS, at=900),
    consent(TAKES_IT_BACK, "email", False, at=900),
    found_to_be(BROWSES, HAS_A_CASE, at=900),
)


@pytest.fixture(scope="module")
def night(shop, tmp_path_factory):
    """The afternoon and the night, played."""
    with shop.open(tmp_path_factory.mktemp("night"), CUSTOMERS) as installation:
        folder = installation.folder / "slices"
        write_slices(folder, ARRIVALS, [after(minute) for minute in CLOSES])
        day = Day(installation)
        for number, minute in enumerate(CLOSES):
            installation.land(slice_folder(folder, number))
            day.batches[minute] = installation.batch(after(minute))
            day.send(minute)
        yield day


def reminders(night: Day, who: Customer) -> list[tuple[str, str]]:
    """Outcome and reason of each evaluation of a mail reminder, oldest first."""
    return [
        (outcome, reason)
        for action, outcome, reason in night.decisions(who)
        if action == "email_quote_reminder"
    ]


def test_of_two_reminders_ten_minutes_apart_one_goes_out(night: Day) -> None:
    assert night.received(TWICE) == ["email"]
    said = reminders(night, TWICE)
    assert said[:2] == [("send", "all_checks_passed"), ("wait", "outranked")]
    assert said[-1] == ("nothing", "expired")


def test_what_is_due_at_night_goes_out_in_the_morning(night: Day) -> None:
    assert night.received(SLEEPER) == ["email"]
    assert reminders(night, SLEEPER) == [("wait", "quiet_hours"), ("send", "all_checks_passed")]
    assert night.batches[WOKEN].handed_over.new == 0
    (row,) = night.rows(
        "select decide_after, timezone, timezone_source from {decisions} "
        "where entry_node_id in (select node_id from {identity_map} where person_id = "
        "(select person_id from {identity_map} where node_id = ?)) and reason = 'quiet_hours'",
        SLEEPER.node_id,
    )
    assert (row["decide_after"], row["timezone"]) == (after(1320), "America/Chicago")
    assert row["timezone_source"] == "crm"


@pytest.mark.parametrize(
    ("who", "end"),
    [
        (OPENS_A_CASE, ("nothing", "superseded")),
        (BUYS, ("nothing", "superseded")),
        (TAKES_IT_BACK, ("suppress", "no_consent")),
        (BROWSES, ("nothing", "superseded")),
    ],
    ids=lambda value: value.name if isinstance(value, Customer) else value[1],
)
def test_who_changes_their_mind_or_their_life_at_night_is_not_written_to(
    night: Day, who: Customer, end: tuple[str, str]
) -> None:
    assert night.received(who) == []
    said = reminders(night, who)
    assert said[0] == ("wait", "quiet_hours")
    assert said[-1] == end
