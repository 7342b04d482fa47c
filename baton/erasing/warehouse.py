"""A person in the warehouse: found, counted and removed. The caller owns the transaction."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import duckdb

from baton.dbt_runner import DbtProject
from baton.erasing.places import MODELS, QUARANTINE, STREAMS, Ids, Place
from baton.erasing.said import quoted, says
from baton.erasing.switched_off import all_sources, unreadable
from baton.ids import make_id
from baton.intake import Source
from baton.intake.identifiers import SPELT, spelt, spelt_column, written
from baton.intake.prepare import stored_columns
from baton.intake.sql import ident, scalar
from baton.tombstones import Identifier

_CHANNELS = ("email", "sms")
_TABLES = """
select case t.schema_name when 'raw' then 'raw.' || t.table_name
    else '"' || t.schema_name || '"."' || t.table_name || '"' end
from duckdb_tables() as t where t.database_name = current_database() and not t.temporary
"""


class Burial(Protocol):
    """Is told of rows of ledgers before the person in them is removed."""

    def __call__(
        self, con: duckdb.DuckDBPyConnection, table: str, condition: str, erasure_id: str
    ) -> None:
        """Rows of a table, model or stream, by a condition."""
        ...

    def of_journal(
        self, con: duckdb.DuckDBPyConnection, node_ids: Collection[str], erasure_id: str
    ) -> None:
        """Rows of the journal, by the nodes that they are about."""
        ...


@dataclass(frozen=True)
class Person:
    """Whom to erase: every id and every value that they are known by."""

    person_ids: tuple[str, ...]
    node_ids: tuple[str, ...]
    identifiers: tuple[Identifier, ...] = field(repr=False)

    def ids(self, kind: Ids) -> list[str]:
        """The ids of one kind; numbers of nodes are not known here, `nodes` has them."""
        if kind == "contact_point":
            points = [(channel, node) for node in self.node_ids for channel in _CHANNELS]
            return [make_id("contact_point", *point) for point in points]
        return list(self.node_ids if kind == "node" else self.person_ids)


def find_person(con: duckdb.DuckDBPyConnection, dbt: DbtProject, person_id: str) -> Person:
    """Everything that `nodes` knows of a person."""
    nodes, map_ = dbt.relation("nodes"), dbt.relation("identity_map")
    rows = con.execute(
        f"select n.node_id, n.minted_person_id, n.node_type, n.node_value from {nodes} as n "
        f"join {map_} as m on n.node_id = m.node_id where m.person_id = ? order by n.node_seq",
        [person_id],
    ).fetchall()
    return _person(rows)


def person_of(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    node_ids: Sequence[str],
    person_ids: Sequence[str],
) -> Person:
    """The same by ids that the journal has; without values where they are gone already."""
    relation = dbt.relation("nodes")
    rows: list[tuple[str, str, str, str]] = []
    if relation in _tables(con):
        rows = con.execute(
            f"select n.node_id, n.minted_person_id, n.node_type, n.node_value "
            f"from {relation} as n where n.node_id in (select unnest(?::varchar[]))",
            [list(node_ids)],
        ).fetchall()
    return Person(tuple(person_ids), tuple(node_ids), _person(rows).identifiers)


def counted(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, sources: Sequence[Source], person: Person
) -> dict[str, int]:
    """How many rows of each table are about the person, tables without any left out."""
    found = {
        name: scalar(con, f"select count(*) from {relation} where {condition}")
        for name, relation, condition in _conditions(con, dbt, sources, person)
    }
    return {name: count for name, count in found.items() if count}


def remove(
    con: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    sources: Sequence[Source],
    person: Person,
    erasure_id: str,
    *,
    burial: Burial,
) -> None:
    """Remove the person from every table; again without effect.

    Deliveries then count the records as erased that they had loaded or put into quarantine. What
    stood beside the person's identifiers is noted: the next window judges its links anew.
    `burial` is told of each table before.
    """
    loosen(con, dbt.relation("int_identity__edges"), dbt.relation("nodes"), person)
    places = {place.table: place for place in (*MODELS, *STREAMS)}
    for name, relation, condition in _conditions(con, dbt, sources, person):
        place = places.get(name)
        burial(con, name, condition, erasure_id)
        if place is not None and place.is_ledger:
            _sever(con, relation, condition, place, erasure_id)
            continue
        if place is None:
            _recount(con, relation, condition)
        con.execute(f"delete from {relation} where {condition}")


def loosen(con: duckdb.DuckDBPyConnection, edges: str, nodes: str, person: Person) -> None:
    """Note the identifiers of others that `edges` (a relation) links to the person's."""
    if not {edges, nodes} <= _tables(con):
        return
    numbers = _numbers(nodes, person)
    con.execute(
        f"""insert into raw.loosened_nodes (node_seq, after_seq)
        select e.node_seq, (
            select case w.state when 'open' then w.from_seq else w.to_seq end
            from raw.this_window as w
        )
        from (
            select low_seq as own_seq, high_seq as node_seq from {edges}
            union
            select high_seq as own_seq, low_seq as node_seq from {edges}
        ) as e
        where e.own_seq in {numbers} and e.node_seq not in {numbers}"""
    )


