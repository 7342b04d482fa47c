"""Whatever is told in whatever order: incremental, rebuilt and reference say the same."""

import os
import secrets

import pytest
from as_many import as_many_as_fit

from .checking import Tally, play
from .histories import history
from .recorded import Recorded
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
@pytest.mark.more
@pytest.mark.timeout(1200)
def test_they_do_over_long_and_many_histories(recorded: Recorded) -> None:
    seed = int(os.environ.get("BATON_IDENTITY_SEED") or secrets.randbelow(2**32))
    tally = Tally()
    for number in as_many_as_fit(80, at_most=60, until=lambda: not tally.missing()):
        print(f"BATON_IDENTITY_SEED={seed + number}")
        play(Installation(recorded), history(seed + number, 10), tally)
    print(sorted(tally.counts.items()))
    assert not tally.missing()
