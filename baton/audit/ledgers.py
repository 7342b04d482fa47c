"""Which tables of the warehouse are ledgers, and how their rows are read to be hashed.

A ledger of dbt is a model that appends and is never rebuilt; beside them the journal's streams as
they were taken in, and what releases consist of.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.erasing.places import MODELS, STREAMS, Place
from baton.errors import UsageError
from baton.intake.sql import ident, text
from baton.journal_feeds import STREAMS as JOURNAL_STREAMS

_POSITIONS = ("window_id", "first_loaded_seq")
_RELEASES = (
    "releases",
    "release_cards",
    "release_rules",
    "release_conditions",
    "release_policies",
    "release_sql",
)
_NEVER_READ = frozenset({"_extra"})  # blanked once it is old
RELEASE_POSITION = "release_no"
_OF_RELEASE = (
    f"(select x.*, r.{RELEASE_POSITION} from raw.{{table}} as x "
    "left join raw.releases as r on x.release_id = r.release_id)"
)
JOURNAL = "journal."
"""How the names of ledgers begin that lie in the journal itself."""
SEQUENCES = frozenset({"_loaded_seq", "first_loaded_seq"})
"""Positions that count records; others count windows."""


@dataclass(frozen=True)
class Ledger:
    """An append-only relation whose rows are found by a position that batches count up.

    `replaced` and `cleared` are the columns that an erasure changes; where `is_removed` it deletes
    the row instead.
    """

    name: str
    relation: str
    position: str
    columns: tuple[str, ...]
    replaced: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    is_removed: bool = False

    @property
    def shape(self) -> "Shape":
        """The columns that its rows are hashed over today."""
        erasable = (*self.replaced, *self.cleared)
        return Shape(
            tuple(one for one in self.columns if one not in erasable),
            tuple(one for one in self.columns if one in erasable),
        )

    def erased_hash(self, shape: "Shape", erasure_id: str) -> bytes:
        """The hash of the erasable columns of a row after an erasure."""
        values = {name: erasure_id if name in self.replaced else None for name in shape.erasable}
        return sha256(json.dumps(values, separators=(",", ":")).encode()).digest()


@dataclass(frozen=True)
class Shape:
    """The columns that a digest is over: those that stay, and those that can be erased."""

    kept: tuple[str, ...]
    erasable: tuple[str, ...]

    @property
    def name(self) -> str:
        """A hash of the columns."""
        listed = json.dumps([self.kept, self.erasable], separators=(",", ":"))
        return sha256(listed.encode()).hexdigest()[:16]

    def hashes(self, of: str) -> str:
        """The SQL of the hash of what a row keeps, and of what can be erased (null for nothing)."""
        erasable = f"unhex(sha256({_json(self.erasable, of)}))" if self.erasable else "null"
        return f"unhex(sha256({_json(self.kept, of)})), {erasable}"


def warehouse_ledgers(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> tuple[Ledger, ...]:
    """Return all ledgers whose tables are there."""
    columns = _columns(con)
    return (*_models(dbt, columns), *_streams(columns), *_releases(columns))


def _models(dbt: DbtProject, columns: Mapping[str, tuple[str, ...]]) -> Iterator[Ledger]:
    places = {place.table: place for place in MODELS}
    for node in sorted(dbt.manifest.nodes.values(), key=lambda one: one.name):
        if node.resource_type != "model" or not _is_ledger(node.config):
            continue
        relation, place = dbt.relation(node.name), places.get(node.name)
        if own := columns.get(relation.replace('"', "")):
            yield Ledger(
                node.name,
                relation,
                _position(node.name, own),
                own,
                *_changed(place),
                is_removed=place is not None and not place.is_ledger,
            )


def _position(name: str, columns: Sequence[str]) -> str:
    for one in _POSITIONS:
        if one in columns:
            return one
    raise UsageError(
        f"the ledger {name} does not say which batch wrote a row",
        where=f"model {name}",
        mend=f"give it one of the columns {', '.join(_POSITIONS)}",
    )


def _streams(columns: Mapping[str, tuple[str, ...]]) -> Iterator[Ledger]:
    places = {place.table: place for place in STREAMS}
    for name in JOURNAL_STREAMS:
        relation = f"raw.journal_{name}"
        if own := columns.get(relation):
            yield Ledger(relation, relation, "_loaded_seq", own, *_changed(places.get(relation)))


def _releases(columns: Mapping[str, tuple[str, ...]]) -> Iterator[Ledger]:
    for table in _RELEASES:
        if own := columns.get(f"raw.{table}"):
            is_head = table == "releases"
            relation = "raw.releases" if is_head else _OF_RELEASE.format(table=table)
            yield Ledger(f"raw.{table}", relation, RELEASE_POSITION, own)


def _is_ledger(config: Any) -> bool:
    return (
        config.materialized == "incremental"
        and config.full_refresh is False
        and config.incremental_strategy == "append"
        and not config.unique_key
    )


def _changed(place: Place | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (place.replaced, place.cleared) if place else ((), ())


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    rows = con.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_index) "
        "from duckdb_columns() where database_name = current_database() group by 1"
    ).fetchall()
    return {name: tuple(one for one in own if one not in _NEVER_READ) for name, own in rows}


def _json(columns: Sequence[str], of: str) -> str:
    values = ", ".join(f"{text(name)}: {of}.{ident(name)}" for name in columns)
    return f"cast(to_json({{{values}}}) as varchar)"
