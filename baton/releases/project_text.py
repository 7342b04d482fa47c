"""The text of the dbt project that a warehouse was built by, kept in the warehouse.

A release knows its signals and guards by checksum; to run what is live beside what is planned, all
of the project's text is wanted. `raw.built_files` holds the one that the last batch went by.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import duckdb

from baton.errors import UsageError

Texts = Mapping[str, str]
_FOLDERS = ("models", "macros", "seeds", "tests")
_KINDS = (".sql", ".yml", ".yaml", ".csv", ".md")
_TABLE = "raw.built_files"


def read_texts(dbt_project: Path) -> dict[str, str]:
    """Return the text of each file of a dbt project by its path in it."""
    found = [dbt_project / "dbt_project.yml"]
    for folder in _FOLDERS:
        found += [one for one in (dbt_project / folder).rglob("*") if one.suffix in _KINDS]
    return {
        one.relative_to(dbt_project).as_posix(): one.read_text(encoding="utf-8")
        for one in sorted(found)
    }


def checksum(texts: Texts) -> str:
    """Return a hash over paths and texts."""
    digest = hashlib.sha256()
    for path, text in sorted(texts.items()):
        digest.update(f"{path}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()


def keep_texts(con: duckdb.DuckDBPyConnection, texts: Texts) -> None:
    """Put these texts in the place of those that are kept, in the caller's transaction."""
    con.execute(f"create table if not exists {_TABLE} (path varchar, content varchar)")
    con.execute(f"delete from {_TABLE}")
    con.execute(
        f"insert into {_TABLE} select unnest(?::varchar[]), unnest(?::varchar[])",
        [list(texts), list(texts.values())],
    )


def kept_texts(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the texts of the last build. Raises `UsageError` when none are kept yet."""
    try:
        rows = con.execute(f"select path, content from {_TABLE} order by path").fetchall()
    except duckdb.CatalogException:
        rows = []
    if not rows:
        raise UsageError(
            "the warehouse does not know by which SQL it was built",
            where=_TABLE,
            mend="run a batch with the SQL that is live, then plan again",
        )
    return dict(rows)


def write_texts(texts: Texts, dbt_project: Path) -> None:
    """Make a folder hold these texts and no others; what stays the same is not written.

    What dbt has read of such a folder before, it need not read again.
    """
    for path, text in texts.items():
        file = dbt_project / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for path in read_texts(dbt_project).keys() - texts.keys():
        (dbt_project / path).unlink()
