"""Records of erased people in the files that brought them: overwritten where they stand.

A growing file may be appended to meanwhile, so lines keep their places; only Parquet files are
written anew. A file in whose place another one came meanwhile is left, and tried again.

What the ledger of deliveries knows of a file is changed first: after a crash it is
still the file that was read, and the same records are found and overwritten again.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from baton.erasing.missed import leave, missed
from baton.intake import Source
from baton.intake.content import START, Blanks, Mark, advance
from baton.intake.erased import mark_erased
from baton.intake.extents import Extent, UnreadableError
from baton.intake.landing import Landed, listed
from baton.intake.ledger import DELIVERIES
from baton.intake.readers import read
from baton.intake.spelling import spell_staged
from baton.intake.stage import STAGE, Arrival, open_stage, put
from baton.tombstones import Tombstones
from baton.warehouse import transaction

_FILL = {"jsonl": b" ", "csv": b"\n"}
_MAY_SAY_MORE = "rows_erased > 0 or state in ('duplicate', 'held', 'superseded')"
_TO_BLANK = f"is_blanked is null or not is_blanked and ({_MAY_SAY_MORE})"
_FOR_NOBODY = Arrival("", 0, datetime(1970, 1, 1), datetime(9000, 1, 1))


def blank_landed(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    sources: Sequence[Source],
    tombstones: Tombstones,
    *,
    everywhere: bool,
) -> int:
    """Overwrite what the tombstones bar, in all files that were read or (not `everywhere`) in
    those that may have brought erased records anew; return how many records that were.

    What was not read yet is left to intake, which counts it; a file that is gone says nothing.
    One that cannot be read or written is left (`left_to_blank`), and so are all if the folder has
    none of those that were read; not `everywhere` tries them again: for that, pass all tombstones
    there are. `sources` are also those that are switched off. Opens transactions of its own.
    """
    wanted = None if everywhere else _to_blank(con)
    if wanted is not None and not wanted:
        return 0
    lying = listed(landing, sources) if landing.is_dir() else []
    if elsewhere := missed(con, sources, {one.path for one in lying}):
        if everywhere:
            leave(con, elsewhere)
        return 0
    there = [one for one in lying if one.source and one.source.identifiers]
    found, left = 0, list[str]()
    for landed in there:
        if wanted is not None and landed.path not in wanted:
            continue
        try:
            if end := _read_up_to(con, landed):
                found += _blank(con, landed, end, tombstones)
        except FileNotFoundError:
            continue
        except (OSError, pa.ArrowException, UnreadableError):
            left.append(landed.path)
    con.execute(f"drop table if exists temp.{STAGE}")
    with transaction(con):
        if not everywhere:
            con.execute(f"update raw.deliveries set is_blanked = true where {_TO_BLANK}")
        leave(con, left)
    return found


def _to_blank(con: duckdb.DuckDBPyConnection) -> set[str]:
    rows = con.execute(f"select distinct path from raw.deliveries where {_TO_BLANK}").fetchall()
    return {row[0] for row in rows}


def _read_up_to(con: duckdb.DuckDBPyConnection, landed: Landed) -> int:
    """Up to which byte the file was read or set aside, 0 if not at all."""
    row = con.execute(
        "select max(d.to_byte), bool_or(d.state in ('held', 'superseded')) "
        "from raw.deliveries as d where d.path = ?",
        [landed.path],
    ).fetchone()
    to_byte, is_aside = row or (0, False)
    return landed.size if is_aside else min(to_byte or 0, landed.size)


def _blank(con: duckdb.DuckDBPyConnection, landed: Landed, end: int, tombstones: Tombstones) -> int:
    found = _Inode.of(landed.file.stat())
    records = list(_barred(con, landed, end, tombstones))
    if not records:
        return 0
    if landed.format == "parquet":
        _write_anew(con, landed, [one.line for one in records], found)
    else:
        _overwrite(con, landed, records, found)
    return len(records)


class _ReplacedError(OSError):
    """Another file is in the place of the one that was read."""


@dataclass(frozen=True)
class _Inode:
    """Which file it is, whatever it is called."""

    device: int
    number: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "_Inode":
        return cls(stat.st_dev, stat.st_ino)

    def require(self, stat: os.stat_result) -> None:
        if self.of(stat) != self:
            raise _ReplacedError


@dataclass(frozen=True)
class _Record:
    """A record of a file: its line, and how many lines it takes."""

    line: int
    lines: int


def _barred(
    con: duckdb.DuckDBPyConnection, landed: Landed, end: int, tombstones: Tombstones
) -> Iterator[_Record]:
    source = landed.source
    if source is None:
        return
    for chunk in read(landed, Extent(START, end, 0)):
        open_stage(con, source)
        put(con, source, chunk, _FOR_NOBODY)
        spell_staged(con, source)
        if mark_erased(con, source, tombstones):
            rows = con.execute(
                f"select _line, coalesce(len(_text) - len(replace(_text, chr(10), '')), 1) "
                f"from {STAGE} where _verdict = 'erased' order by _line"
            ).fetchall()
            yield from (_Record(line, max(lines, 1)) for line, lines in rows)


def _overwrite(
    con: duckdb.DuckDBPyConnection, landed: Landed, records: Sequence[_Record], found: _Inode
) -> None:
    blanks = Blanks(tuple(_places(landed.file, records)), _FILL[landed.format])
    with landed.file.open("r+b", buffering=0) as file:
        found.require(os.fstat(file.fileno()))
        with transaction(con):
            for to_byte in _marks(con, landed.path):
                was = advance(landed.file, START, to_byte)
                _restate(con, landed.path, was, advance(landed.file, START, to_byte, blanks))
        for first, last in blanks.places:
            file.seek(first)
            file.write(blanks.fill * (last - first))
        os.fsync(file.fileno())
    found.require(landed.file.stat())
    if landed.file.stat().st_size == landed.size:
        os.utime(landed.file, ns=(landed.modified_ns, landed.modified_ns))


def _places(file: Path, records: Iterable[_Record]) -> Iterator[tuple[int, int]]:
    """From where to where the records stand, without the newlines that end them."""
    ends = {one.line: one.lines for one in records}
    first = left = place = 0
    with file.open("rb") as handle:
        for number, line in enumerate(handle, 1):
            if number in ends:
                first, left = place, ends[number]
            place += len(line)
            if left:
                left -= 1
                if not left:
                    yield first, place - 1


def _write_anew(
    con: duckdb.DuckDBPyConnection, landed: Landed, lines: Sequence[int], found: _Inode
) -> None:
    table = pq.read_table(landed.file)
    gone = set(lines)
    kept = table.filter(pa.array([n not in gone for n in range(1, table.num_rows + 1)]))
    new = landed.file.with_name(f".{landed.file.name}.part")
    pq.write_table(kept, new)
    os.utime(new, ns=(landed.modified_ns, landed.modified_ns))
    size = new.stat().st_size
    try:
        found.require(landed.file.stat())
    except OSError:
        new.unlink()
        raise
    with transaction(con):
        was = advance(landed.file, START, landed.size)
        _restate(con, landed.path, was, advance(new, START, size), size=size)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(landed.file)


def _marks(con: duckdb.DuckDBPyConnection, path: str) -> list[int]:
    rows = con.execute(
        "select distinct d.to_byte from raw.deliveries as d "
        "where d.path = ? and d.content_hash is not null and d.to_byte > 0 order by 1",
        [path],
    ).fetchall()
    return [row[0] for row in rows]


def _restate(
    con: duckdb.DuckDBPyConnection, path: str, was: Mark, is_now: Mark, *, size: int | None = None
) -> None:
    """Let readings of the file as it was be readings of what it will be."""
    for table in DELIVERIES:
        con.execute(
            f"""update {table} set delivered_hash = coalesce(delivered_hash, content_hash),
                content_hash = $hash, content_chain = $chain, to_byte = $byte,
                size_bytes = coalesce($size, size_bytes)
            where path = $path and content_hash = $was""",
            {
                "hash": is_now.content_hash,
                "chain": is_now.chain,
                "byte": is_now.at_byte,
                "size": size,
                "path": path,
                "was": was.content_hash,
            },
        )
