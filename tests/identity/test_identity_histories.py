"""Whatever is told in whatever order: incremental, rebuilt and reference say the same."""

import pytest
from hypothesis import HealthCheck, given, settings

from .checking import Tally, play
from .histories import histories, history
from .recorded import Recorded
from .told import Window
from .warehouse import Installation

_FEW = (1, 18, 27)  # what must occur does, in these


def test_incremental_a_full_rebuild_and_the_reference_say_the_same_after_every_window(
    recorded: Recorded,
) -> None:
    tally = Tally()
    for seed in _FEW:
        play(Installation(recorded), history(seed, 8), tally, rebuild_every=4)
    assert not tally.missing(), dict(tally.counts)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_they_do_over_long_and_many_histories(recorded: Recorded) -> None:
    tally = Tally()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(10))
    def check(told: tuple[Window, ...]) -> None:
        play(Installation(recorded), told, tally)

    check()
    print(sorted(tally.counts.items()))
    assert not tally.missing()
