"""Records as they are compared, and the blocks in which pairs of them are looked for."""

from collections.abc import Iterable, Mapping
from itertools import combinations

import duckdb

from baton.linkage.kinds import Kind

RECORDS = "linkage_records"
PAIRS = "linkage_pairs"
_MOST_IN_A_BLOCK = 100
_OPENINGS = {"first_name": 3, "surname": 4, "dob": 4, "postcode": 3, "address": 5}


def write_records(con: duckdb.DuckDBPyConnection, given: str, values: Mapping[Kind, str]) -> None:
    """Fill the table `linkage_records` from `given`, whose `record_number` is a whole number.

    It has `unique_id`, one column per kind, and one per way to be found, see `blocks_of`. A record
    without two values is left out: there is nothing to compare it by.
    """
    columns = ",\n".join(f"{kind.written(value)} as {kind.name}" for kind, value in values.items())
    count = " + ".join(f"({kind.name} is not null)::int" for kind in values)
    keys = ",\n".join(f"{_block(parts)} as {name}" for name, parts in blocks_of(values).items())
    con.execute(
        f"""create or replace table {RECORDS} as
        with written as (select record_number as unique_id, {columns} from {given})
        select *, {keys} from written where {count} >= 2 order by unique_id"""
    )


def blocks_of(kinds: Iterable[Kind]) -> dict[str, tuple[str, ...]]:
    """Return the ways to find a record, each with the SQL of the values that must agree.

    They are one or two whole values, and how two or three values begin. A block that holds more
    than a hundred records is not used: what so many share tells nobody apart.
    """
    names = [kind.name for kind in kinds if kind.is_key]
    openings = [
        (name, f"substr({name}, 1, {_OPENINGS[name]})") for name in names if name in _OPENINGS
    ]
    whole = [(name, name) for name in names]
    blocks: dict[str, tuple[str, ...]] = {}
    for prefix, pieces, sizes in (("same", whole, (1, 2)), ("begins", openings, (2, 3))):
        for size in sizes:
            for chosen in combinations(pieces, size):
                blocks["_".join((prefix, *(name for name, _ in chosen)))] = tuple(
                    sql for _, sql in chosen
                )
    if "same_first_name_surname" in blocks:
        swapped = ("least(first_name, surname)", "greatest(first_name, surname)")
        blocks["same_first_name_surname"] = swapped
    return blocks


def _block(parts: tuple[str, ...]) -> str:
    """SQL of a block's number: null without one of the values, or where too many share them."""
    by = ", ".join(parts)
    there = " and ".join(f"{part} is not null" for part in parts)
    return (
        f"case when {there} and count(*) over (partition by {by}) <= {_MOST_IN_A_BLOCK} "
        f"then hash({by}) end"
    )
