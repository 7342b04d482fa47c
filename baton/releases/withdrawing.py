"""Withdrawing a release, and what becomes of what goes by it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import duckdb

from baton.audit.anchoring import keep_digest
from baton.errors import Refused
from baton.journal import Journal
from baton.project import Project
from baton.releases.instances import fates
from baton.releases.log import (
    live_release,
    require_signed,
    resolve,
    standing_releases,
    take_back,
)
from baton.releases.reading import read_if_free
from baton.releases.release_texts import put_back
from baton.releases.tree import Named, listed, tree_checksums, unrecorded_sql

Facts = dict[str, Any]


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

    Nothing of it is claimed for sending once this returns, also while a batch runs. Returns what
    becomes of its open instances and unsent messages, and what to do next; `not_read` says why
    the instances are not known. With `puts_back` the signals and guards in the working tree become
    those of the release that is live then; `put_back` names them, and `not_put_back` says why
    none could be.

    Raises `Refused` when it does not stand, or is the last that does and `is_forced` is false.
    """
    log = journal.activations()
    release_id = resolve(written, (one.release_id for one in log), live_release(log))
    left = _left(standing_releases(log), release_id, is_forced=is_forced)
    require_signed(release_id, by=by, approved_by=approved_by, reason=reason)
    live = left[-1] if left else None
    replaced: list[Named] | None = []
    not_put_back: str | None = None
    if puts_back:  # before: what runs reads the files again once it stands no more
        replaced, not_put_back = _put_back(project, live, left)
    at = journal.now()
    take_back(journal, release_id, at=at, by=by, approved_by=approved_by, reason=reason)
    facts: Facts = {"withdrawn": release_id, "at": at, "live": live}
    facts["messages"] = journal.unsent_of_release(release_id)
    moves, not_read = read_if_free(
        project.warehouse, lambda con: fates(con, project, release_id, left)
    )
    changed_sql, _ = read_if_free(project.warehouse, lambda con: _changed_sql(con, project, left))
    facts["put_back"] = [f"{kind} {name}" for kind, name in replaced or []]
    facts["not_put_back"] = not_put_back
    facts["ledger_digest"], _ = read_if_free(
        project.warehouse, lambda con: keep_digest(con, journal, release_id)
    )
    return facts | {
        "instances": None if moves is None else [asdict(one) for one in moves],
        "not_read": not_read,
        "next": list(_next(live, release_id, changed_sql or [], not_put_back)),
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


def _changed_sql(
    con: duckdb.DuckDBPyConnection, project: Project, left: tuple[str, ...]
) -> list[Named]:
    return unrecorded_sql(con, tree_checksums(project.dbt_project), left)


def _put_back(
    project: Project, live: str | None, left: tuple[str, ...]
) -> tuple[list[Named] | None, str | None]:
    if live is None:
        return [], None

    def put(con: duckdb.DuckDBPyConnection) -> list[Named]:
        return put_back(con, project.dbt_project, live, _changed_sql(con, project, left))

    return read_if_free(project.warehouse, put)


def _next(
    live: str | None, withdrawn: str, changed_sql: list[Named], not_put_back: str | None
) -> Iterator[str]:
    if not_put_back is not None:
        yield f"put back by hand the SQL that the release had changed: {not_put_back}"
    if live is None:
        yield "no release is live and no batch runs: `baton release activate --reason '...'`"
    elif changed_sql:
        yield (
            f"put back the SQL of {listed(changed_sql)} as release {live[:12]} recorded it "
            "(--put-back does, where the tree holds what was activated), or no batch runs"
        )
    if live is not None:
        yield (
            "run a batch: it moves or ends the instances, cancels the messages of those that end "
            "and holds the others"
        )
    yield "mend the working tree: `baton release activate` makes live what stands there"
    yield f"to go forward again: `baton release activate {withdrawn[:12]} --reason '...'`"
