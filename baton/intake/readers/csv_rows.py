"""CSV as RFC 4180 has it, with a header: whole if it is sound, record by record if it is not."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv

from baton.intake import faults
from baton.intake.arrow import Table
from baton.intake.extents import Extent
from baton.intake.readers.chunk import Chunk, lines_of, numbers

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_QUOTE_ASTRAY = re.compile(rb'[^,\n"]"[^,\r\n"]')


def read_csv(file: Path, extent: Extent) -> Iterator[Chunk]:
    """Yield the complete records as one chunk; an empty field is null."""
    with file.open("rb") as handle:
        fields, line = _header(handle)
        if extent.start.at_byte:
            handle.seek(extent.start.at_byte)
            line = extent.start.at_line
        body = handle.read(extent.end - handle.tell())
    rows = _whole(body, fields, line + 1)
    if rows is None:
        rows = _record_by_record(body, fields, line + 1)
    yield Chunk(rows, fields, extent.end, line + body.count(b"\n"))


def _header(handle: BinaryIO) -> tuple[tuple[str, ...], int]:
    """Return the field names and the lines that the header takes."""
    reader = csv.reader(
        line.removeprefix(_BYTE_ORDER_MARK).decode(errors="replace")
        for line in iter(handle.readline, b"")
    )
    names = next(reader, [])
    return tuple(name.strip() for name in names), reader.line_num


def _whole(body: bytes, fields: Sequence[str], first: int) -> Table | None:
    """Return all records at once; None unless each is one sound line of `len(fields)` fields."""
    count = body.count(b"\n")
    columns = [f"f{number}" for number in range(len(fields))]
    if not count:
        return _table([], len(fields))
    if body.count(b'"') % 2 or _QUOTE_ASTRAY.search(body):
        return None
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(body),
            read_options=pa_csv.ReadOptions(column_names=columns),
            parse_options=pa_csv.ParseOptions(newlines_in_values=b'"' in body),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != count:
        return None
    texts, found = lines_of(body)
    return pa.table(
        {
            "line": numbers(first, count),
            "text": texts,
            "fault": found,
            **{name: table[name] for name in columns},
        }
    )


@dataclass(frozen=True)
class _Record:
    line: int
    text: str
    fault: str | None
    values: Sequence[str | None]


def _record_by_record(body: bytes, fields: Sequence[str], first: int) -> Table:
    texts, found = lines_of(body)
    bad = {number for number, fault in enumerate(found.to_pylist()) if fault}
    records = _records(texts.to_pylist(), bad, len(fields), first)
    return _table(list(records), len(fields))


def _records(lines: list[str], bad: set[int], width: int, first: int) -> Iterator[_Record]:
    """Yield the records; after one that does not fit, reading goes on at the very next line.

    So an open quote costs the line it stands in, not the rest of the file.
    """
    start = 0
    while start < len(lines):
        for values, behind in _parsed(lines, start):
            end = behind
            if values is None or (values and len(values) != width):
                end = start + 1
                yield _Record(first + start, lines[start], faults.BAD_CSV, ())
            elif values:
                encoding = faults.BAD_ENCODING if bad.intersection(range(start, end)) else None
                text = "".join(lines[start:end])
                yield _Record(first + start, text, encoding, [one or None for one in values])
            start = end
            if end != behind:
                break


def _parsed(lines: list[str], start: int) -> Iterator[tuple[list[str] | None, int]]:
    """Yield each record from `start` on with the line behind it; None where it cannot be read."""
    reader = csv.reader((lines[number] for number in range(start, len(lines))), strict=True)
    try:
        for values in reader:
            yield values, start + reader.line_num
    except csv.Error:
        yield None, start + reader.line_num


def _table(records: Sequence[_Record], width: int) -> Table:
    columns = {
        f"f{number}": pa.array(
            [one.values[number] if one.values else None for one in records], pa.string()
        )
        for number in range(width)
    }
    return pa.table(
        {
            "line": pa.array([one.line for one in records], pa.int64()),
            "text": pa.array([one.text for one in records], pa.large_string()),
            "fault": pa.array([one.fault for one in records], pa.string()),
            **columns,
        }
    )
