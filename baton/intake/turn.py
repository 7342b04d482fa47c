"""One window in the making: file by file, feed by feed, and what is to be said of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import duckdb

from baton.ids import make_id
from baton.intake import faults
from baton.intake.budget import Budget
from baton.intake.content import Mark, advance
from baton.intake.cursors import UnreadableTableError
from baton.intake.extents import Extent, UnreadableError
from baton.intake.feeds import Feed, path_of, require_sound
from baton.intake.judge import Arrived, Duplicate, SeenAgain, Take, Wait, judge
from baton.intake.landing import Landed
from baton.intake.ledger import (
    Entry,
    Known,
    last_of_feed,
    record,
    records_of,
    restat,
    supersede_held,
)
from baton.intake.loader import Loader, Taken
from baton.intake.readers import read, read_feed
from baton.intake.source import Source
from baton.intake.store import Counts
from baton.intake.tables import News, news_of
from baton.intake.watermark import earliest_unread
from baton.tombstones import Tombstones


class Turn:
    """Loads what it is given, in that order, and keeps an entry for `raw.deliveries` of each."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        *,
        window_id: int,
        batch_time: datetime,
        from_seq: int,
        limit: int | None,
        tombstones: Tombstones | None = None,
    ) -> None:
        self.window_id = window_id
        self.batch_time = batch_time
        self._con = con
        self._loader = Loader(
            con,
            window_id=window_id,
            batch_time=batch_time,
            seq=from_seq,
            tombstones=tombstones,
        )
        self._entries: list[Entry] = []
        self._arrived = Arrived()
        self._limit = limit
        self._shared = Budget(limit)
        self._own: dict[str, Budget] = {}
        self._left_out: list[datetime | None] = []

    @property
    def to_seq(self) -> int:
        """The last number given out; final after `close`."""
        return self._loader.seq

    @property
    def unread_from(self) -> list[datetime]:
        """The earliest `occurred_at` of each file that the limit left out or cut."""
        found = [*self._left_out, *(one.unread_from for one in self._entries)]
        return [one for one in found if one is not None]

    def take_file(self, landed: Landed, known: Known | None) -> None:
        """Judge the file and load what the limit allows of it."""
        budget = self._budget(landed.source)
        if known is not None and known.is_unread_known and budget.is_spent:
            self._left_out.append(known.unread_from)
            return
        entry = self._entry(landed)
        match judge(self._con, landed, known, self._arrived, budget.left):
            case SeenAgain(delivery, tail):
                restat(self._con, landed, delivery, tail)
                return
            case Wait(state, reason):
                entry = replace(entry, state=state, reason=reason)
            case Duplicate(of, rows, mark, tail):
                same = Counts(rows_read=rows or 0, rows_duplicate=rows or 0)
                entry = replace(entry, state="duplicate", duplicate_of=of, counts=same)
                entry = _up_to(entry, mark, tail)
            case Take(source, extent, continues):
                entry = replace(entry, delivery=continues or entry.delivery)
                entry = self._take(_File(source, landed, known, extent), entry)
        self._entries.append(entry)

    def take_feed(self, feed: Feed, source: Source) -> None:
        """Load the rows behind the last one that was loaded. Raises `UsageError` for a misfit."""
        rows = feed.read(last_of_feed(self._con, feed.relation))
        if not rows:
            return
        chunk = read_feed(rows, source.key[0])
        entry = self._entry_of(path_of(feed.relation), source)
        self._loader.take(source, entry.delivery, self.batch_time, iter([chunk]))
        self._loader.flush()
        require_sound(self._con, source, entry.delivery, self.window_id)
        self._entries.append(replace(entry, to_line=chunk.to_line))

    def take_table(self, source: Source) -> None:
        """Load what the limit allows of the rows that the source's table has gained."""
        reading = source.reading
        entry = self._entry_of(f"table:{reading.table if reading else ''}", source)
        try:
            with news_of(self._con, source, self._budget(source).left) as news:
                if news.count == 0:
                    return
                entry = self._take_news(source, news, entry)
        except UnreadableTableError as error:
            if not error.state:
                return
            entry = replace(entry, state=error.state, reason=error.reason)
        except UnreadableError as error:
            entry = replace(entry, state="waiting", reason=str(error))
        self._entries.append(entry)

    def _take_news(self, source: Source, news: News, entry: Entry) -> Entry:
        allowed = self._budget(source).allow(news.count, is_divisible=True)
        if allowed == 0:
            return replace(entry, state="unfinished", unread_from=news.unread_from(0))
        most = news.count if allowed is None else allowed
        unread_from = news.unread_from(most) if most < news.count else None
        self._loader.take(source, entry.delivery, self.batch_time, news.chunks(most))
        news.remember(self._con, most, window_id=self.window_id, batch_time=self.batch_time)
        entry = replace(entry, to_line=most)
        if most == news.count:
            return entry
        return replace(entry, state="partial", unread_from=unread_from)

    def _budget(self, source: Source | None) -> Budget:
        """What may say no has a limit of its own: it waits behind no backlog of something else."""
        if source is None or not source.says_no:
            return self._shared
        return self._own.setdefault(source.label, Budget(self._limit))

    def heed_returns(self, sources: Sequence[Source]) -> None:
        """Judge what comes next by what has come in so far of erased persons who are back."""
        self._loader.heed_returns(sources)

    def close(self) -> None:
        """Store what is still staged and write the entries down."""
        self._loader.close()
        record(self._con, [self._counted(entry) for entry in self._entries])

    def _take(self, file: "_File", entry: Entry) -> Entry:
        is_divisible = file.landed.format == "jsonl" and file.source.mode != "snapshot"
        budget = self._budget(file.source)
        allowed = budget.allow(file.extent.rows, is_divisible=is_divisible)
        if allowed == 0:
            return replace(entry, state="unfinished", unread_from=self._unread(file, file.extent))
        chunks = read(file.landed, file.extent, allowed)
        received_at = _modified_at(file.landed)
        try:
            taken = self._loader.take(file.source, entry.delivery, received_at, chunks)
        except UnreadableError as error:
            return replace(entry, state="waiting", reason=str(error))
        if taken.objection is not None:
            return replace(entry, state="held", reason=taken.objection)
        return self._taken(file, entry, taken)

    def _taken(self, file: "_File", entry: Entry, taken: Taken) -> Entry:
        extent = file.extent
        is_cut = taken.to_byte < extent.end
        mark = None if is_cut else extent.whole
        mark = mark or advance(file.landed.file, extent.start, taken.to_byte)
        entry = replace(_up_to(entry, mark, extent.tail), from_byte=extent.start.at_byte)
        if is_cut:
            unread_from = self._unread(file, replace(extent, start=mark))
            entry = replace(entry, state="partial", unread_from=unread_from)
        if taken.defect is not None:
            reason = faults.describe(taken.defect, file.source)
            return replace(entry, state="refused", reason=reason)
        self._arrived.add(file.source, entry.delivery, mark.content_hash)
        if file.source.mode == "snapshot":
            self._supersede_held(file.source)
        return entry

    def _unread(self, file: "_File", rest: Extent) -> datetime | None:
        if file.known is not None and file.known.is_unread_known:
            return file.known.unread_from
        return earliest_unread(self._con, file.source, file.landed, rest)

    def _supersede_held(self, source: Source) -> None:
        supersede_held(self._con, source.label)
        self._entries = [
            replace(one, state="superseded")
            if one.source == source.label and one.state == "held"
            else one
            for one in self._entries
        ]

    def _entry(self, landed: Landed) -> Entry:
        return replace(
            self._entry_of(landed.path, landed.source),
            size_bytes=landed.size,
            modified_ns=landed.modified_ns,
        )

    def _entry_of(self, path: str, source: Source | None) -> Entry:
        return Entry(
            delivery=make_id("delivery", path, self.window_id),
            window_id=self.window_id,
            source=source.label if source else None,
            path=path,
            state="loaded",
            loaded_at=self.batch_time,
            declaration=source.declaration if source else "",
        )

    def _counted(self, entry: Entry) -> Entry:
        if entry.state in {"loaded", "partial", "refused"}:
            return replace(entry, counts=self._loader.counts[entry.delivery])
        of = entry.duplicate_of
        if of is not None and of in self._loader.counts:
            rows = records_of(self._con, of) + self._loader.counts[of].rows_read
            return replace(entry, counts=Counts(rows_read=rows, rows_duplicate=rows))
        return entry


@dataclass(frozen=True)
class _File:
    """A file to read: what takes it, what is known of it, and how far it is complete."""

    source: Source
    landed: Landed
    known: Known | None
    extent: Extent


def _up_to(entry: Entry, mark: Mark, tail: str | None) -> Entry:
    return replace(
        entry,
        reason=tail,
        content_hash=mark.content_hash,
        content_chain=mark.chain,
        to_byte=mark.at_byte,
        to_line=mark.at_line,
    )


def _modified_at(landed: Landed) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=landed.modified_ns // 1000)
