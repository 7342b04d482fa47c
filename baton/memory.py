"""How much memory the engine may use: in a small batch what that needs, else all there is.

The engine keeps whatever it has read until it may use no more: a run that goes on for weeks would
end up with four fifths of the machine's memory, for parts of histories that were asked for once.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from baton.errors import UsageError

VARIABLE = "BATON_MEMORY"
_OF_PLANS = 1 << 30
"""Bytes: kept plans hold 0.35 GB, rows since a checkpoint 0.25, the rest is for the batch."""
_PART_OF_FILE = 10
"""Of a file of 6.3 GB a batch asks 0.9 GB again and again, of one of 0.65 GB 0.15."""
_MUCH_LARGER = 1.25
_Done = TypeVar("_Done")


def bound(con: duckdb.DuckDBPyConnection) -> None:
    """Let the engine have no more than was said; without a word it takes four fifths of all.

    Raises `UsageError` when what was said is no amount.
    """
    most = os.environ.get(VARIABLE)
    if not most:
        return
    try:
        con.execute("set memory_limit = $most", {"most": most})
    except duckdb.ParserException as error:
        raise UsageError(
            f"{most} is no amount of memory",
            where=VARIABLE,
            mend="write a number with its unit, such as 4GB",
        ) from error


@dataclass
class _Share:
    """What one connection may use, and whether it has been given little of that; in bytes."""

    con: duckdb.DuckDBPyConnection
    all_: int
    little: int | None = None


class Room:
    """The memory that the engine has for batches on one warehouse.

    To give it less costs a batch a tenth, as the allocator lets go of all that it has at hand: what
    was given stays until a batch wants it otherwise, or the file has grown. Where little was too
    little it is twice as much from then on.
    """

    def __init__(self, warehouse: Path) -> None:
        self._warehouse = warehouse
        self._last: _Share | None = None
        self._times = 1

    def give_little(self, con: duckdb.DuckDBPyConnection) -> None:
        """Give what a small batch on this file needs, where that is less than all.

        The engine stays with all where it holds more than that and cannot let go of it.
        """
        share = self._share_of(con)
        needed = self._times * (_OF_PLANS + self._warehouse.stat().st_size // _PART_OF_FILE)
        if needed >= share.all_:
            self.give_all(con)
        elif share.little is None or needed > share.little * _MUCH_LARGER:
            with suppress(duckdb.OutOfMemoryException):
                _set(con, needed)
            share.little = needed

    def give_all(self, con: duckdb.DuckDBPyConnection) -> None:
        """Give all that the engine may use, as a new connection has it."""
        share = self._share_of(con)
        if share.little is not None:
            _set(con, share.all_)
            bound(con)
            share.little = None

    def with_enough(self, con: duckdb.DuckDBPyConnection, work: Callable[[], _Done]) -> _Done:
        """Do the work; where little is too little for it, do it once more with all.

        What was done of it must be undone then, or be the same when done again.
        """
        try:
            return work()
        except duckdb.OutOfMemoryException:
            if self._share_of(con).little is None:
                raise
            self._times *= 2
            self.give_all(con)
            return work()

    def _share_of(self, con: duckdb.DuckDBPyConnection) -> _Share:
        if self._last is None or self._last.con is not con:
            self._last = _Share(con, _limit(con))
        return self._last


def _limit(con: duckdb.DuckDBPyConnection) -> int:
    """What it may use: a tenth of its unit less at most, as the engine tells it rounded."""
    try:
        asked = "select parse_formatted_bytes(current_setting('memory_limit'))"
        return int(con.execute(asked).fetchall()[0][0])
    except duckdb.InvalidInputException:  # told without a bound, it tells more than it can read
        return sys.maxsize


def _set(con: duckdb.DuckDBPyConnection, limit: int) -> None:
    """Set it in words: to reset it changes what the engine says, not what it does (DuckDB 1.5)."""
    con.execute(f"set memory_limit = '{limit} bytes'")