def forget_streams(
    con: duckdb.DuckDBPyConnection, person: Person, erasure_id: str, burial: Burial
) -> None:
    """Remove the person from what the journal has told since; again without effect."""
    there = _tables(con)
    for place in (one for one in STREAMS if one.table in there):
        condition = held_by(place, person, place.table)
        burial(con, place.table, condition, erasure_id)
        _sever(con, place.table, condition, place, erasure_id)


def _person(rows: Sequence[tuple[str, str, str, str]]) -> Person:
    return Person(
        tuple(dict.fromkeys(row[1] for row in rows)),
        tuple(row[0] for row in rows),
        tuple(Identifier(row[2], row[3].strip()) for row in rows),
    )


def _conditions(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, sources: Sequence[Source], person: Person
) -> Iterator[tuple[str, str, str]]:
    """Name, relation and condition of each table there is that may hold the person."""
    there, stored = _tables(con), stored_columns(con)
    for source in all_sources(dbt, sources):
        condition = _of_source(source, person, stored.get(source.relation, ()))
        if condition:
            yield source.relation, source.relation, condition
    for relation in unreadable(dbt, sources):
        condition = _of_unknown(person, stored.get(relation, ()))
        if condition:
            yield relation, relation, condition
    for place in (*MODELS, *STREAMS):
        relation = _relation(dbt, place.table)
        if relation in there:
            yield place.table, relation, held_by(place, person, dbt.relation("nodes"))
    if QUARANTINE in there and (said := says("raw_text", person.identifiers)):
        yield QUARANTINE, QUARANTINE, said


def _relation(dbt: DbtProject, name: str) -> str | None:
    """Where a place's table is; null for a model that the project has not even switched off."""
    if "." in name:
        return name
    return dbt.find_relation(name) or dbt.find_switched_off(name)


def held_by(place: Place, person: Person, nodes: str) -> str:
    """The condition by which rows of a place are the person's; `nodes` is a relation."""
    ids = [
        (ident(name), _numbers(nodes, person) if kind == "node_seq" else _listed(person.ids(kind)))
        for name, kind in place.found_by
    ]
    found = " or ".join(f"{name} in {mine}" for name, mine in ids)
    return f"({found}) and not {place.kept}"


def _of_source(source: Source, person: Person, stored: Collection[str]) -> str:
    """Records that name the person by any of the columns that say whom they are about.

    `stored` are the columns that the table has, none of a table that is not there.
    """
    parts = [
        _is_one_of(column, node_type, mine, stored)
        for column, node_types in source.identifiers
        for node_type in node_types
        if column in stored
        and (mine := [one for one in person.identifiers if one.node_type == node_type])
    ]
    return " or ".join(filter(None, parts))


def _is_one_of(
    column: str, node_type: str, identifiers: Sequence[Identifier], stored: Collection[str]
) -> str:
    if node_type in SPELT and spelt_column(column, node_type) not in stored:
        return says(written(column), identifiers)
    return f"{spelt(node_type, column)} in {_listed([one.value for one in identifiers])}"


def _of_unknown(person: Person, stored: Iterable[str]) -> str:
    """Records of which nobody knows the columns: those that say a value, whole, in any of them."""
    texts = [written(one) for one in stored if not one.startswith("_") or one == "_extra"]
    parts = [says(one, person.identifiers) for one in texts]
    return " or ".join(filter(None, parts))


def _sever(
    con: duckdb.DuckDBPyConnection, relation: str, condition: str, place: Place, erasure_id: str
) -> None:
    changes = [f"{ident(name)} = {quoted(erasure_id)}" for name in place.replaced]
    changes += [f"{ident(name)} = null" for name in place.cleared]
    con.execute(f"update {relation} set {', '.join(changes)} where {condition}")


def _recount(con: duckdb.DuckDBPyConnection, relation: str, condition: str) -> None:
    """Count what is about to be removed as erased; a snapshot's deletions are no records."""
    column = "rows_quarantined" if relation == QUARANTINE else "rows_loaded"
    is_deletion = "false" if relation == QUARANTINE else "_line is null"
    window = (
        "q.window_id"
        if relation == QUARANTINE
        else "(select w.window_id from raw.windows as w "
        "where q._loaded_seq > w.from_seq and q._loaded_seq <= w.to_seq)"
    )
    delivery = "delivery" if relation == QUARANTINE else "_delivery"
    con.execute(
        f"""update raw.deliveries set {column} = {column} - g.records,
            rows_erased = coalesce(rows_erased, 0) + g.records,
            rows_deleted = rows_deleted - g.deletions
        from (
            select q.{delivery} as delivery, {window} as window_id,
                count(*) filter (not {is_deletion}) as records,
                count(*) filter ({is_deletion}) as deletions
            from (select * from {relation} where {condition}) as q group by all
        ) as g
        where deliveries.delivery = g.delivery and deliveries.window_id = g.window_id"""
    )


def _tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in con.execute(_TABLES).fetchall()}


def _numbers(nodes: str, person: Person) -> str:
    return f"(select n.node_seq from {nodes} as n where n.node_id in {_listed(person.node_ids)})"


def _listed(values: Sequence[str]) -> str:
    return f"({', '.join(map(quoted, values)) or 'null'})"
