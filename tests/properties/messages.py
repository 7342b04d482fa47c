"""Promises about messages, judged by what the reference knew when each was decided."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import duckdb
from reference import MessageEvent, Model
from reference.consent import ContactPoint, PermissionKey
from reference.instances import Instance, Step
from reference.standing import Law, law_of, read_bases, standing

from baton.ids import make_id

from .shop import BASES, Shop

_ACTIONS = Path(__file__).parents[2] / "dbt_project" / "seeds" / "policies" / "actions.csv"
_PERSONAL = frozenset({"email", "sms"})
_MAY_BE_SENT = frozenset({"claimed", "accepted", "delivered", "unknown"})


@dataclass(frozen=True)
class Message:
    """One row of the outbox; `contact_node` is the identifier behind its contact point."""

    message_id: str
    step_id: str
    instance_id: str
    journey: str
    correlation_key: str | None
    entry_node_id: str
    action: str
    channel: str
    message_class: str
    brand: str
    window_id: int
    contact_node: str | None


def outbox(con: duckdb.DuckDBPyConnection, shop: Shop) -> list[Message]:
    """Return every message that was ever put out."""
    rows = con.execute(
        f"""select o.message_id, o.step_id, o.instance_id, o.journey, o.correlation_key,
            o.entry_node_id, o.action, o.channel, o.class, o.brand, o.window_id, c.node_id
        from {shop.relation("outbox")} as o
        left join {shop.relation("contact_points")} as c using (contact_point_id)"""
    ).fetchall()
    return [Message(*row) for row in rows]


def answering(con: duckdb.DuckDBPyConnection, shop: Shop) -> dict[str, int]:
    """Return the messages that answered for a later candidate, with the window they did it in."""
    rows = con.execute(
        f"""select answered_by_message_id, min(window_id) from {shop.relation("decisions")}
        where reason = 'already_done' group by all"""
    )
    return dict(rows.fetchall())


class Known:
    """What was known at the batch of one window."""

    def __init__(self, model: Model, window: int, at: datetime) -> None:
        self.at = at
        self.model = model.as_of_window(window, at)

    @cached_property
    def step_of(self) -> dict[str, tuple[Instance, Step]]:
        """The steps that stand, with their instance."""
        return {
            step.step_id: (instance, step)
            for instance in self.model.instances
            for step in instance.steps
        }

    def allows(self, key: PermissionKey) -> bool:
        """Tell whether consent or another basis allows it."""
        person = self.model.people.person_of[key[0].node_id]
        return standing(self.model.permissions, key, person, self._law, self.at).is_granted

    @cached_property
    def _law(self) -> Law:
        return law_of(self.model.records, self.model.people, read_bases(BASES))

    @cached_property
    def suppressed(self) -> set[str]:
        """Contact points and persons that must not be contacted."""
        stopped = {
            subject
            for (subject, _), one in self.model.suppressions.items()
            if one.since <= self.at < one.until
        }
        people = self.model.people.person_of
        return stopped | {people[subject] for subject in stopped if subject in people}

    @cached_property
    def fate_of(self) -> dict[str, str]:
        """The latest state of each message that the warehouse had heard of."""
        events = [one for one in self.model.records if isinstance(one, MessageEvent)]
        return {one.message_id: one.state for one in sorted(events, key=lambda one: one.seq)}


def broken_promises(
    messages: Sequence[Message],
    model: Model,
    batch_times: dict[int, datetime],
    answers: dict[str, int],
) -> list[str]:
    """Return a line for each message that should not have been put out."""
    known = {window: Known(model, window, at) for window, at in batch_times.items()}
    lines: list[str] = []
    by_id: dict[str, int] = defaultdict(int)
    for message in messages:
        by_id[message.message_id] += 1
        then = known[message.window_id]
        lines += [f"{reason}: {message}" for reason in _faults(message, then)]
        lines += [
            f"sent already as {earlier.message_id}: {message}"
            for earlier in messages
            if _repeats(message, earlier, then, answers)
        ]
    return lines + [f"put out {count} times: {id_}" for id_, count in by_id.items() if count > 1]


def _faults(message: Message, then: Known) -> Iterator[str]:
    instance, step = then.step_of.get(message.step_id, (None, None))
    if instance is None or step is None:
        yield "no such step"
    elif not instance.is_open:
        yield "its journey has ended"
    elif step.action not in {message.action, "fallback"} and message.action != _fallback_of(step):
        yield "not the action of its step"
    if message.channel in _PERSONAL:
        yield from _refusals(message, then)


def _refusals(message: Message, then: Known) -> Iterator[str]:
    if message.contact_node is None:
        yield "no address"
        return
    point = ContactPoint(message.channel, message.contact_node)
    key = point, message.message_class, message.brand
    said = then.model.permissions.get(key)
    people = then.model.people.person_of
    if not (said and said.is_granted) and not then.allows(key):
        yield f"no consent ({said})"
    if people[message.contact_node] != people[message.entry_node_id]:
        yield "somebody else's address"
    address = make_id("contact_point", message.channel, message.contact_node)
    if {address, people[message.entry_node_id]} & then.suppressed:
        yield "suppressed"


def _repeats(message: Message, earlier: Message, then: Known, answers: dict[str, int]) -> bool:
    """Tell whether `earlier` should have answered for `message`.

    It should when it went to the same person for the same journey, key and action since the
    instance's entry, its own step is told no more, it may have been sent, and it has not answered
    for another candidate.
    """
    people = then.model.people.person_of
    instance = then.step_of.get(message.step_id, (None, None))[0]
    return (
        instance is not None
        and earlier.window_id < message.window_id
        and _subject(earlier, people) == _subject(message, people)
        and earlier.step_id not in then.step_of
        and then.fate_of.get(earlier.message_id) in _MAY_BE_SENT
        and answers.get(earlier.message_id, message.window_id + 1) > message.window_id
    )


def _subject(message: Message, people: Mapping[str, str]) -> tuple[str, str | None, str, str]:
    person = people[message.entry_node_id]
    return message.journey, message.correlation_key, person, message.action


def _fallback_of(step: Step) -> str | None:
    with _ACTIONS.open(encoding="utf-8", newline="") as file:
        fallbacks = {row["action"]: row["fallback"] or None for row in csv.DictReader(file)}
    return fallbacks.get(step.action or "")
