"""Tables as they stand, for comparing two moments of one warehouse."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from .shop import Shop

Rows = Counter[tuple[object, ...]]


@dataclass(frozen=True)
class Table:
    """A table, or the part of it that must not change. `without` names columns to leave out."""

    name: str
    without: tuple[str, ...] = ()
    where: str = "true"


STATE = (
    Table("identity_map", without=("prior_person_id", "changed_window_id")),
    Table("edges"),
    Table("customers"),
    Table("customer_fields"),
    Table("contact_points"),
    Table("consent_permissions", where="is_granted is not null"),
    Table("suppressions"),
    Table("signals"),
    Table("guards"),
    Table("transitions"),
    Table("journey_states"),
)
LEDGERS = (Table("nodes"), Table("decisions"), Table("outbox"))
# A rebuild touches everyone, so what waits is looked at again, and that is on record.
DECIDED = (Table("nodes"), Table("decisions", where="outcome <> 'wait'"), Table("outbox"))


def contents(
    con: duckdb.DuckDBPyConnection, shop: Shop, tables: Iterable[Table]
) -> dict[str, Rows]:
    """Return the rows of each table, without the columns that say when it was computed."""
    return {table.name: Counter(_rows(con, shop, table)) for table in tables}


def _rows(con: duckdb.DuckDBPyConnection, shop: Shop, table: Table) -> list[tuple[object, ...]]:
    left_out = f" exclude ({', '.join(table.without)})" if table.without else ""
    relation = shop.relation(table.name)
    return con.execute(f"select *{left_out} from {relation} where {table.where}").fetchall()


def changes(before: Mapping[str, Rows], after: Mapping[str, Rows], shown: int = 4) -> str:
    """Return which rows are gone and which are new, in words; empty when none are."""
    parts: list[str] = []
    for table, rows in before.items():
        gone, new = rows - after[table], after[table] - rows
        if gone or new:
            parts.append(f"{table}: {gone.total()} rows gone, {new.total()} new")
            parts += [f"  - {row}" for row in sorted(gone, key=str)[:shown]]
            parts += [f"  + {row}" for row in sorted(new, key=str)[:shown]]
    return "\n".join(parts)
