"""A world played through a scratch fold, window by window, with the reference at its side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reference.changes import Told
from reference.fold import Known, fold
from reference.instances import Instance

from baton.cards import CompiledCard
from baton.scratch import ScratchFold

from .comparing import Said, differs, everything, expected, said
from .decisions import Decisions, News
from .sketches import Sketch
from .told import Memory, Window, releases_of, windows
from .worlds import World


@dataclass(frozen=True)
class Moment:
    """The end of a window, counted from 0: what is known, what is said, what should be."""

    window: int
    known: Known
    instances: Sequence[Instance]
    said: Said
    expected: Said

    @property
    def differences(self) -> str:
        """What is not as expected, in words; empty when all is."""
        found = {
            "steps": differs(self.said.steps, self.expected.steps),
            "states": differs(self.said.states, self.expected.states),
            "changes": differs(self.said.changes, self.expected.changes),
        }
        return "\n".join(f"{kind}: {words}" for kind, words in found.items() if words)


def play(world: World, scratch: ScratchFold) -> Iterator[Moment]:
    """Fold the world's windows one after the other, and yield each moment."""
    release_ids = [scratch.release(compiled(cards)) for cards in world.releases]
    memory, decisions, news = Memory(releases_of(world)), Decisions(), News()
    before = Told((), {})
    for number, window in enumerate(windows(world)):
        tell(scratch, window, release_ids, news)
        known = memory.known(window, decisions.outcomes)
        after = Told(fold(known), window.people)
        yield Moment(number, known, after.instances, said(scratch, number), expected(before, after))
        news, before = decisions.news(after.instances, number, window.batch_time), after


def compiled(cards: Mapping[str, Sketch]) -> list[CompiledCard]:
    """Return the rows of valid cards."""
    return [rows for one in cards.values() if (rows := one.compiled())]


def tell(
    scratch: ScratchFold, window: Window, release_ids: Sequence[str], news: News | None = None
) -> None:
    """Fold one window."""
    scratch.window(
        batch_time=window.batch_time,
        watermark=window.watermark,
        signals=window.signals,
        guards=window.guards,
        people=window.people,
        zones=window.zones,
        activations=[(kind, release_ids[number]) for kind, number in window.acts],
        decided=news.decided if news else (),
        message_events=news.message_events if news else (),
    )


@dataclass(frozen=True)
class Played:
    """A world that has been played, and what folding it again at once changed, in words."""

    world: World
    moments: Sequence[Moment]
    changed_by_nothing: str
    changed_by_rebuild: str


def played(world: World, scratch: ScratchFold) -> Played:
    """Play a world to its end, then fold a window with nothing new, then all of it anew."""
    moments = list(play(world, scratch))
    told = [everything(scratch)]
    for is_whole in (False, True):
        scratch.window(
            batch_time=world.batch_times[-1], watermark=world.watermarks[-1], is_whole=is_whole
        )
        told.append(everything(scratch))
    return Played(world, moments, differs(told[1], told[0]), differs(told[2], told[0]))
