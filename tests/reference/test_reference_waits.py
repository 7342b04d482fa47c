"""The model's idea of local times."""

from datetime import date, datetime, time, timedelta

import pytest

from .card_text import read_card
from .local_time import instant
from .tales import Tale, card

NEW_YORK, LONDON = "America/New_York", "Europe/London"


def over(wait: str, since: datetime, zone: str) -> datetime:
    rules = read_card(card(f"to: s, when: a\nfrom: s, to: t, {wait}")).rules
    assert rules[1].wait
    return rules[1].wait.over(since, zone)


def test_a_local_time_is_that_of_the_zone() -> None:
    assert over('at: "09:00"', datetime(2026, 3, 2, 9), NEW_YORK) == datetime(2026, 3, 2, 14)
    assert over('at: "09:00"', datetime(2026, 3, 2, 9), LONDON) == datetime(2026, 3, 2, 9)


def test_the_instant_itself_counts_and_just_after_it_the_next_day_is_meant() -> None:
    since = datetime(2026, 3, 2, 14, 0, 0, 1)
    assert over('at: "09:00"', since, NEW_YORK) == datetime(2026, 3, 3, 14)


def test_a_local_time_after_a_wait_is_the_first_one_when_the_wait_is_over() -> None:
    since = datetime(2026, 3, 2, 9)
    assert over('after: 5 hours, at: "09:00"', since, NEW_YORK) == datetime(2026, 3, 2, 14)
    assert over('after: 6 hours, at: "09:00"', since, NEW_YORK) == datetime(2026, 3, 3, 14)


@pytest.mark.parametrize(
    ("days", "day"), [("weekdays", 9), ("weekends", 7), ("[fri]", 6), ("[wed, thu]", 11)]
)
def test_only_some_days_may_be_meant(days: str, day: int) -> None:
    friday_evening = datetime(2026, 3, 6, 20) if days != "[fri]" else datetime(2026, 3, 6, 8)
    expected = datetime(2026, 3, day, 9)
    assert over(f'at: "09:00", days: {days}', friday_evening, "UTC") == expected


def test_the_day_is_the_local_one() -> None:
    monday_in_auckland = over('at: "09:00", days: [mon]', datetime(2026, 3, 6), "Pacific/Auckland")
    assert monday_in_auckland == datetime(2026, 3, 8, 20)


def test_a_local_time_that_the_clocks_skip_is_as_much_later() -> None:
    assert instant(date(2026, 3, 8), time(2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 30)
    assert instant(date(2026, 3, 29), time(1, 15), LONDON) == datetime(2026, 3, 29, 1, 15)
    half_an_hour = instant(date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe")
    assert half_an_hour == datetime(2026, 10, 3, 15, 40)


def test_a_local_time_that_comes_twice_is_meant_the_second_time() -> None:
    assert instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 6, 30)
    assert instant(date(2026, 10, 25), time(1, 15), LONDON) == datetime(2026, 10, 25, 1, 15)


def test_between_the_two_times_the_second_is_to_come() -> None:
    between = datetime(2026, 11, 1, 6)
    assert over('at: "01:30"', between, NEW_YORK) == datetime(2026, 11, 1, 6, 30)
    after_both = datetime(2026, 11, 1, 6, 31)
    assert over('at: "01:30"', after_both, NEW_YORK) == datetime(2026, 11, 2, 6, 30)


def test_a_wait_of_a_day_over_a_change_of_the_clocks_is_one_of_24_hours() -> None:
    since = datetime(2026, 3, 7, 14)
    assert over("after: 1 day", since, NEW_YORK) == since + timedelta(days=1)
    assert over('after: 1 day, at: "09:00"', since, NEW_YORK) == datetime(2026, 3, 9, 13)


def test_the_zone_is_the_customers_and_else_the_cards() -> None:
    tale = Tale()
    tale.activate(card('to: s, when: a\nfrom: s, to: t, at: "12:00"', timezone="Asia/Kolkata"))
    tale.hear("a", 0)
    assert tale.path(48) == [("s", 0), ("t", 21.5)]
    tale.zones["ann"] = "Asia/Tokyo"
    assert tale.path(48) == [("s", 0), ("t", 18)]


def test_a_local_time_at_the_very_instant_of_the_step_comes_after_its_events() -> None:
    tale = Tale()
    steps = 'to: s, when: a\nfrom: s, to: t, at: "09:00"\nfrom: s, to: u, when: b'
    tale.activate(card(steps))
    tale.hear("a", 0)
    assert tale.path(0) == [("s", 0), ("t", 0)]
    tale.hear("b", 0)
    assert tale.path(0) == [("s", 0), ("u", 0)]


def test_a_guard_holds_up_a_local_time_and_lets_it_go_when_it_changes() -> None:
    tale = Tale()
    tale.activate(card('to: s, when: a\nfrom: s, to: t, at: "10:00", unless: g'))
    tale.hear("a", 0)
    tale.hold("g", 0, 3.5)
    assert tale.path(24) == [("s", 0), ("t", 3.5)]
