"""Withdrawing a release, and what becomes of what goes by it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import duckdb

from baton import rooms
from baton.audit.anchoring import keep_digest
from baton.errors import Refused
from baton.journal import Journal
from baton.project import Project
from baton.releases.instances import fates
from baton.releases.log import live_release, resolve, standing_releases, take_back
from baton.releases.putting_back import ASK_AGAIN, left_lines, put_back_on
from baton.releases.reading import read_if_free
from baton.releases.tree import listed, tree_checksums, unrecorded_sql

Facts = dict[str, Any]
_NO_SQL: Facts = {"put_back": [], "left_as_is": [], "changed_sql": ""}


def withdraw(
    project: Project,
    journal: Journal,
    written: str | None,
    *,
    by: str,
    approved_by: str | None,
    reason: str,
    is_forced: bool = False,
    puts_back: bool = False,
) -> Facts:
    """Withdraw a release, by default the live one; `written` is its id, or how that starts.

    It is withdrawn before the warehouse is waited for: nothing of it is claimed for sending from
    then on, also while a batch runs. Returns what becomes of its open instances and unsent
    messages, and what to do next; `not_read` says why the instances are not known. With
    `puts_back` the signals and guards in the working tree become those of the release that is live
    then: `put_back` names them, `left_as_is` those that were not written, and `not_put_back` says
    why none was looked at; `put_sql_back` does it later.

    Raises `Refused` when it does not stand, or is the last that does and `is_forced` is false.
    """
    log = journal.activations()
    release_id = resolve(written, (one.release_id for one in log), live_release(log))
    left = _left(standing_releases(log), release_id, is_forced=is_forced)
    with rooms.asking(project.warehouse):  # no batch meets the text of now without its release
        at = journal.now()
        take_back(journal, release_id, at=at, by=by, approved_by=approved_by, reason=reason)
        messages = journal.unsent_of_release(release_id)
        sql, not_looked_at = read_if_free(
            project.warehouse, lambda con: _sql(con, project, left, puts_back=puts_back)
        )
        found, not_read = None, not_looked_at
        if sql is not None:
            found, not_read = read_if_free(
                project.warehouse, lambda con: _fates(con, project, journal, release_id, left)
            )
    facts: Facts = {"withdrawn": release_id, "at": at, "live": left[-1] if left else None}
    facts |= {"messages": messages, "not_read": not_read}
    facts |= {"not_put_back": not_looked_at if puts_back and left else None}
    facts |= (sql or _NO_SQL) | (found or {"instances": None, "ledger_digest": None})
    return facts | {"next": list(_next(facts))}


def _sql(
    con: duckdb.DuckDBPyConnection, project: Project, left: tuple[str, ...], *, puts_back: bool
) -> Facts:
    put = put_back_on(con, project, left) if puts_back and left else _NO_SQL
    changed = unrecorded_sql(con, tree_checksums(project.dbt_project), left)
    return put | {"changed_sql": listed(changed)}


def _fates(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    journal: Journal,
    release_id: str,
    left: tuple[str, ...],
) -> Facts:
    return {
        "instances": [asdict(one) for one in fates(con, project, release_id, left)],
        "ledger_digest": keep_digest(con, journal, release_id),
    }


def _left(standing: tuple[str, ...], release_id: str, *, is_forced: bool) -> tuple[str, ...]:
    if release_id not in standing:
        raise Refused(
            "the release does not stand, so there is nothing to withdraw",
            where=f"release {release_id}",
            mend="`baton release list` shows which stand",
        )
    left = tuple(one for one in standing if one != release_id)
    if not left and not is_forced:
        raise Refused(
            "it is the last release that stands: without it no batch runs and nothing is decided",
            where=f"release {release_id}",
            mend="activate another one first, or say --force; to stop sending, use `baton stop`",
        )
    return left


def _next(facts: Facts) -> Iterator[str]:
    live, withdrawn = facts["live"], facts["withdrawn"]
    if facts["not_put_back"] is not None:
        yield f"no SQL was put back, as {facts['not_put_back']}; ask again: {ASK_AGAIN}"
    yield from left_lines(facts["left_as_is"])
    if live is None:
        yield "no release is live and no batch runs: `baton release activate --reason '...'`"
    elif facts["changed_sql"] and not facts["left_as_is"]:
        yield (
            f"put back the SQL of {facts['changed_sql']} as release {live[:12]} recorded it "
            f"({ASK_AGAIN} does, but for files that were edited since), or no batch runs"
        )
    is_rest = facts["not_put_back"] or facts["changed_sql"]
    if live is not None:
        when = "when that is done, a batch" if is_rest else "run a batch: it"
        yield (
            f"{when} moves or ends the instances, cancels the messages of those that end "
            "and holds the others"
        )
    yield "mend the working tree: `baton release activate` makes live what stands there"
    first = f"`baton release put-back {withdrawn[:12]}` for its SQL, then "
    yield (
        f"to go forward again: {first if facts['put_back'] or is_rest else ''}"
        f"`baton release activate {withdrawn[:12]} --reason '...'`"
    )
