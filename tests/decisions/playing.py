"""A world played through a warehouse, pass by pass, with the reference at its side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reference.decisions.candidates import Candidate
from reference.decisions.facts import Facts
from reference.decisions.limits import Counted, Runaway, counted, runaways
from reference.decisions.passes import Decided
from reference.decisions.records import Event

from baton.warehouse import transaction

from . import comparing
from .comparing import Rows, differences
from .told import Life
from .warehouse import Warehouse
from .worlds import World


@dataclass(frozen=True)
class Pass:
    """One pass that is to be made; windows count from 0."""

    world: World
    window: int
    told: Sequence[Facts]
    decided: Sequence[Decided]
    heard: Sequence[tuple[Candidate, Event]]

    def make(self, warehouse: Warehouse, renewed: str = "") -> None:
        """Let the warehouse decide, perhaps with a view made anew."""
        warehouse.decide(self.world, self.window, self.told, self.heard, renewed)

    @property
    def limits(self) -> Mapping[str, float]:
        """The limits of the live release."""
        return self.world.releases[self.world.live[self.window]].limits

    def runaways(self, resumed: Mapping[str, datetime]) -> Sequence[Runaway]:
        """Return who is over a limit after this pass, if journeys were let go again then."""
        messages = [Counted(journey, "", at, "accepted") for journey, at in self.world.chorus]
        for facts, one in zip(self.told, self.decided, strict=True):
            messages += counted(one.state.candidates.values(), facts)
        now = self.world.batch_times[self.window]
        return list(runaways(messages, self.limits, resumed, now))

    def differences(self, warehouse: Warehouse) -> dict[str, dict[str, str]]:
        """Return what the warehouse says otherwise than the reference, by kind and key."""
        expected, ranks, ledger, members, evaluations = Rows(), Rows(), Rows(), Rows(), Rows()
        exposures = Rows()
        for facts, one in zip(self.told, self.decided, strict=True):
            expected |= comparing.expected_candidates(one.state.candidates.values())
            ranks |= comparing.expected_ranks(one)
            ledger |= comparing.expected_ledger(one.state.ledger)
            members |= comparing.expected_members(one.state.ledger, facts)
            state = one.state
            exposures |= comparing.expected_exposures(state.exposures, state.ledger, facts)
            evaluations |= comparing.expected_evaluations(one)
        messages = {row["message_id"]: {} for row in expected.values() if row["message_id"]}
        runaways = comparing.expected_runaways(self.runaways(self.world.resumed(self.window)))
        candidates = warehouse.by("candidates", "candidate_id", "evaluated_window_id > 0")
        added = warehouse.by("decisions", "evaluation_id", f"window_id = {self.window + 1}")
        return {
            "candidate": differences(candidates, expected),
            "rank": differences({key: candidates.get(key, {}) for key in ranks}, ranks),
            "assignment": differences(warehouse.by("holdout_assignments", "assignment_id"), ledger),
            "member": differences(
                warehouse.by("holdout_members", "holdout || ' ' || person_id"), members
            ),
            "exposure": differences(
                warehouse.by("exposures", "holdout || ' ' || person_id"), exposures
            ),
            "runaway": differences(
                warehouse.by("ops_runaway_journeys", "journey || ' ' || limit_name"), runaways
            ),
            "evaluation": differences(added, evaluations),
            "message": differences(warehouse.by("outbox", "message_id"), messages),
        }


@dataclass(frozen=True)
class Moment:
    """One pass: what was told and decided for each plot, and what the warehouse says of it."""

    window: int
    told: Sequence[Facts]
    decided: Sequence[Decided]
    before: Sequence[Mapping[str, Candidate]]
    differences: Mapping[str, Mapping[str, str]]
    """By kind and key; empty when everything is as expected."""
    limits: Mapping[str, float]
    runaways: Sequence[Runaway]
    runaways_but_for_resumes: Sequence[Runaway]
    stopped: Mapping[str, str]
    """The journeys that were newly stopped, and why."""

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
    changed_by_repeat: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def differing(self) -> Moment | None:
        return next((one for one in self.moments if any(one.differences.values())), None)


def played(world: World, warehouse: Warehouse) -> Played:
    """Play a world until something differs; the last pass is undone once and made again."""
    found = Played(world)
    for moment in play(world, warehouse, redone=found.changed_by_repeat):
        found.moments.append(moment)
        if found.differing:
            return found
    return found


def play(
    world: World,
    warehouse: Warehouse,
    look: Callable[[Pass], None] | None = None,
    redone: dict[str, str] | None = None,
) -> Iterator[Moment]:
    """Make one pass after the other, and yield each; `look` sees it before it is made.

    With `redone`, the last one is made, undone as a crash would, and made again; what the ledgers
    then say otherwise is put there.
    """
    warehouse.start(world)
    lives = [Life(world, plot) for plot in world.cast]
    for window in range(world.windows):
        heard = list(_heard(lives, window))
        before = [one.state.candidates for one in lives]
        both = [one.next() for one in lives]
        one = Pass(world, window, [facts for facts, _ in both], [made for _, made in both], heard)
        if look:
            look(one)
        before_crash = None
        if redone is not None and window == world.windows - 1:
            before_crash = _made_and_undone(one, warehouse)
        with transaction(warehouse.con):
            one.make(warehouse)
        if redone is not None and before_crash is not None:
            redone |= differences(ledgers(warehouse), before_crash)
        yield Moment(
            window,
            one.told,
            one.decided,
            before,
            one.differences(warehouse),
            one.limits,
            one.runaways(world.resumed(window)),
            one.runaways({}),
            warehouse.stop_runaways(),
        )


def _made_and_undone(one: Pass, warehouse: Warehouse) -> Rows:
    warehouse.con.execute("begin transaction")
    one.make(warehouse)
    found = ledgers(warehouse)
    warehouse.con.execute("rollback")
    return found


def ledgers(warehouse: Warehouse) -> Rows:
    """Return all rows that passes leave behind for good."""
    keys = {
        "decisions": "evaluation_id",
        "outbox": "message_id",
        "holdout_assignments": "assignment_id",
        "int_decisions__exposures": "exposure_id",
    }
    return {
        f"{model} {id_}": row
        for model, key in keys.items()
        for id_, row in warehouse.by(model, key).items()
    }


def _heard(lives: Sequence[Life], window: int) -> Iterator[tuple[Candidate, Event]]:
    """Yield the events that a window learns of, each with the candidate of its message."""
    for life in lives:
        of_message = {one.message_id: one for one in life.state.candidates.values()}
        for event in life.events:
            if event.window == window + 1:
                yield of_message[event.message_id], event
