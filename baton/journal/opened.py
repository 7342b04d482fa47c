"""One journal, opened: its database, its clock and its key."""

from datetime import datetime, timedelta

from baton.journal import clock
from baton.journal.hashing import AddressHasher, open_hasher
from baton.journal.store import Store


class Opened:
    """What every method of a journal goes by. All times are naive UTC."""

    def __init__(self, store: Store, hash_key: str | None, grace: timedelta) -> None:
        self._store = store
        self._grace = grace
        self._hash_key = hash_key
        self._hasher: AddressHasher | None = None

    def now(self) -> datetime:
        """The simulated time if one is set, else the wall clock."""
        return self.simulated_time() or clock.wall_clock()

    def simulated_time(self) -> datetime | None:
        """The simulated time, null when the wall clock counts."""
        with self._store.read() as connection:
            return clock.simulated_time(connection)

    def set_simulated_time(self, at: datetime) -> None:
        """Set the clock all processes see. Raises UsageError when it would go back."""
        with self._store.write() as connection:
            clock.set_simulated_time(connection, at)

    def keyed_hash(self, content: bytes) -> str:
        """A hash of content that nobody without the journal's key can test guesses against."""
        return self._hashing().text(content)

    def _hashing(self) -> AddressHasher:
        if self._hasher is None:
            with self._store.write() as connection:
                hasher = open_hasher(connection, self._hash_key)
            self._hasher = hasher
        return self._hasher
