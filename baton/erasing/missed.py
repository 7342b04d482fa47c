"""Files that were read and are to be looked through: to be tried again, or in another folder."""

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from baton.intake import Source

_FILES = """
select distinct d.path from raw.deliveries as d
where list_contains(?, d.source) and d.removed_at is null
    and (d.to_byte > 0 or d.state in ('held', 'superseded'))
    and not starts_with(d.path, 'feed:') and not starts_with(d.path, 'table:')
order by 1
"""


def missed(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Source], there: Collection[str]
) -> list[str]:
    """The files that may say whom they are about, if not one of them is `there`: then they were
    read from another folder. One that is gone beside others says nothing, nor do those that
    tidying has removed.
    """
    labels = [one.label for one in sources if one.identifiers]
    files = [row[0] for row in con.execute(_FILES, [labels]).fetchall()]
    return files if set(files).isdisjoint(there) else []


def leave(con: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Remember that these files are to be tried again."""
    con.execute(
        "update raw.deliveries set is_blanked = null where path in (select unnest(?::varchar[]))",
        [list(paths)],
    )


def left_to_blank(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The landed files that could not be blanked, or were not there, and are to be tried again."""
    rows = con.execute(
        "select distinct d.path from raw.deliveries as d where d.is_blanked is null order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def mend_of(landing: Path, left: Sequence[str]) -> dict[str, str]:
    """What to do where the landing folder has none of the files that are left, for a report."""
    if not left or any((landing / one).exists() for one in left):
        return {}
    return {
        "mend": f"none of these files is in {landing.name}: set BATON_LANDING to the folder that "
        "they were read from; the next batch goes on"
    }
