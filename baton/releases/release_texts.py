"""The texts that are kept with a release: signals, guards, and the groups of who may approve.

Signals and guards can be put back into the working tree; who may approve changes as a release does.
"""

import shutil
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from baton.cards import sql_facts
from baton.cards.checksums import KINDS
from baton.releases.tree import Named
from baton.warehouse import transaction

GROUPS = "models/_groups.yml"
_TABLE = "raw.release_texts"
Why = Literal["edited", "no_text", "not_written", "same"]


@dataclass(frozen=True)
class LeftAsIs:
    """A signal or guard that could not be put back; `file` is below the dbt project.

    `why`: the file was `edited` since a release had its text, or could be `not_written`;
    the release has `no_text` of it, or has the `same` and was recorded otherwise: by other
    variables of the project, or before these counted.
    """

    kind: str
    name: str
    file: str
    why: Why


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
) -> tuple[list[Named], list[LeftAsIs]]:
    """Write these signals and guards as the release has them; returns what was written, and not.

    A file whose text no release has, to the letter, is left as it is: it would be lost. So is one
    that the system does not let be read or written.
    """
    rows = _rows(con)
    texts = {(kind, name): text for kind, name, of, text in rows if of == release_id}
    written: list[Named] = []
    left: list[LeftAsIs] = []
    for kind, name in names:
        file = _file(dbt_project, (kind, name))
        earlier = {content for *of, _, content in rows if of == [kind, name]}
        try:
            why = _put(file, texts.get((kind, name)), earlier)
        except OSError:
            why = "not_written"
        if why is None:
            written.append((kind, name))
        else:
            left.append(LeftAsIs(kind, name, str(file.relative_to(dbt_project)), why))
    return written, left


def _put(file: Path, text: str | None, earlier: Container[str]) -> Why | None:
    """Write the text, null where the release has none; returns why it was not written."""
    if text is None:
        return "no_text"
    now = file.read_text("utf-8") if file.exists() else None
    if now == text:
        return "same"
    if now is not None and now not in earlier:
        return "edited"
    _write(file, text)
    return None


def _rows(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str]]:
    if not _has_table(con):
        return []
    return con.execute(f"select kind, name, release_id, content from {_TABLE}").fetchall()


def _write(file: Path, text: str) -> None:
    """Write all of it or nothing: a crash leaves the file as it was."""
    new = file.with_name(f".{file.name}.part")
    try:
        new.write_text(text, encoding="utf-8")
        if file.exists():
            shutil.copymode(file, new)
        new.replace(file)
    except OSError:
        new.unlink(missing_ok=True)
        raise


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
