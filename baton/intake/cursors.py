"""How far a table is read: its cursor in SQL, and what is known of a reading."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from baton.ids import make_id
from baton.intake.source import Reading, Source
from baton.intake.sql import ident

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


class UnreadableTableError(Exception):
    """The table cannot be read now, or must not (`state` is waiting or held); says why.

    With `state` empty there is none, and need not be.
    """

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason


@dataclass(frozen=True)
class Cursor:
    """The cursor in SQL: `value` of its row of `t`, and as a number, of a time in microseconds.

    Times are compared in the type that the table has: a cast would read all of it.
    """

    value: str
    is_time: bool
    from_number: str

    @classmethod
    def of(cls, source: Source, data_type: str) -> "Cursor":
        """The cursor of a source over a column of this type."""
        column = f"t.{ident(reading_of(source).cursor)}"
        if source.column(reading_of(source).cursor).data_type not in ("timestamp", "date"):
            return cls(f"try_cast({column} as bigint)", is_time=False, from_number="({})")
        if data_type == "TIMESTAMP WITH TIME ZONE":
            return cls(column, is_time=True, from_number="make_timestamptz({})")
        return cls(
            f"try_cast({column} as timestamp)", is_time=True, from_number="make_timestamp({})"
        )

    def number(self, value: str) -> str:
        """The expression that makes a number of a value of the cursor."""
        return f"case when isfinite({value}) then epoch_us({value}) end" if self.is_time else value


@contextmanager
def readable() -> Generator[None]:
    """Say of an error of the table's own only which it is: its text may hold a value."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise  # of this process, not of the table
    except duckdb.Error as error:
        reason = f"the table cannot be read: {type(error).__name__}"
        raise UnreadableTableError("waiting", reason) from None


def reading_of(source: Source) -> Reading:
    """The reading of a source. Raises ValueError for one that is not read from a table."""
    if source.reading is None:
        raise ValueError(f"{source.label} is not read from a table")
    return source.reading


def place_of(source: Source) -> str:
    """The name under which it is known how far the table was read."""
    one = reading_of(source)
    return source.label if one.beside is None else f"{source.label}:{one.table}"


def absent(source: Source) -> str:
    """The state of a reading whose table is not there: none where it need not be."""
    return "" if reading_of(source).is_optional else "waiting"


def reading_id(source: Source) -> str:
    """The id of a reading: of another database, table, cursor or epoch it is another one."""
    one = reading_of(source)
    return make_id("reading", one.database, one.table, one.cursor, one.epoch)


def relation_of(source: Source) -> str:
    """The table in SQL."""
    return ".".join(map(ident, reading_of(source).table.split(".")))


def is_time(source: Source) -> bool:
    """Whether the cursor is a time."""
    return source.column(reading_of(source).cursor).data_type in ("timestamp", "date")


def lateness_of(source: Source) -> int:
    """How far below its end a table is looked at again, as a number of the cursor."""
    return reading_of(source).lateness * (1_000_000 if is_time(source) else 1)


def microseconds(at: datetime) -> int:
    """A time (naive UTC) as a number of the cursor."""
    return (at - _EPOCH) // _MICROSECOND


def said(source: Source, place: int) -> str:
    """A place of the cursor for people."""
    return f"{_EPOCH + place * _MICROSECOND}" if is_time(source) else str(place)
