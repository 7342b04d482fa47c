"""The walk against a more naive statement of it: of all sets that fit, the first one by rank."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product

from hypothesis import given, settings

from .decisions.contests import Contest, contests
from .decisions.walk import Contestant, Result

_MANY = settings(max_examples=200, deadline=None, derandomize=True)


def results_of(contest: Contest) -> list[Result]:
    """What became of all contestants of the only window, in the order of their ranks."""
    small = contest.small()
    small.window(contest.hours[0], *contest.windows[0])
    assert small.last
    return sorted(small.last.results.values(), key=lambda one: one.contestant.order)


def fits(chosen: Iterable[Contestant], contest: Contest) -> bool:
    """Tell whether these can all go out: one per slot, no more than the most of every cap."""
    used: Counter[object] = Counter()
    limits: dict[object, int] = {}
    for one in chosen:
        does, journey = one.candidate.action, one.candidate.journey
        slots = [("group", does.group)] if does.group else []
        if ("channel", does.channel) in contest.slots:
            slots.append(("channel", does.channel))
        caps = [
            cap
            for cap in contest.caps
            if cap.channel in (None, does.channel)
            and cap.class_ in (None, does.class_)
            and cap.journey in (None, journey)
        ]
        used.update([*slots, *(cap.name for cap in caps)])
        limits |= dict.fromkeys(slots, 1) | {cap.name: cap.most for cap in caps}
    return all(used[resource] <= limits[resource] for resource in used)


def first_that_fits(line: Sequence[Contestant], contest: Contest) -> list[Contestant]:
    """Return the first set that fits, if sets with the best one come first, and so on down."""
    for takes in product((True, False), repeat=len(line)):
        chosen = [one for one, is_in in zip(line, takes, strict=True) if is_in]
        if fits(chosen, contest):
            return chosen
    raise AssertionError("nothing at all always fits")


@given(contests())
@_MANY
def test_the_winners_are_the_first_set_by_rank_that_fits(contest: Contest) -> None:
    results = results_of(contest)
    line = [one.contestant for one in results if not one.contestant.is_held_out]
    winners = [one.contestant for one in results if one.wins]
    assert winners == first_that_fits(line, contest)


@given(contests())
@_MANY
def test_one_that_is_held_out_would_have_won_if_it_fits_with_the_winners_before_it(
    contest: Contest,
) -> None:
    results = results_of(contest)
    for place, one in enumerate(results):
        if one.contestant.is_held_out:
            before = [other.contestant for other in results[:place] if other.wins]
            assert one.has_room == fits([*before, one.contestant], contest)


@given(contests())
@_MANY
def test_who_loses_does_not_fit_with_the_winners_before_it(contest: Contest) -> None:
    results = results_of(contest)
    for place, one in enumerate(results):
        before = [other.contestant for other in results[:place] if other.wins]
        if not one.has_room:
            assert not fits([*before, one.contestant], contest)
