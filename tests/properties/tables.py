"""Tables as they stand, for comparing two moments of one warehouse."""

from collections import Counter
from collections.abc import Mapping, Sequence

import duckdb

from .shop import Shop

Rows = Counter[tuple[object, ...]]
LEDGERS: Mapping[str, Sequence[str]] = {"nodes": (), "decisions": (), "outbox": ()}
STATE: Mapping[str, Sequence[str]] = {
    "identity_map": ("prior_person_id", "changed_window_id"),
    "edges": (),
    "customers": (),
    "customer_fields": (),
    "contact_points": (),
    "consent_permissions": (),
    "suppressions": (),
    "transitions": (),
    "journey_states": (),
    "guards": (),
    "signals": (),
}


def contents(
    con: duckdb.DuckDBPyConnection, shop: Shop, tables: Mapping[str, Sequence[str]]
) -> dict[str, Rows]:
    """Return the rows of each table, without the columns that say when it was computed."""
    return {
        table: Counter(_select(con, shop.relation(table), without))
        for table, without in tables.items()
    }


def _select(
    con: duckdb.DuckDBPyConnection, relation: str, without: Sequence[str]
) -> list[tuple[object, ...]]:
    left_out = f" exclude ({', '.join(without)})" if without else ""
    return con.execute(f"select *{left_out} from {relation}").fetchall()


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
