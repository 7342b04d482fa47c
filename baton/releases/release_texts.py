"""The texts that are kept with a release: signals, guards, and the groups of who may approve.

Signals and guards can be put back into the working tree; who may approve changes as a release does.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from baton.cards import sql_checksum, sql_facts
from baton.cards.checksums import KINDS
from baton.releases.tree import Named
from baton.warehouse import transaction

GROUPS = "models/_groups.yml"
_TABLE = "raw.release_texts"


def keep_sql(con: duckdb.DuckDBPyConnection, release_id: str, dbt_project: Path) -> None:
    """Keep the text of all signals and guards, and of the groups, that it was compiled from."""
    kept = [
        (one.kind, one.name, one.checksum, _file(dbt_project, (one.kind, one.name)))
        for one in sql_facts(dbt_project)
    ]
    groups = dbt_project / GROUPS
    kept += [("groups", GROUPS, "", groups)] if groups.exists() else []
    with transaction(con):
        _make_table(con)
        con.execute(f"delete from {_TABLE} where release_id = ?", [release_id])
        con.execute(
            f"""insert into {_TABLE}
            select ?, unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]),
                unnest(?::varchar[])""",
            [
                release_id,
                [kind for kind, *_ in kept],
                [name for _, name, *_ in kept],
                [checksum for *_, checksum, _ in kept],
                [file.read_text("utf-8") for *_, file in kept],
            ],
        )


def groups_text(con: duckdb.DuckDBPyConnection, release_id: str) -> str | None:
    """Return the groups that a release was activated with, null where none are kept."""
    if not _has_table(con):
        return None
    query = f"select content from {_TABLE} where kind = 'groups' and release_id = ?"
    row = con.execute(query, [release_id]).fetchone()
    return row[0] if row else None


def put_back(
    con: duckdb.DuckDBPyConnection, dbt_project: Path, release_id: str, names: Iterable[Named]
) -> list[Named]:
    """Write these signals and guards as the release has them; returns those that were written.

    A file with text that no release has is left as it is: it would be lost.
    """
    if not _has_table(con):
        return []
    rows = con.execute(f"select kind, name, checksum, release_id, content from {_TABLE}").fetchall()
    known = {(kind, name, checksum) for kind, name, checksum, _, _ in rows}
    texts = {(kind, name): text for kind, name, _, of, text in rows if of == release_id}
    written: list[Named] = []
    for kind, name in names:
        file, text = _file(dbt_project, (kind, name)), texts.get((kind, name))
        now = sql_checksum(file.read_text("utf-8")) if file.exists() else None
        if text is not None and (now is None or (kind, name, now) in known):
            file.write_text(text, encoding="utf-8")
            written.append((kind, name))
    return written


def _file(dbt_project: Path, named: Named) -> Path:
    kind, name = named
    return dbt_project / KINDS[kind] / f"{name}.sql"


def _make_table(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        f"""create table if not exists {_TABLE} (
            release_id varchar, kind varchar, name varchar, checksum varchar, content varchar
        )"""
    )


def _has_table(con: duckdb.DuckDBPyConnection) -> bool:
    schema, _, table = _TABLE.partition(".")
    query = "select 1 from duckdb_tables() where schema_name = ? and table_name = ?"
    return con.execute(query, [schema, table]).fetchone() is not None
