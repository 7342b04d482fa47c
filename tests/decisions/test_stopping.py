"""A journey over a limit is stopped by a switch, once, with the numbers as its reason."""

from collections.abc import Sequence

from reference.decisions.limits import Runaway

from .playing import Played


def reason(one: Runaway) -> str:
    """Return what the switch says."""
    return f"{one.limit}: {one.number:g} messages, at most {one.most:g}"


def test_a_journey_over_a_limit_is_stopped_once_with_the_numbers(few: Sequence[Played]) -> None:
    stopped_at_all = 0
    for one in few:
        stopped: set[str] = set()
        for moment in one.moments:
            over = {runaway.journey for runaway in moment.runaways}
            assert moment.stopped.keys() == over - stopped, f"{one.world} {moment.window}"
            reasons = {(runaway.journey, reason(runaway)) for runaway in moment.runaways}
            assert moment.stopped.items() <= reasons
            stopped |= over
        stopped_at_all += len(stopped)
    assert stopped_at_all > 3
