"""How far a landed file is complete, and what is in it: its end, its hash, its rows."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from baton.intake.landing import Landed

_BLOCK = 1 << 23
_DIGEST_BYTES = 16


class UnreadableError(Exception):
    """The file cannot be read now; the message says why, for `raw.deliveries.reason`."""


@dataclass(frozen=True)
class Resume:
    """Where the last reading of a path stopped, and what it had read up to there."""

    at_byte: int
    at_line: int
    content_hash: str


@dataclass(frozen=True)
class Extent:
    """The complete part of a file. `rows` counts records from `from_byte` on, at most.

    `from_byte` and `from_line` say where to go on: 0 unless the file grew and what had been read
    of it is unchanged. `tail` says what waits behind `end`, if anything.
    """

    from_byte: int
    from_line: int
    end: int
    end_line: int
    rows: int
    content_hash: str
    tail: str | None = None


def measure(landed: Landed, resume: Resume | None) -> Extent:
    """Return the complete part of the file. Raises `UnreadableError` when there is none."""
    try:
        if landed.format == "parquet":
            return _parquet(landed.file)
        return _text(landed, resume)
    except pa.ArrowException as error:
        first_line = str(error).splitlines()[0]
        raise UnreadableError(f"not a complete Parquet file: {first_line}") from error
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from error


def prefix_hash(file: Path, end: int) -> str:
    """Return the hash of the first `end` bytes."""
    return _marks(file, [end])[0].content_hash


def _parquet(file: Path) -> Extent:
    rows = pq.read_metadata(file).num_rows
    size = file.stat().st_size
    return Extent(0, 0, size, rows, rows, prefix_hash(file, size))


def _text(landed: Landed, resume: Resume | None) -> Extent:
    size = landed.size
    end = _after_last_newline(landed.file, size)
    tail = None if end == size else f"{size - end} bytes after the last newline are not read yet"
    if resume is not None and resume.at_byte > end:
        resume = None
    stops = [resume.at_byte if resume else 0, end]
    start, whole = _marks(landed.file, stops)
    if landed.format == "csv" and end < size and whole.quotes % 2:
        end = _start_of_open_record(landed.file, end)
        tail = f"{size - end} bytes wait for the end of a quoted field"
        start, whole = _marks(landed.file, [min(stops[0], end), end])
    if end == 0 and size > 0:
        raise UnreadableError("no complete line yet: " + (tail or ""))
    if resume is None or start.content_hash != resume.content_hash:
        header = int(landed.format == "csv")
        rows = max(whole.lines - header, 0)
        return Extent(0, 0, end, whole.lines, rows, whole.content_hash, tail)
    rows = whole.lines - start.lines
    return Extent(resume.at_byte, resume.at_line, end, whole.lines, rows, whole.content_hash, tail)


@dataclass(frozen=True)
class _Mark:
    content_hash: str
    lines: int
    quotes: int


def _marks(file: Path, stops: Sequence[int]) -> list[_Mark]:
    """Return hash, newlines and quotes of the file up to each of the ascending `stops`."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    marks: list[_Mark] = []
    lines = quotes = position = 0
    with file.open("rb") as handle:
        for stop in stops:
            for block in _blocks(handle, stop - position):
                digest.update(block)
                lines += block.count(b"\n")
                quotes += block.count(b'"') if file.suffix.lower() == ".csv" else 0
            position = stop
            marks.append(_Mark(digest.hexdigest(), lines, quotes))
    return marks


def _blocks(handle: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (block := handle.read(min(_BLOCK, length))):
        length -= len(block)
        yield block


def _after_last_newline(file: Path, size: int) -> int:
    """Return the number of bytes up to and with the last newline, 0 if there is none."""
    with file.open("rb") as handle:
        position = size
        while position > 0:
            start = max(position - _BLOCK, 0)
            handle.seek(start)
            found = handle.read(position - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            position = start
    return 0


def _start_of_open_record(file: Path, end: int) -> int:
    """Return where the CSV record begins whose quoted field is still open at `end`, else `end`.

    A sentinel line is appended: it comes back as a record of its own only if none is open.
    """
    with file.open("rb") as handle:
        text = handle.read(end).decode("latin-1")
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    reader = csv.reader([*lines, "sentinel\n"])
    start = consumed = 0
    try:
        for record in reader:
            start, consumed = consumed, reader.line_num
            if record == ["sentinel"] and start == len(lines):
                return end
    except csv.Error:
        return end
    return sum(len(line) for line in lines[:start])
