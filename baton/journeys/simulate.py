"""Who would have gone where under a changed card: counts of two replays of the same history."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from baton.cards import CompiledCard
from baton.dbt_runner import DbtProject
from baton.intake.arrow import Table
from baton.journeys.drawing.words import trigger_words
from baton.journeys.replay import History, Span, read_history, replay
from baton.project import Project

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Way:
    """A transition with its action, and how many instances took it under either card."""

    source: str | None
    target: str
    trigger: str
    action: str | None
    live: int
    changed: int


@dataclass(frozen=True)
class ActionChange:
    """An action: how often under either card, and how many persons would get it more or less."""

    action: str
    live: int
    changed: int
    persons_more: int
    persons_fewer: int


@dataclass(frozen=True)
class Simulation:
    """What a changed card would have made of a span of history.

    `other_action` are persons who would get another action, more, or fewer; `other_time` those
    who would get the same ones at another time. `live_card` is None when none is live.
    """

    journey: str
    span: Span
    live_card: str | None
    changed_card: str
    signals: int
    people: int
    ways: tuple[Way, ...]
    actions: tuple[ActionChange, ...]
    other_action: int
    other_time: int
    notes: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """Return all of it as plain facts."""
        facts = asdict(self)
        span: Mapping[str, Any] = facts.pop("span")
        return {"journey": self.journey, "from": span["start"], "to": span["end"], **facts}


def simulate(
    project: Project,
    dbt: DbtProject,
    span: Span,
    *,
    changed: CompiledCard,
    live: CompiledCard | None,
    progress: Progress = lambda _: None,
) -> Simulation:
    """Replay the span under both cards, in scratch folds; the warehouse is only read.

    Raises what `read_history` raises.
    """
    progress("reading history")
    history = read_history(project, dbt, span, [one for one in (changed, live) if one])
    with tempfile.TemporaryDirectory() as folder:
        progress("replaying under the changed card")
        after = replay(project, dbt, Path(folder, "changed"), history, changed)
        progress("replaying under the live card")
        before = replay(project, dbt, Path(folder, "live"), history, live) if live else None
    return _compared(history, changed, live, after, before)


def _compared(
    history: History,
    changed: CompiledCard,
    live: CompiledCard | None,
    after: Table,
    before: Table | None,
) -> Simulation:
    with duckdb.connect() as con:
        con.register("changed", after)
        con.register("live", after.slice(0, 0) if before is None else before)
        ways = con.execute(_WAYS).fetchall()
        actions = con.execute(_ACTIONS).fetchall()
        other_action, other_time = con.execute(_PERSONS).fetchall()[0]
    triggers = _triggers(live, changed)
    return Simulation(
        journey=changed.journey,
        span=history.span,
        live_card=live.card_hash if live else None,
        changed_card=changed.card_hash,
        signals=history.signals.num_rows,
        people=len(set(history.people.column("person_id").to_pylist())),
        ways=tuple(
            Way(source, target, triggers.get(transition, str(transition)), action, *counts)
            for transition, source, target, action, *counts in ways
        ),
        actions=tuple(ActionChange(*row) for row in actions),
        other_action=other_action,
        other_time=other_time,
        notes=tuple(_notes(history, changed, live)),
    )


def _triggers(live: CompiledCard | None, changed: CompiledCard) -> dict[str, str]:
    said: dict[str, str] = {}
    for card in (live, changed):
        own = {rule.transition_id: trigger_words(rule) for rule in card.rules} if card else {}
        for name, words in own.items():
            before = said.get(name, words)
            said[name] = words if before == words else f"{before}, now {words}"
    return said


def _notes(history: History, changed: CompiledCard, live: CompiledCard | None) -> list[str]:
    cards = [one for one in (changed, live) if one]
    named = {rule.signal for card in cards for rule in card.rules if rule.signal}
    heard = set(history.signals.column("signal").to_pylist())
    silent = sorted(one for one in named if " " not in one and one not in heard)
    notes = [f"the warehouse has no {one} in this time" for one in silent]
    if live is None:
        notes.append("the journey is not live: there is nothing to compare with")
    if any(rule.on_block for card in cards for rule in card.rules):
        notes.append("every action counts as taken, whatever on_block says")
    return notes


_WAYS = """
with runs as (
    select t.*, 1 as live, 0 as changed from live as t
    union all by name
    select t.*, 0 as live, 1 as changed from changed as t
)
select transition_id, from_step, step, action, cast(sum(live) as bigint),
    cast(sum(changed) as bigint)
from runs
group by transition_id, from_step, step, action
order by min(step_no), from_step nulls first, step, action
"""

_TAKEN = """
with runs as (
    select t.*, 1 as live, 0 as changed from live as t where t.action is not null
    union all by name
    select t.*, 0 as live, 1 as changed from changed as t where t.action is not null
),

taken as (
    select person_id, correlation_key, action, sum(live) as live, sum(changed) as changed,
        list(reached_at order by reached_at) filter (live = 1)
        is distinct from list(reached_at order by reached_at) filter (changed = 1) as at_other_time
    from runs
    group by person_id, correlation_key, action
)
"""

_ACTIONS = f"""{_TAKEN}
select action, cast(sum(live) as bigint), cast(sum(changed) as bigint),
    count(distinct person_id) filter (changed > live),
    count(distinct person_id) filter (changed < live)
from taken
group by action
order by action
"""

_PERSONS = f"""{_TAKEN},

persons as (
    select person_id, bool_or(live <> changed) as is_other, bool_or(at_other_time) as is_moved
    from taken
    group by person_id
)

select count(*) filter (is_other), count(*) filter (is_moved and not is_other)
from persons
"""
