"""Putting the SQL of signals and guards back as the release that is live recorded it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import duckdb

from baton.errors import Busy, Refused
from baton.journal import Journal
from baton.project import Project
from baton.releases.log import standing_releases
from baton.releases.release_texts import put_back
from baton.releases.tree import tree_checksums, unrecorded_sql
from baton.warehouse import reader

Facts = dict[str, Any]
ASK_AGAIN = "`baton release put-back`"


def put_sql_back(project: Project, journal: Journal) -> Facts:
    """Write the signals and guards that are not what the live release recorded as it has them.

    Returns what `put_back_on` does, with the live release. Raises `Refused` when none is live, and
    `Busy` while a batch holds the warehouse; nothing is written then.
    """
    standing = standing_releases(journal.activations())
    if not standing:
        raise Refused(
            "no release is live, so there is no SQL to go back to",
            where="journal",
            mend="activate one: `baton release activate --reason '...'`",
        )
    with reader(project.warehouse) as con:
        return {"live": standing[-1]} | put_back_on(con, project, standing)


def put_back_on(
    con: duckdb.DuckDBPyConnection, project: Project, standing: tuple[str, ...]
) -> Facts:
    """Put back what the last of these releases recorded otherwise than the tree has it.

    Returns `put_back`, those written, and `left_as_is`, those that were not: kind, name, file, why.
    """
    names = unrecorded_sql(con, tree_checksums(project.dbt_project), standing)
    written, left = put_back(con, project.dbt_project, standing[-1], names) if names else ([], [])
    return {
        "put_back": [f"{kind} {name}" for kind, name in written],
        "left_as_is": [asdict(one) for one in left],
    }


def left_lines(left: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield what to do about each file that was left as it is."""
    if any(one["why"] == "same" for one in left):
        yield (
            "the variables in dbt_project.yml are not what the release recorded: put them back "
            "from version control"
        )
    for one in left:
        if one["why"] == "edited":
            yield (
                f"{one['file']} was edited after it was activated and is left as it is: keep what "
                f"you wrote elsewhere, remove the file, then {ASK_AGAIN}"
            )
        elif one["why"] == "no_text":
            yield (
                f"{one['file']}: the release keeps no text of {one['kind']} {one['name']}: put the "
                "file back from version control"
            )


def exit_code_of(facts: Facts) -> int:
    """0, or what tells a program that not all that was asked for was put back."""
    if facts.get("not_put_back"):
        return Busy.exit_code
    return Refused.exit_code if facts["left_as_is"] else 0
