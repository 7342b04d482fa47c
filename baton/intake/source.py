"""What a declared source is."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from baton.ids import make_id
from baton.intake.identifiers import SPELT, spelt_column

Mode = Literal["append", "upsert", "snapshot", "feed"]

DEFAULT_MAX_DELETED_SHARE = 0.5


@dataclass(frozen=True)
class Column:
    """A declared column; `data_type` is one of the types of `declared.TYPES`, in lower case."""

    name: str
    data_type: str


@dataclass(frozen=True)
class Reading:
    """A table that holds the records already, and the column by which news of it is found.

    Rows up to `lateness` below the highest value read are looked at again: seconds where the cursor
    is a time, else numbers. `database` is the DuckDB file the table is in, null for the warehouse.
    Another `epoch` reads from the beginning. `beside` names other tables of the same shape, each
    read for itself. A table that `is_optional` and not there holds nothing. With
    `only_declared` columns that the source does not declare are left where they are.
    """

    table: str
    cursor: str
    lateness: int = 0
    database: str | None = None
    epoch: int = 1
    beside: tuple[str, ...] | None = None
    is_optional: bool = False
    only_declared: bool = False


@dataclass(frozen=True)
class PhoneRegion:
    """Where numbers without country code are dialled: what `column` says, else `otherwise`.

    Both are ISO 3166 alpha-2; without either such numbers are nobody's.
    """

    column: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True)
class Source:
    """One declared table of one source and how its deliveries become rows of `relation`.

    `mode` says what a row is: a record (`append`, `feed`) or a version of one (`upsert`,
    `snapshot`). `max_deleted_share` is the part of the current keys that one snapshot may delete.
    `restated` columns may differ when a record comes again: a sender states them anew at each try.
    `reading` names the table that is read; without one, files are.
    `identifiers` are the columns that say whom a record is about, each with the node types that its
    values may be of; `phone_region` helps to read phone numbers among them. With `brings_back` a
    record is something that an erased person did anew, if it happened after the erasure. A source
    that `says_no` may hold an opt-out, and waits behind no other one.
    """

    name: str
    table: str
    relation: str
    columns: tuple[Column, ...]
    mode: Mode
    key: tuple[str, ...]
    occurred_at: str | None = None
    required: tuple[str, ...] = ()
    max_deleted_share: float = DEFAULT_MAX_DELETED_SHARE
    restated: tuple[str, ...] = ()
    reading: Reading | None = None
    identifiers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    brings_back: bool = False
    phone_region: PhoneRegion | None = None
    says_no: bool = field(default=False, repr=False)  # no part of the declaration: judges no row

    @property
    def label(self) -> str:
        """`<source>.<table>`, as people name it."""
        return f"{self.name}.{self.table}"

    @property
    def each_table(self) -> tuple["Source", ...]:
        """The source once for every table that it is read from, in the order of their names."""
        if self.reading is None:
            return ()
        tables = sorted({self.reading.table, *(self.reading.beside or ())})
        return tuple(replace(self, reading=replace(self.reading, table=one)) for one in tables)

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which a row is of no use: the key, the cursor, what is required."""
        cursor = (self.reading.cursor,) if self.reading else ()
        return tuple(dict.fromkeys((*self.key, *cursor, *self.required)))

    @property
    def names(self) -> tuple[str, ...]:
        """The declared column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def spelt(self) -> tuple[tuple[str, str], ...]:
        """The columns and node types of identifiers whose spelling has a column of its own."""
        given = ((name, one) for name, node_types in self.identifiers for one in node_types)
        return tuple((name, node_type) for name, node_type in given if node_type in SPELT)

    @property
    def spellings(self) -> tuple[Column, ...]:
        """Those columns of spellings."""
        return tuple(Column(spelt_column(*one), "varchar") for one in self.spelt)

    @cached_property
    def declaration(self) -> str:
        """An id of the declaration: what was refused under another one is judged again."""
        return make_id("declaration", repr(self))

    def column(self, name: str) -> Column:
        """Return the declared column `name`; raises `KeyError` for an undeclared one."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
