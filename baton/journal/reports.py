"""What a journal tells of messages and of how sending goes, without personal values."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from baton.journal import health, outbox, reading
from baton.journal.health import Untold
from baton.journal.opened import Opened


class Reports(Opened):
    """The part of a journal that only reads messages. Each method is one transaction."""

    def outbox(
        self,
        *,
        states: Collection[str],
        destination: str | None = None,
        journey: str | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """Messages in these states, oldest first, without personal values."""
        with self._store.read() as connection:
            return outbox.listed(
                connection, states=states, destination=destination, journey=journey, limit=limit
            )

    def backlog(self) -> list[dict[str, Any]]:
        """Per destination: messages by unsent state, those dead, and the oldest that waits."""
        with self._store.read() as connection:
            return outbox.backlog(connection)

    def ended_since(self, at: datetime) -> dict[str, dict[str, int]]:
        """Messages that came to an end since then, per destination and state."""
        with self._store.read() as connection:
            return health.ended_since(connection, at)

    def waits_since(self, at: datetime) -> list[float]:
        """Sorted seconds from hand-over to claim of what was accepted since, 10,000 at most."""
        with self._store.read() as connection:
            return health.waits_since(connection, at)

    def untold(self, suppressions: Iterable[tuple[str, str]]) -> list[Untold]:
        """Opt-outs that tools have not been told; `suppressions` are syncs and destinations."""
        with self._store.read() as connection:
            ways = [health.untold_by_sync(connection, *one) for one in suppressions]
            return [*health.untold_by_messages(connection), *filter(None, ways)]

    def message_counts(self) -> dict[str, int]:
        """Messages per state."""
        with self._store.read() as connection:
            return reading.counts(connection)

    def message_counts_by_action(self) -> list[tuple[str, str, str, int]]:
        """Journey, action, state, and how many messages of them there are."""
        with self._store.read() as connection:
            return reading.counts_by_action(connection)

    def waiting(self) -> dict[str, int]:
        """Messages not yet sent (pending, held or retry), per destination."""
        with self._store.read() as connection:
            return reading.waiting(connection)

    def message(self, message_id: str) -> dict[str, Any] | None:
        """The current row of a message, without personal values."""
        with self._store.read() as connection:
            return reading.message(connection, message_id)

    def attempts(self, message_id: str) -> list[dict[str, Any]]:
        """The requests that carried a message, oldest first, with its verdicts."""
        with self._store.read() as connection:
            return reading.attempts_of(connection, message_id)

    def message_events(self, message_id: str) -> list[dict[str, Any]]:
        """The states that a message has come through, oldest first, with reason and time."""
        with self._store.read() as connection:
            return reading.events_of(connection, message_id)

    def messages_of(self, node_ids: Collection[str]) -> list[dict[str, Any]]:
        """The messages of these nodes, oldest first, without personal values."""
        with self._store.read() as connection:
            return reading.messages_of(connection, node_ids)

    def sent_before_optout(self) -> list[dict[str, Any]]:
        """Messages that may have gone while an opt-out came, with the times of both."""
        with self._store.read() as connection:
            return reading.sent_before_optout(connection)
