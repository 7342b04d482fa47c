"""Whatever is due, allowed, full or sent: the SQL decides as the page says.

A world is a few releases of random policies, and many plots that live under all of them: a person
or two, who merge and part, whose messages are sent, fail or are called back. After every pass the
warehouse is compared with the reference, column by column. A failure names the world:
`World(seed)` is all that is needed to see it again.
"""

import os
import secrets
from collections.abc import Callable, Sequence

import pytest
from as_many import as_many_as_fit

from .grounds import Grounds
from .playing import Played, played
from .tally import Tally
from .worlds import World

Report = Callable[[str, object], None]
pytestmark = pytest.mark.timeout(900)


def is_as_the_page_says(one: Played) -> None:
    """Every pass decides as the reference does; made again, the last one adds nothing."""
    assert one.differing is None, f"{one.world}\n{one.differing}"
    assert not one.changed_by_repeat, f"{one.world}\n{one.changed_by_repeat}"


def shows_enough(tally: Tally, record_property: Report) -> None:
    """Print what occurred; fail if anything never did."""
    print(f"\n{tally}")
    for name, times in tally.counts.items():
        record_property(name, times)
    assert not tally.missing, f"never occurred: {', '.join(tally.missing)}\n{tally}"


def test_thousands_of_random_persons_are_decided_on_as_the_page_says(
    few: Sequence[Played], record_property: Report
) -> None:
    tally = Tally()
    for one in few:
        is_as_the_page_says(one)
        tally.add(one)
    shows_enough(tally, record_property)
    assert tally.counts["persons in passes"] >= 1500


@pytest.mark.long
@pytest.mark.more
@pytest.mark.timeout(900)
def test_new_random_persons_are_decided_on_as_the_page_says(
    grounds: Grounds, record_property: Report
) -> None:
    seed = int(os.environ.get("BATON_PASSES_SEED") or 1000 * (1 + secrets.randbelow(10**6)))
    print(f"BATON_PASSES_SEED={seed}")
    tally = Tally()
    for number in as_many_as_fit(80, at_most=20, until=lambda: not tally.missing):
        with grounds.warehouse() as warehouse:
            one = played(World(seed + number, plots=300, windows=8), warehouse)
        is_as_the_page_says(one)
        tally.add(one)
    shows_enough(tally, record_property)
