"""Who looked whether something is still right, and when: append-only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from baton.errors import UsageError
from baton.journal.schema import reviews
from baton.journal.store import Store

Kind = Literal["journey", "policy", "field", "destination"]


@dataclass(frozen=True)
class Review:
    """One review; `reviewed_at` is naive UTC."""

    seq: int
    kind: Kind
    name: str
    reviewed_by: str
    note: str | None
    reviewed_at: datetime


class ReviewLedger:
    """Reviews in one journal. Each method is one transaction."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def record(self, kind: Kind, name: str, *, by: str, note: str | None = None) -> Review:
        """Append a review, which the next batch takes in. Raises UsageError without a name."""
        if not by.strip():
            mend = "say who looked; it stays on record"
            raise UsageError("a review without a name", where=f"{kind} {name}", mend=mend)
        facts = {"kind": kind, "name": name, "reviewed_by": by, "note": note or None}
        entry = reviews.insert().values(**facts, reviewed_at=self._now())
        with self._store.write() as connection:
            return Review(*connection.execute(entry.returning(*reviews.c)).one())

    def all(self) -> list[Review]:
        """The whole log, oldest first."""
        with self._store.read() as connection:
            rows = connection.execute(select(reviews).order_by(reviews.c.seq)).all()
        return [Review(*row) for row in rows]
