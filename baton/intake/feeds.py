"""Streams of another store of ours, read by cursor, every row of which has to arrive."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import duckdb

from baton.errors import UsageError
from baton.intake.source import Source


class Feed(Protocol):
    """An append-only stream whose rows carry an ascending number in the source's key column."""

    @property
    def relation(self) -> str:
        """The raw table that receives the rows."""
        ...

    def read(self, after: int) -> list[dict[str, object]]:
        """Return the rows numbered above `after`, in order."""
        ...


def source_of(feed: Feed, sources: Sequence[Source]) -> Source:
    """Return the declaration of the feed. Raises `UsageError` when there is none."""
    declared: Mapping[str, Source] = {one.relation: one for one in sources if one.mode == "feed"}
    if feed.relation not in declared:
        raise UsageError(
            f"the feed {feed.relation} is not declared",
            where="dbt sources",
            mend=f"declare it as a source table with mode: feed and identifier "
            f"{feed.relation.removeprefix('raw.')}",
        )
    return declared[feed.relation]


def path_of(relation: str) -> str:
    """Return what deliveries of the feed into this raw table are called."""
    return f"feed:{relation}"


def require_sound(
    con: duckdb.DuckDBPyConnection, source: Source, delivery: str, window_id: int
) -> None:
    """Raise `UsageError` when a row of the feed was put into quarantine: none may be lost."""
    row = con.execute(
        "select q.line, q.detail from raw.quarantine as q "
        "where q.window_id = ? and q.delivery = ? order by q.line",
        [window_id, delivery],
    ).fetchone()
    if row is not None:
        raise UsageError(
            f"the feed {source.relation} does not fit its declaration: {row[1]}",
            where=f"{source.label}, {source.key[0]} {row[0]}",
            mend=f"correct the columns of {source.label} in its _<source>__sources.yml",
        )
