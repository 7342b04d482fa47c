"""In whatever order and slices the same records come, the same steps come of them.

That is so as far as it can be: what is loaded after the grace, or while another card is live, is
told otherwise. So these worlds have one release, and patience.
"""

from functools import cached_property

import pytest
from as_many import as_many_as_fit

from .comparing import differs, said
from .grounds import Grounds
from .playing import compiled, tell
from .slicing import resliced
from .told import windows
from .words import chance
from .worlds import Cards, World


class Impatient(World):
    """A steady world, but for the grace of its cards."""

    @cached_property
    def releases(self) -> list[Cards]:
        return [World(self.seed, self.plots, self.journeys, self.windows).releases[0]]


def difference(grounds: Grounds, world: World) -> str:
    """Return what the world's own slices tell otherwise than others with shuffled records."""
    own = windows(world)
    told = []
    for slices in (own, resliced(chance(f"slices {world.seed}"), own)):
        with grounds.scratch() as scratch:
            ids = [scratch.release(compiled(cards)) for cards in world.releases]
            for window in slices:
                tell(scratch, window, ids)
            told.append(said(scratch, len(slices)))
    return differs(told[0].steps, told[1].steps) + differs(told[0].states, told[1].states)


def test_other_slices_and_another_order_tell_the_same(grounds: Grounds) -> None:
    assert not difference(grounds, World(1, windows=5, is_steady=True))


@pytest.mark.long
@pytest.mark.more
@pytest.mark.timeout(900)
def test_many_slices_and_orders_tell_the_same(grounds: Grounds) -> None:
    for number in as_many_as_fit(40, at_most=6):
        world = World(100 + number, plots=150, windows=7, is_steady=True)
        assert not difference(grounds, world), world


def test_without_patience_the_slices_show(grounds: Grounds) -> None:
    assert difference(grounds, Impatient(2, plots=40, windows=4, is_steady=True))
