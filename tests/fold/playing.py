"""A world played through a scratch fold, window by window, with the reference at its side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference.changes import Told, changes
from reference.fold import Known, fold
from reference.instances import Instance

from baton.cards import CompiledCard
from baton.scratch import ScratchFold

from .decisions import Decisions, News
from .sketches import Sketch
from .told import Memory, Window, releases_of, windows
from .worlds import World

Rows = dict[str, tuple[Any, ...]]
_STEP = (
    "person_id",
    "instance_id",
    "journey",
    "correlation_key",
    "step_no",
    "transition_id",
    "from_step",
    "step",
    "kind",
    "cause",
    "reached_at",
    "action",
)
_STATE = ("person_id", "step", "since", "status", "step_no", "entered_at", "horizon_at")


@dataclass(frozen=True)
class Said:
    """Steps and states at the end of a window, and what was noted in it as gone, by id."""

    steps: Rows
    states: Rows
    changes: Rows


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


def said(scratch: ScratchFold, window: int) -> Said:
    """Return what the warehouse says, and what it noted in a window."""
    noted = [row for row in scratch.changes() if row["window_id"] == window + 1]
    return Said(
        steps={row["step_id"]: _part(row, _STEP) for row in scratch.steps()},
        states={row["instance_id"]: _part(row, _STATE) for row in scratch.states()},
        changes={row["instance_id"]: (row["change"], row["into_instance_id"]) for row in noted},
    )


def expected(before: Told, after: Told) -> Said:
    """Return what the reference says."""
    gone = changes(before, after)
    return Said(
        steps=steps_of(after),
        states={
            one.instance_id: (
                after.person_of[one.entry.node_id],
                one.last.step,
                one.last.reached_at,
                one.status,
                one.last.step_no,
                one.entry.occurred_at,
                one.horizon_at,
            )
            for one in after.instances
        },
        changes={instance_id: (one.change, one.into) for instance_id, one in gone.items()},
    )


def steps_of(told: Told) -> Rows:
    """Return the steps that the reference tells, by id."""
    return {
        step.step_id: (
            told.person_of[one.entry.node_id],
            one.instance_id,
            one.card.journey,
            one.key,
            step.step_no,
            step.transition_id,
            step.from_step,
            step.step,
            step.kind,
            step.cause,
            step.reached_at,
            step.action,
        )
        for one in told.instances
        for step in one.steps
    }


def differs(one: Rows, other: Rows, shown: int = 5) -> str:
    """Return what is missing, too many or not the same, in words; empty when nothing is."""
    keys = one.keys() | other.keys()
    wrong = sorted(key for key in keys if one.get(key) != other.get(key))
    lines = [f"{len(wrong)} of {len(keys)} differ"] if wrong else []
    for key in wrong[:shown]:
        lines += [key, f"    said     {one.get(key)}", f"    expected {other.get(key)}"]
    return "\n".join(lines)


def _part(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)


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


def everything(scratch: ScratchFold) -> Rows:
    """Return all columns of all rows that the fold shows."""
    kinds = {
        "step": (scratch.steps(), ("step_id",)),
        "state": (scratch.states(), ("instance_id",)),
        "change": (scratch.changes(), ("instance_id", "window_id")),
    }
    return {
        f"{kind} {_part(row, key)}": tuple(sorted(row.items()))
        for kind, (rows, key) in kinds.items()
        for row in rows
    }
