"""From chunks to `raw.*`: stage, settle, number, store; deliveries in arrival order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
import pyarrow as pa

from baton.intake.erased import mark_erased, returns
from baton.intake.extents import UnreadableError
from baton.intake.history import CURRENT, HISTORY
from baton.intake.readers import Chunk
from baton.intake.settle import COMPARED, settle
from baton.intake.shape import defect
from baton.intake.snapshot import VANISHED, delete_vanished, find_vanished, objection
from baton.intake.source import Source
from baton.intake.spelling import note_left_out, spell_staged
from baton.intake.stage import STAGE, Arrival, open_stage, put, take_back
from baton.intake.store import Counts, count, load, quarantine
from baton.tombstones import Tombstones

_MOST_STAGED = 250_000


@dataclass(frozen=True)
class Taken:
    """How far a delivery was read, what is wrong with it as a whole, and why it is held."""

    to_byte: int
    to_line: int
    defect: str | None = None
    objection: str | None = None


class Loader:
    """Takes the deliveries of one window; `seq` is the last number given out.

    Deliveries of one source that follow each other share a stage, so their keys are looked up in
    the raw table together. `close` ends the last one; `counts` are complete only then.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        *,
        window_id: int,
        batch_time: datetime,
        seq: int,
        tombstones: Tombstones | None = None,
    ) -> None:
        self.seq = seq
        self.counts: dict[str, Counts] = {}
        self._from_seq = seq
        self._con = con
        self._window_id = window_id
        self._batch_time = batch_time
        self._tombstones = tombstones
        self._source: Source | None = None
        self._staged = 0
        self._deliveries = 0
        self._flushes = 0

    def take(
        self, source: Source, delivery: str, received_at: datetime, chunks: Iterator[Chunk]
    ) -> Taken:
        """Read a delivery. Raises `UnreadableError`, with nothing of it loaded, if it is broken."""
        if source.mode == "snapshot" or source != self._source:
            self.flush()
        self._deliveries += 1
        arrival = Arrival(delivery, self._deliveries, received_at, self._batch_time)
        self.counts.setdefault(delivery, Counts())
        flushes = self._flushes
        self._open(source)
        try:
            taken = self._stage(source, arrival, chunks)
        except (pa.ArrowException, OSError) as error:
            if self._flushes != flushes:
                raise
            take_back(self._con, delivery)
            reason = str(error).splitlines()[0]
            raise UnreadableError(f"damaged: {reason}") from error
        if source.mode != "snapshot":
            return taken
        return self._release_snapshot(source, arrival, taken)

    def flush(self) -> None:
        """Settle and store what is staged."""
        if self._source is None:
            return
        self._settle(self._source)
        self._store(self._source)

    def heed_returns(self, sources: Sequence[Source]) -> None:
        """Judge what comes next by what these sources have brought of erased persons so far."""
        if self._tombstones is None:
            return
        self.flush()
        returned = returns(
            self._con, sources, self._tombstones, after_seq=self._from_seq, to_seq=self.seq
        )
        self._tombstones = self._tombstones.with_returns(returned)

    def close(self) -> None:
        """Settle and store what is staged, and clear away the temporary tables."""
        self.flush()
        for table in (STAGE, HISTORY, CURRENT, COMPARED, VANISHED):
            self._con.execute(f"drop table if exists temp.{table}")

    def _stage(self, source: Source, arrival: Arrival, chunks: Iterator[Chunk]) -> Taken:
        taken = Taken(0, 0)
        for chunk in chunks:
            self._open(source)
            self._staged += put(self._con, source, chunk, arrival)
            whole = taken.defect or defect(chunk.fields, source)
            taken = Taken(chunk.to_byte, chunk.to_line, whole)
            if self._may_flush_behind(chunk, source):
                self.flush()
        return taken

    def _open(self, source: Source) -> None:
        if self._source is None:
            open_stage(self._con, source)
            self._source = source

    def _may_flush_behind(self, chunk: Chunk, source: Source) -> bool:
        is_large = self._staged >= _MOST_STAGED
        return is_large and chunk.is_sure and source.mode != "snapshot"

    def _release_snapshot(self, source: Source, arrival: Arrival, taken: Taken) -> Taken:
        self._settle(source, is_sound=taken.defect is None)
        if taken.defect is not None:
            self._store(source)
            return taken
        vanished = find_vanished(self._con, source)
        held = objection(self._con, source, vanished)
        if held is not None:
            self._close()
            return replace(taken, objection=held)
        self._store(source)
        delete_vanished(
            self._con,
            source,
            delivery=arrival.delivery,
            after_seq=self.seq,
            batch_time=self._batch_time,
        )
        self.seq += vanished
        self.counts[arrival.delivery] += Counts(rows_deleted=vanished)
        return taken

    def _settle(self, source: Source, *, is_sound: bool = True) -> None:
        spell_staged(self._con, source)
        if self._tombstones is not None and source.identifiers:
            mark_erased(self._con, source, self._tombstones)
        if is_sound:
            settle(self._con, source)

    def _store(self, source: Source) -> None:
        found = count(self._con, source)
        note_left_out(self._con, source)
        load(self._con, source, after_seq=self.seq, batch_time=self._batch_time)
        if any(one.rows_quarantined for one in found.values()):
            quarantine(self._con, source, window_id=self._window_id, batch_time=self._batch_time)
        self.seq += sum(one.rows_loaded for one in found.values())
        for delivery, counts in found.items():
            self.counts[delivery] += counts
        self._close()

    def _close(self) -> None:
        self._source, self._staged = None, 0
        self._flushes += 1
