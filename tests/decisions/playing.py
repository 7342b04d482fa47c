"""A world played through a warehouse, pass by pass, with the reference at its side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reference.decisions.candidates import Candidate
from reference.decisions.facts import Facts
from reference.decisions.passes import Decided
from reference.decisions.records import Event

from . import comparing
from .comparing import Rows, differences
from .told import Life
from .warehouse import Warehouse
from .worlds import World


@dataclass(frozen=True)
class Moment:
    """One pass: what was told and decided for each plot, and what the warehouse says of it."""

    window: int
    told: Sequence[Facts]
    decided: Sequence[Decided]
    before: Sequence[Mapping[str, Candidate]]
    differences: Mapping[str, Mapping[str, str]]
    """By kind and key; empty when everything is as expected."""

    def __str__(self) -> str:
        lines = [
            f"{kind} {key}: {words}"
            for kind, found in self.differences.items()
            for key, words in sorted(found.items())[:5]
        ]
        counts = {kind: len(found) for kind, found in self.differences.items()}
        return "\n".join([f"window {self.window}: {counts}", *lines])


@dataclass
class Played:
    """A world that has been played to its end, or to the first pass that differs."""

    world: World
    moments: list[Moment] = field(default_factory=list[Moment])
    changed_by_repeat: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def differing(self) -> Moment | None:
        return next((one for one in self.moments if any(one.differences.values())), None)


def played(world: World, warehouse: Warehouse) -> Played:
    """Play a world until something differs; then make the last pass once more."""
    found = Played(world)
    for moment in play(world, warehouse):
        found.moments.append(moment)
        if found.differing:
            return found
    before = everything(warehouse)
    warehouse.build()
    found.changed_by_repeat = differences(everything(warehouse), before)
    return found


def play(world: World, warehouse: Warehouse) -> Iterator[Moment]:
    """Make one pass after the other, and yield each."""
    warehouse.start(world)
    lives = [Life(world, plot) for plot in world.cast]
    for window in range(world.windows):
        heard = list(_heard(lives, window))
        before = [one.state.candidates for one in lives]
        both = [one.next() for one in lives]
        told, decided = [facts for facts, _ in both], [one for _, one in both]
        warehouse.decide(world, window, told, heard)
        yield Moment(window, told, decided, before, _compared(warehouse, window, told, decided))


def everything(warehouse: Warehouse) -> Rows:
    """Return all rows that passes leave behind."""
    keys = {
        "candidates": "candidate_id",
        "decisions": "evaluation_id",
        "outbox": "message_id",
        "holdout_assignments": "assignment_id",
    }
    return {
        f"{model} {row[key]}": row for model, key in keys.items() for row in warehouse.rows(model)
    }


def _heard(lives: Sequence[Life], window: int) -> Iterator[tuple[Candidate, Event]]:
    """Yield the events that a window learns of, each with the candidate of its message."""
    for life in lives:
        of_message = {one.message_id: one for one in life.state.candidates.values()}
        for event in life.events:
            if event.window == window + 1:
                yield of_message[event.message_id], event


def _compared(
    warehouse: Warehouse, window: int, told: Sequence[Facts], decided: Sequence[Decided]
) -> dict[str, dict[str, str]]:
    candidates = {row["candidate_id"]: row for row in warehouse.rows("candidates")}
    expected, ranks, ledger, members, evaluations = Rows(), Rows(), Rows(), Rows(), Rows()
    for facts, one in zip(told, decided, strict=True):
        expected |= comparing.expected_candidates(one.state.candidates.values())
        ranks |= comparing.expected_ranks(one)
        ledger |= comparing.expected_ledger(one.state.ledger)
        members |= comparing.expected_members(one.state.ledger, facts)
        evaluations |= comparing.expected_evaluations(one)
    added = [row for row in warehouse.rows("decisions") if row["window_id"] == window + 1]
    messages = {row["message_id"]: {} for row in expected.values() if row["message_id"]}
    return {
        "candidate": differences(candidates, expected),
        "rank": differences({key: candidates.get(key, {}) for key in ranks}, ranks),
        "assignment": differences(
            {row["assignment_id"]: row for row in warehouse.rows("holdout_assignments")}, ledger
        ),
        "member": differences(
            {
                f"{row['holdout']} {row['person_id']}": row
                for row in warehouse.rows("holdout_members")
            },
            members,
        ),
        "evaluation": differences({row["evaluation_id"]: row for row in added}, evaluations),
        "message": differences(
            {row["message_id"]: {} for row in warehouse.rows("outbox")}, messages
        ),
    }
