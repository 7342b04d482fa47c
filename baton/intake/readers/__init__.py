"""Readers: a file or feed as chunks of rows, with where each row stood and what it said."""

from collections.abc import Iterator

from baton.intake.extents import Extent
from baton.intake.landing import Landed
from baton.intake.readers.chunk import Chunk
from baton.intake.readers.csv_rows import read_csv
from baton.intake.readers.feed import read_feed
from baton.intake.readers.jsonl import read_jsonl
from baton.intake.readers.parquet import read_parquet

__all__ = ["Chunk", "read", "read_feed"]


def read(landed: Landed, extent: Extent, max_lines: int | None = None) -> Iterator[Chunk]:
    """Yield the rows of the file's complete part from where the last reading stopped.

    `max_lines` bounds JSON lines only; other formats are read whole.
    """
    if landed.format == "jsonl":
        return read_jsonl(landed.file, extent, max_lines)
    if landed.format == "csv":
        return read_csv(landed.file, extent)
    return read_parquet(landed.file)
