"""What happened, in the order in which it happened."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from baton.explain import say
from baton.explain.page import decision
from baton.explain.page.masks import Mask
from baton.explain.page.parts import Day, Entry, Section, when
from baton.words import message_state, reason

Row = dict[str, Any]

_ORDER = ("heard", "step", "decided", "message")
_LEAD = "Times are UTC. What was decided unfolds to its checks."


def timeline(story: Row, mask: Mask) -> Section:
    """Return events, steps, decisions and the states of messages, by day."""
    entries = sorted(
        [*_heard(story), *_steps(story), *_decided(story), *_messages(story, mask)],
        key=lambda one: (one.at, _ORDER.index(one.kind)),
    )
    days = [
        Day(f"{day:%A, %-d %B %Y}", day.isoformat(), list(those))
        for day, those in groupby(entries, key=lambda one: one.at.date())
    ]
    lead = _LEAD if days else "Nothing was heard of them, and nothing decided."
    return Section("timeline", "What happened", lead, days=days)


def _heard(story: Row) -> Iterator[Entry]:
    for one in story["heard"]:
        notes = [f"by {one['node_type'].replace('_', ' ')}"]
        if one["loaded_at"] > one["occurred_at"]:
            notes.append(f"known since {when(one['loaded_at'])}")
        yield Entry(one["occurred_at"], "heard", _keyed(one["signal"], one), [", ".join(notes)])


def _steps(story: Row) -> Iterator[Entry]:
    for instance in story["instances"]:
        for one in instance["steps"]:
            title = f"{say.name_of(one)}: {one['step']}"
            yield Entry(one["reached_at"], "step", title, [say.arrival(one)])


def _decided(story: Row) -> Iterator[Entry]:
    for one in story["decisions"]:
        more = decision.unfolding(one)
        yield Entry(one["decided_at"], "decided", more.title, more=more)


def _messages(story: Row, mask: Mask) -> Iterator[Entry]:
    for one in story["messages"]:
        for event in one["events"]:
            said = message_state(event["state"], one["outcome"])
            title = f"{one['action']} by {one['channel']}: {said}"
            notes = [mask.text(reason(event["reason"]))] if event["reason"] else []
            yield Entry(event["occurred_at"], "message", title, notes)


def _keyed(name: str, row: Row) -> str:
    return f"{name} {row['correlation_key']}" if row["correlation_key"] else name
