"""A copy of the warehouse, brought back to where it stood after an earlier window.

Ledgers lose what later windows appended; what was loaded later is put aside, to be given back slice
by slice; states are built anew from what is left, which gives what the batches then had.
"""

from dataclasses import dataclass

import duckdb

from baton.dbt_runner import DbtProject
from baton.errors import BatonError
from baton.gate.slices import Slice
from baton.warehouse import transaction

ASIDE = "baton_aside"
_CANDIDATES = "candidates"
_SEQUENCES = ("_loaded_seq", "loaded_seq")
_STORED = ("config.materialized:incremental", "config.materialized:table")
_SENT = "('send', 'route', 'escalate')"


@dataclass(frozen=True)
class Loaded:
    """A table of `raw` whose rows carry the sequence in which they were loaded."""

    name: str
    sequence: str


def loaded_tables(con: duckdb.DuckDBPyConnection) -> list[Loaded]:
    """Return the tables of `raw` that windows fill, by name."""
    rows = con.execute(
        """select table_name, column_name from duckdb_columns()
        where schema_name = 'raw' and database_name = current_database()
            and list_contains(?, column_name) order by all""",
        [list(_SEQUENCES)],
    ).fetchall()
    return [Loaded(*row) for row in rows]


def rewind(con: duckdb.DuckDBPyConnection, dbt: DbtProject, start: Slice) -> None:
    """Bring the copy back to the end of window `start`; `dbt` is the project it was built by.

    Raises `BatonError` when a ledger cannot be shortened, or a model fails.
    """
    with transaction(con):
        _put_aside(con, start)
        _shorten_ledgers(con, dbt, start)
    with transaction(con):
        dbt.build(con, select=_STORED, exclude=[f"{_CANDIDATES}+"], full_refresh=True)


def _put_aside(con: duckdb.DuckDBPyConnection, start: Slice) -> None:
    con.execute(f"create schema if not exists {ASIDE}")
    for one in loaded_tables(con):
        later = f"from raw.{one.name} as r where r.{one.sequence} > {start.to_seq}"
        con.execute(f"create or replace table {ASIDE}.{one.name} as select r.* {later}")
        con.execute(f"delete {later}")
    con.execute("delete from raw.windows as w where w.window_id > ?", [start.window_id])
    con.execute("delete from raw.this_window")
    con.execute(
        "insert into raw.this_window by name select * from raw.windows as w where w.window_id = ?",
        [start.window_id],
    )


def _shorten_ledgers(con: duckdb.DuckDBPyConnection, dbt: DbtProject, start: Slice) -> None:
    _put_back_candidates(con, dbt, start)
    for name in _ledgers(dbt):
        relation = dbt.relation(name)
        columns = _columns(con, relation)
        later = {"window_id": start.window_id, "first_loaded_seq": start.to_seq}
        by = next((one for one in later if one in columns), None)
        if by is None:
            raise BatonError(
                f"the ledger {name} does not say which window wrote a row",
                where=relation,
                mend="give it a column `window_id`",
            )
        con.execute(f"delete from {relation} as t where t.{by} > ?", [later[by]])


def _ledgers(dbt: DbtProject) -> list[str]:
    """The models that no full build makes anew, but for the candidates."""
    return [
        node.name
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model"
        and node.config.materialized == "incremental"
        and node.config.full_refresh is False
        and node.name != _CANDIDATES
    ]


def _put_back_candidates(con: duckdb.DuckDBPyConnection, dbt: DbtProject, start: Slice) -> None:
    """Candidates as they were last evaluated by then; those of later windows go.

    What an evaluation says stands in the ledger of decisions; the rest belongs to the step.
    """
    candidates, decisions = dbt.relation(_CANDIDATES), dbt.relation("decisions")
    con.execute(
        f"""create or replace temporary table evaluated_then as
        select d.* exclude (window_id, decided_at),
            d.window_id as evaluated_window_id, d.decided_at as evaluated_at,
            d.outcome <> 'wait' as is_decided,
            case
                when d.outcome = 'wait' then timestamp '9999-12-31'
                when d.outcome in {_SENT} then d.expires_at
            end as open_until,
            (
                select min(e.decided_at) from {decisions} as e
                where e.candidate_id = d.candidate_id and e.message_id = d.message_id
                    and e.outcome in {_SENT} and e.window_id <= {start.window_id}
            ) as message_decided_at
        from {decisions} as d
        where d.window_id <= {start.window_id}
        qualify row_number() over (
            partition by d.candidate_id order by d.evaluation_no desc
        ) = 1"""
    )
    kept = _columns(con, candidates)
    said = set(_columns(con, "evaluated_then"))
    listed = ", ".join(f"{'e' if name in said else 'c'}.{name}" for name in kept)
    con.execute(
        f"""create or replace temporary table candidates_then as
        select {listed} from {candidates} as c
        inner join evaluated_then as e on c.candidate_id = e.candidate_id
        where c.evaluated_window_id > {start.window_id}"""
    )
    con.execute(f"delete from {candidates} as c where c.evaluated_window_id > {start.window_id}")
    con.execute(f"insert into {candidates} by name select * from candidates_then")
    con.execute("drop table candidates_then")
    con.execute("drop table evaluated_then")


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [row[0] for row in con.execute(f"describe {relation}").fetchall()]
