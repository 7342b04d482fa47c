"""The journal's streams as feeds of the intake."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from baton.intake import Feed, last_of_feeds
from baton.journal import Journal

STREAMS = (
    "message_events",
    "switches",
    "activations",
    "statements",
    "sync_outcomes",
    "erasures",
    "identity_overrides",
    "reviews",
)


@dataclass(frozen=True)
class JournalFeed:
    """One append-only stream of the journal, read by cursor into `relation`."""

    journal: Journal
    stream: str

    @property
    def relation(self) -> str:
        """The raw table that receives the stream."""
        return f"raw.journal_{self.stream}"

    def read(self, after: int) -> list[dict[str, object]]:
        """Return the rows with `seq` above `after`, in order."""
        return self.journal.feed(self.stream, after)


def feeds_of(journal: Journal, known: Mapping[str, int] | None = None) -> list[Feed]:
    """Return a feed per stream of the journal; with `known`, per stream that has more than that."""
    streams = STREAMS if known is None else sorted(journal.streams_beyond(known))
    return [JournalFeed(journal, stream) for stream in streams]


def known_of(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The last row of each stream of the journal that is in the warehouse."""
    last = last_of_feeds(con)
    return {one: last.get(f"raw.journal_{one}", 0) for one in STREAMS}
