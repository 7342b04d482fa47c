"""Each rule broken on purpose: the comparisons of this folder see it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from reference.changes import Told
from reference.fold import fold

from .broken_rules import BROKEN
from .comparing import differs, everything, said, steps_of
from .grounds import Grounds
from .playing import Moment, Played, compiled, play, tell
from .told import windows
from .worlds import World

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def moments(few: Sequence[Played]) -> list[Moment]:
    """All windows of all worlds. Chance has put every rule to use in them."""
    return [moment for one in few for moment in one.moments]


@pytest.mark.long
@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_shows_in_the_steps(rule: str, moments: list[Moment]) -> None:
    def shows(moment: Moment) -> bool:
        instances = fold(BROKEN[rule](moment.known))
        person_of = moment.known.person_of
        return bool(differs(moment.said.steps, steps_of(Told(instances, person_of))))

    assert any(map(shows, reversed(moments)))


def test_a_change_that_is_not_noted_shows(moments: list[Moment]) -> None:
    noted = [one for one in moments if one.said.changes]
    assert noted
    assert all(differs({}, one.expected.changes) for one in noted)


def test_one_signal_that_comes_at_another_time_shows(grounds: Grounds) -> None:
    world = World(3, plots=20, windows=1)
    (window,) = windows(world)
    with grounds.scratch() as scratch:
        (moment,) = play(world, scratch)
    entry = moment.instances[0].entry
    moved = [
        replace(one, occurred_at=one.occurred_at - timedelta(seconds=1))
        if one.event_id == entry.event_id
        else one
        for one in window.signals
    ]
    with grounds.scratch() as scratch:
        ids = [scratch.release(compiled(cards)) for cards in world.releases]
        tell(scratch, replace(window, signals=moved), ids)
        assert differs(said(scratch, 0).steps, moment.expected.steps)


def test_a_row_that_an_increment_would_have_left_behind_shows(grounds: Grounds) -> None:
    world = World(3, plots=20, windows=1)
    with grounds.scratch() as scratch:
        list(play(world, scratch))
        before = everything(scratch)
        steps = scratch.dbt.relation("int_journeys__steps")
        scratch.con.execute(
            f"""update {steps} set reached_at = reached_at + interval 1 second
            where step_id = (select min(s.step_id) from {steps} as s where s.is_current)"""
        )
        assert everything(scratch) != before
        (at,), (watermark,) = world.batch_times, world.watermarks
        scratch.window(batch_time=at, watermark=watermark, is_whole=True)
        assert everything(scratch) == before
