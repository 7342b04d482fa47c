"""What must hold whatever is due and whenever messages are sent."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .decisions.candidates import Candidate
from .decisions.contests import Contest, contests
from .decisions.facts import Facts
from .decisions.local_periods import first_day, local_date
from .decisions.passes import decide
from .decisions.policies import DEFAULT_LENGTH, Cap
from .decisions.records import Event
from .decisions.small import NOON, Small

_SOME = settings(max_examples=100, deadline=None, derandomize=True)
_INSTANT = timedelta(microseconds=1)
_ZONES = ("UTC", "Africa/Cairo", "America/Havana", "Pacific/Auckland")


def played(contest: Contest, pick: Random, zone: str) -> list[tuple[Candidate, datetime]]:
    """Play all windows; return the messages that were sent, and when.

    A message is claimed and sent between two windows, if it is: as early or as late as possible,
    on the first instant of the next window's time, or somewhere between.
    """
    small, sent = contest.small(), dict[str, tuple[Candidate, datetime]]()
    hours = [*contest.hours, contest.hours[-1] + 200]
    for number, steps in enumerate(contest.windows):
        small.window(hours[number], *steps, zones={"Ada": (zone, "crm")})
        now, next_ = (NOON + timedelta(hours=one) for one in hours[number : number + 2])
        for one in small.state.candidates.values():
            if one.goes_out and one.has_message and one.message_id not in sent:
                latest = min(next_, one.expires_at - _INSTANT)
                when = _sending_time(pick, now, latest)
                if when:
                    sent[one.message_id] = one, when
                    small.events.append(Event(one.message_id, "accepted", when, number + 2))
    return list(sent.values())


def _sending_time(pick: Random, now: datetime, latest: datetime) -> datetime | None:
    if latest < now:
        return None
    between = now + (latest - now) * pick.random()
    return pick.choice([None, now, now, latest, latest, between])


def most_within(times: Sequence[datetime], period: timedelta) -> int:
    """Return how many times at most lie within a half-open stretch of that length."""
    return max((sum(one <= at < one + period for at in times) for one in times), default=0)


def most_in(cap: Cap, times: Sequence[datetime], zone: str) -> int:
    """Return how many times at most lie in one window of a cap."""
    if isinstance(cap.period, timedelta):
        return most_within(times, cap.period)
    periods = [first_day(local_date(at, zone), cap.period) for at in times]
    return max((periods.count(one) for one in periods), default=0)


def matching(cap: Cap, sent: Sequence[tuple[Candidate, datetime]]) -> Iterator[datetime]:
    for one, when in sent:
        wanted = (cap.channel, cap.class_, cap.journey)
        its = (one.action.channel, one.action.class_, one.journey)
        if all(word in (None, other) for word, other in zip(wanted, its, strict=True)):
            yield when


@given(contests(windows=5), st.randoms(use_true_random=False), st.sampled_from(_ZONES))
@_SOME
def test_no_cap_is_exceeded_in_any_window_whenever_messages_are_sent(
    contest: Contest, pick: Random, zone: str
) -> None:
    sent = played(contest, pick, zone)
    for cap in contest.caps:
        assert most_in(cap, list(matching(cap, sent)), zone) <= cap.most


@given(contests(windows=5), st.randoms(use_true_random=False))
@_SOME
def test_one_message_goes_out_per_slot(contest: Contest, pick: Random) -> None:
    sent = played(contest, pick, "UTC")
    for group in ("g", "h"):
        times = [when for one, when in sent if one.action.group == group]
        length = contest.slots.get(("group", group), DEFAULT_LENGTH)
        assert most_within(times, length) <= 1
    for (scope, name), length in contest.slots.items():
        if scope == "channel":
            times = [when for one, when in sent if one.action.channel == name]
            assert most_within(times, length) <= 1


@given(contests())
@_SOME
def test_without_the_losers_and_those_held_out_the_same_ones_win(contest: Contest) -> None:
    def winners(small: Small) -> set[str]:
        return {one.step_id for one in small.state.candidates.values() if one.goes_out}

    whole = contest.small()
    whole.window(0, *contest.windows[0])
    part = contest.small()
    part.window(0, *(one for one in contest.windows[0] if one.step_id in winners(whole)))
    assert winners(part) == winners(whole)


@given(contests(windows=2), st.randoms(use_true_random=False))
@_SOME
def test_the_order_of_the_input_does_not_matter(contest: Contest, pick: Random) -> None:
    small = contest.small()
    small.window(contest.hours[0], *contest.windows[0])
    small.steps |= {one.step_id: one for one in contest.windows[1]}
    facts = small.facts(contest.hours[1])
    other = shuffled(facts, pick)
    assert decide(small.state, other).verdicts == decide(small.state, facts).verdicts


def shuffled(facts: Facts, pick: Random) -> Facts:
    steps = list(facts.steps.items())
    pick.shuffle(steps)
    caps = list(facts.policies.caps)
    pick.shuffle(caps)
    return replace(
        facts,
        steps=dict(steps),
        policies=replace(facts.policies, caps=tuple(caps)),
        points=list(reversed(facts.points)),
        permissions=list(reversed(facts.permissions)),
    )


@given(contests(windows=3))
@_SOME
def test_who_has_the_slot_of_another_in_this_pass_is_better(contest: Contest) -> None:
    small = contest.small()
    for hour, steps in zip(contest.hours, contest.windows, strict=True):
        small.window(hour, *steps)
        assert small.last
        results = small.last.results
        for one in results.values():
            if one.outranked_by in results:
                better = results[one.outranked_by or ""].contestant
                assert better.order < one.contestant.order


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_counting_of_windows_is_half_open(length: int) -> None:
    times = [NOON + timedelta(hours=number) for number in range(4)]
    assert most_within(times, timedelta(hours=length)) == length
