"""Which records are alike enough to be of one person: scored pairs, and clusters of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

import duckdb

from baton.errors import UsageError
from baton.linkage.clusters import cluster_pairs
from baton.linkage.kinds import Kind
from baton.linkage.records import PAIRS, RECORDS, write_records

LEAST_RECORDS = 50
"""So many records with two values at least are needed to learn from."""
MISSING = 0.5
"""What a pair between two clusters that was never looked at counts against, in log2 of odds."""


@dataclass(frozen=True)
class Likeness:
    """What was compared: `records` of so many, by which kinds; `pairs` were worth a score.

    `share` is how many of all pairs are the same person, as the model has it; 0 where there were
    too few records or kinds to learn from.
    """

    records: int
    kinds: tuple[str, ...]
    pairs: int
    share: float


def require_splink() -> None:
    """Raise `UsageError` with the mend when Splink is not installed."""
    if find_spec("splink") is None:
        raise UsageError(
            "Splink is not installed, which probabilistic links are made with",
            where="splink",
            mend="install it: pip install 'baton-journeys[linkage]'",
        )


def find_alike(con: duckdb.DuckDBPyConnection, given: str, values: Mapping[Kind, str]) -> Likeness:
    """Score and cluster the records of the table `given` by the values of each kind.

    `record_number`, a whole number, tells them apart. Fills the tables `linkage_pairs` (a, b,
    weight: log2 of the odds that they are of one person) and `clusters` (id, cluster); both are
    empty where there is too little to learn from. The same records give the same result. Raises
    `UsageError` without Splink.
    """
    require_splink()
    from baton.linkage.model import score  # noqa: PLC0415 - Splink is an extra

    kinds = tuple(values)
    records, share = 0, 0.0
    con.execute(f"create or replace table {PAIRS} (a bigint, b bigint, weight double)")
    if len(kinds) > 1 and any(kind.is_key for kind in kinds):
        write_records(con, given, values)
        (records,) = con.execute(f"select count(*) from {RECORDS}").fetchall()[0]
    if records >= LEAST_RECORDS:
        share = score(con, kinds)
    cluster_pairs(con, PAIRS, missing=MISSING)
    (pairs,) = con.execute(f"select count(*) from {PAIRS}").fetchall()[0]
    return Likeness(records, tuple(kind.name for kind in kinds), pairs, share)
