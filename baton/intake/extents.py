"""How far a landed file is complete, and what of it is still to be read."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from baton.intake.content import START, Mark, advance, holds, occurrences
from baton.intake.landing import Landed

_BLOCK = 1 << 16


class UnreadableError(Exception):
    """The file cannot be read now; the message says why, for `raw.deliveries.reason`."""


@dataclass(frozen=True)
class Resume:
    """Where the last reading of a path stopped, and the file's size then.

    `is_unchanged` says that the file is as it was listed then: the limit cut it.
    """

    mark: Mark
    size: int
    is_unchanged: bool


@dataclass(frozen=True)
class Extent:
    """The part of a file that is complete and not read yet: from `start` to `end`.

    `rows` counts its records, at most. `whole` is the mark at `end` where the file was read from
    its beginning. `tail` says what waits behind `end`, if anything.
    """

    start: Mark
    end: int
    rows: int
    whole: Mark | None = None
    tail: str | None = None


def measure(landed: Landed, resume: Resume | None, enough: int | None = None) -> Extent:
    """Return what is to be read of the file.

    It goes on from `resume` if the file has grown since and holds what was read of it, else it
    begins anew. Where it goes on, counting `rows` stops behind `enough`. Raises `UnreadableError`
    when the file cannot be read now.
    """
    try:
        if landed.format == "parquet":
            return _parquet(landed)
        return _text(landed, resume, enough)
    except pa.ArrowException as error:
        first_line = str(error).splitlines()[0]
        raise UnreadableError(f"not a complete Parquet file: {first_line}") from error
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from error


def _parquet(landed: Landed) -> Extent:
    rows = pq.read_metadata(landed.file).num_rows
    mark = advance(landed.file, START, landed.size)
    return Extent(START, landed.size, rows, whole=replace(mark, at_line=rows))


def _text(landed: Landed, resume: Resume | None, enough: int | None) -> Extent:
    file, size = landed.file, landed.size
    start = _where_to_go_on(landed, resume)
    end = _after_last_newline(file, size)
    if landed.format == "csv" and end < size:
        end = _before_open_record(file, start.at_byte, end)
    tail = None if end == size else f"{size - end} bytes at its end are no complete record yet"
    if end == 0 and size > 0:
        raise UnreadableError(f"no complete record: {tail}")
    if start.at_byte:
        rows = occurrences(file, start.at_byte, end, b"\n", enough=enough)
        return Extent(start, end, rows, tail=tail)
    whole = advance(file, START, end)
    header = int(landed.format == "csv")
    return Extent(START, end, max(whole.at_line - header, 0), whole, tail)


def _where_to_go_on(landed: Landed, resume: Resume | None) -> Mark:
    if resume is None:
        return START
    if resume.is_unchanged or (resume.size < landed.size and holds(landed.file, resume.mark)):
        return resume.mark
    return START


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


def _before_open_record(file: Path, start: int, end: int) -> int:
    """Return where the CSV record begins whose quoted field is still open at `end`, else `end`.

    A sentinel line is appended: it comes back as a record of its own only if none is open.
    """
    if occurrences(file, start, end, b'"', enough=None) % 2 == 0:
        return end
    with file.open("rb") as handle:
        handle.seek(start)
        text = handle.read(end - start).decode("latin-1")
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    reader = csv.reader([*lines, "sentinel\n"])
    first = behind = 0
    try:
        for record in reader:
            first, behind = behind, reader.line_num
            if record == ["sentinel"] and first == len(lines):
                return end
    except csv.Error:
        return end
    return start + sum(len(line) for line in lines[:first])
