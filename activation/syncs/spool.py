"""Rows that wait to be sent: compressed in memory, a few bytes each, nothing of them on disk."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


class Spool:
    """Record batches of one schema, written once and read in order as often as needed."""

    def __init__(self) -> None:
        self._parts: list[pa.Buffer] = []
        self._schema: Any = None
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        if not batch.num_rows:
            return
        self._schema = batch.schema
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
            writer.write_batch(batch)
        self._parts.append(sink.getvalue())
        self.rows += batch.num_rows

    def slices(self, size: int) -> Iterator[pa.RecordBatch]:
        """The rows in order, `size` at a time; the last slice may be smaller."""
        waiting: list[pa.RecordBatch] = []
        count = 0
        for batch in self._batches():
            start = 0
            while start < batch.num_rows:
                piece = batch.slice(start, size - count)
                waiting.append(piece)
                start += piece.num_rows
                count += piece.num_rows
                if count == size:
                    yield _joined(waiting)
                    waiting, count = [], 0
        if waiting:
            yield _joined(waiting)

    def table(self) -> pa.Table | None:
        """All rows at once, null when there is none."""
        return pa.Table.from_batches(list(self._batches())) if self._parts else None

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for part in self._parts:
            with pa.ipc.open_stream(part) as reader:
                yield from reader


def _joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
