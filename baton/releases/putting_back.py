"""Putting the SQL of signals and guards back as a release recorded it, by default the live one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import duckdb

from baton.errors import Refused
from baton.journal import Journal
from baton.project import Project
from baton.releases.log import resolve, standing_releases
from baton.releases.release_texts import put_back
from baton.releases.tree import tree_checksums, unrecorded_sql
from baton.warehouse import reader

Facts = dict[str, Any]
ASK_AGAIN = "`baton release put-back`"
_DONE_BUT = 3


def put_sql_back(project: Project, journal: Journal, written: str | None = None) -> Facts:
    """Write the signals and guards that are not what a release recorded as it has them.

    `written` is its id, or how that starts; by default it is the live one. One that is not live can
    be activated then. Returns what `put_back_on` does, with the `release` and the one that is
    `live`. Raises `Refused` when none is named and none live, `UsageError` for a name that was
    never activated, and `Busy` while a batch holds the warehouse; nothing is written then.
    """
    log = journal.activations()
    standing = standing_releases(log)
    live = standing[-1] if standing else None
    if written is None and live is None:
        raise Refused(
            "no release is live, so there is no SQL to go back to",
            where="journal",
            mend="activate one: `baton release activate --reason '...'`",
        )
    release_id = resolve(written, (one.release_id for one in log), live)
    others = tuple(one for one in standing if one != release_id)
    with reader(project.warehouse) as con:
        facts = put_back_on(con, project, (*others, release_id))
    return {"live": live, "release": release_id} | facts


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


def left_lines(left: Iterable[Mapping[str, str]], again: str = ASK_AGAIN) -> Iterator[str]:
    """Yield what to do about each file that was left as it is; `again` is what asks again."""
    same = [f"{one['kind']} {one['name']}" for one in left if one["why"] == "same"]
    if same:
        yield (
            f"{', '.join(same)}: the text is the same, the release was recorded otherwise. If the "
            "variables in dbt_project.yml were changed since, put them back; else it was recorded "
            "before they counted: mend the working tree, `baton release activate --reason '...'`"
        )
    for one in left:
        if one["why"] == "edited":
            yield (
                f"{one['file']} was edited after it was activated and is left as it is: keep what "
                f"you wrote elsewhere, remove the file, then {again}"
            )
        elif one["why"] == "not_written":
            yield (
                f"{one['file']} could not be written: let this user write it, and see that "
                f"there is room, then {again}"
            )
        elif one["why"] == "no_text":
            yield (
                f"{one['file']}: the release keeps no text of {one['kind']} {one['name']}: put the "
                "file back from version control"
            )


def exit_code_of(facts: Facts) -> int:
    """0, or what tells a program that not all that was asked for was put back.

    After a withdrawal it says done, with a rest: to ask for that again takes back another release.
    """
    if "withdrawn" in facts:
        return _DONE_BUT if facts["not_put_back"] or facts["left_as_is"] else 0
    return Refused.exit_code if facts["left_as_is"] else 0
