"""Slots and caps of one person: rules 14, 16 and 17."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .candidates import Candidate
from .local_periods import beginning, first_day, local_date, next_first_day
from .messages import Message
from .policies import DEFAULT_LENGTH, Cap, Policies


@dataclass
class Slot:
    """The time in which one message of a group, or on a channel, may speak."""

    scope: str
    name: str
    length: timedelta
    now: datetime
    held_until: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """When the slot ends for the messages and winners that hold it, by id."""

    @property
    def is_full(self) -> bool:
        return bool(self.held_until)

    @property
    def ends_at(self) -> datetime:
        return max(self.held_until.values())

    def concerns(self, candidate: Candidate) -> bool:
        action = candidate.action
        return self.name == (action.group if self.scope == "group" else action.channel)

    def count(self, message: Message) -> None:
        """Let a message hold the slot if it does."""
        sent_at = message.sent_at
        if message.is_in_flight(self.now):
            self.held_until[message.message_id] = self.now + self.length
        elif sent_at and self.now < sent_at + self.length:
            self.held_until[message.message_id] = sent_at + self.length

    def take(self, candidate: Candidate) -> None:
        """Let a winner hold the slot."""
        self.held_until[candidate.candidate_id] = self.now + self.length


@dataclass
class CapRoom:
    """What is left of a cap."""

    cap: Cap
    zone: str
    now: datetime
    used: int = 0
    sent_at: list[datetime] = field(default_factory=list[datetime])

    @property
    def is_full(self) -> bool:
        return self.used >= self.cap.most

    @property
    def again_at(self) -> datetime:
        """When there may be room again."""
        period = self.cap.period
        if isinstance(period, timedelta):
            return min(self.sent_at, default=self.now) + period
        today = local_date(self.now, self.zone)
        return beginning(next_first_day(today, period), self.zone)

    def concerns(self, candidate: Candidate) -> bool:
        cap, action = self.cap, candidate.action
        wanted = (cap.channel, cap.class_, cap.journey, cap.brand)
        its = (action.channel, action.class_, candidate.journey, candidate.brand)
        return all(one in (None, other) for one, other in zip(wanted, its, strict=True))

    def count(self, message: Message) -> None:
        """Use up what a message takes."""
        sent_at = message.sent_at
        if message.is_in_flight(self.now):
            self.used += 1
        elif sent_at and self._lies_in_period(sent_at):
            self.used += 1
            self.sent_at.append(sent_at)

    def take(self, _: Candidate) -> None:
        """Use up what a winner takes."""
        self.used += 1

    def _lies_in_period(self, at: datetime) -> bool:
        period = self.cap.period
        if isinstance(period, timedelta):
            return at > self.now - period
        return at >= beginning(first_day(local_date(self.now, self.zone), period), self.zone)


class Resources:
    """What one person has room for before the walk, given the messages that are no contestants."""

    def __init__(
        self, policies: Policies, zone: str, now: datetime, messages: Iterable[Message]
    ) -> None:
        counted = [one for one in messages if not one.candidate.action.is_transactional]
        groups = {action.group for action in policies.actions.values() if action.group}
        lengths = {("group", group): DEFAULT_LENGTH for group in groups} | dict(policies.slots)
        self._slots = [Slot(*scope, length, now) for scope, length in lengths.items()]
        self._caps = [CapRoom(cap, zone, now) for cap in policies.caps]
        for one in (*self._slots, *self._caps):
            for message in counted:
                if one.concerns(message.candidate):
                    one.count(message)

    def slots_of(self, candidate: Candidate) -> Sequence[Slot]:
        """Return the slots that a candidate uses."""
        return [one for one in self._slots if one.concerns(candidate)]

    def caps_of(self, candidate: Candidate) -> Sequence[CapRoom]:
        """Return the caps that a candidate counts for, by name."""
        mine = (one for one in self._caps if one.concerns(candidate))
        return sorted(mine, key=lambda one: one.cap.name)

    def all_of(self, candidate: Candidate) -> Iterator[Slot | CapRoom]:
        """Yield everything that a candidate uses."""
        yield from self.slots_of(candidate)
        yield from self.caps_of(candidate)
