"""The journal's streams as feeds of the intake."""

from dataclasses import dataclass

from baton.intake import Feed
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


def feeds_of(journal: Journal) -> list[Feed]:
    """Return a feed per stream of the journal."""
    return [JournalFeed(journal, stream) for stream in STREAMS]
