"""A journey over a limit is stopped by a switch, once, with the numbers as its reason."""

from collections.abc import Mapping
from pathlib import Path

from baton.journal import Journal

from .grounds import Grounds
from .playing import Pass, play
from .worlds import World

_SEED = 9


def reasons(one: Pass) -> Mapping[str, set[str]]:
    """Return why each journey over a limit is to be stopped, by name."""
    found: dict[str, set[str]] = {}
    for runaway in one.runaways(one.world.resumed(one.window)):
        words = f"{runaway.limit}: {runaway.number:g} messages, at most {runaway.most:g}"
        found.setdefault(runaway.journey, set()).add(words)
    return found


def test_a_journey_over_a_limit_is_stopped_once_with_the_numbers(
    grounds: Grounds, tmp_path: Path
) -> None:
    made: list[Pass] = []
    stopped: set[str] = set()
    with grounds.warehouse() as warehouse, Journal.open(tmp_path / "journal.db") as journal:
        for _ in play(World(_SEED, plots=80, windows=3), warehouse, made.append):
            expected = reasons(made[-1])
            assert set(warehouse.stop_runaways(journal)) == expected.keys() - stopped
            standing = {one.value: one for one in journal.switches()}
            for journey in expected.keys() - stopped:
                assert standing[journey].scope == "journey"
                assert standing[journey].set_by == "limits"
                assert standing[journey].reason in expected[journey]
            stopped |= expected.keys()
            assert not warehouse.stop_runaways(journal)
    assert stopped
