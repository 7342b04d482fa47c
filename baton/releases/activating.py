"""Making a release live: the working tree's, or one that was compiled before."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import duckdb

from baton.audit.anchoring import keep_digest
from baton.errors import Refused, UsageError
from baton.intake import prepare
from baton.journal import Journal
from baton.project import Project
from baton.releases.admission import admit
from baton.releases.compile import Release, compile_release
from baton.releases.difference import differences
from baton.releases.log import activate, live_release, resolve, standing_releases
from baton.releases.release_texts import keep_sql
from baton.releases.removal import require_names
from baton.releases.store import is_written, known_releases, read_release, write_release
from baton.releases.tree import listed, tree_checksums, unrecorded_sql
from baton.warehouse import writer

Facts = dict[str, Any]


def activate_named(
    project: Project,
    journal: Journal,
    written: str | None,
    *,
    by: str,
    approved_by: str | None,
    reason: str,
    plan: str | None = None,
) -> Facts:
    """Make the working tree live, as planned or not, or the earlier release that `written` names.

    Raises what `compile_and_activate` and `activate_compiled` raise, and `UsageError` for a plan
    together with an earlier release.
    """
    signed: dict[str, Any] = {"by": by, "approved_by": approved_by, "reason": reason}
    if written is None:
        return compile_and_activate(project, journal, **signed, plan=plan)
    if plan is not None:
        mend = "leave the plan out: a release that was live before is not planned again"
        raise UsageError("a plan is of the working tree", where=f"plan {plan}", mend=mend)
    return activate_compiled(project, journal, written, **signed)


def compile_and_activate(
    project: Project,
    journal: Journal,
    *,
    by: str,
    approved_by: str | None,
    reason: str,
    plan: str | None = None,
) -> Facts:
    """Compile the working tree, write it into the warehouse and make it live from now on.

    Returns the release, its journeys, and what is other than in the release that was live. With
    `plan`, the hash of a plan or how that starts, who approved it is on record, and `takes` is what
    the plan says of the next batch.

    Raises `CheckFailed` when a card or policy is wrong, `Refused` when a signal or guard is gone
    that somebody still goes by, when the plan is not of what would become live, or the live policy
    wants one, and `Busy` while a batch runs.
    """
    now = journal.now()
    release = compile_release(project.dbt_project, now=now)
    present = {(one.kind, one.name) for one in release.sql}
    before = journal.activations()
    with writer(project.warehouse) as con:
        prepare(con, [])
        require_names(con, project, present, standing_releases(before))
        live = live_release(before)
        admitted = admit(con, project, journal, release, live=live, written=plan)
        is_new = write_release(con, release)
        keep_sql(con, release.release_id, project.dbt_project)
        changes = _changes(con, live, release)
        activate(
            journal,
            release.release_id,
            active_from=now,
            by=by,
            approved_by=admitted or approved_by,
            reason=reason,
        )
        kept = keep_digest(con, journal, release.release_id)
    takes = journal.plans.find(plan).report.get("takes") if plan else None
    facts = _facts(release, changes, is_new=is_new, active_from=now)
    return facts | {"ledger_digest": kept, "takes": takes}


def activate_compiled(
    project: Project,
    journal: Journal,
    written: str,
    *,
    by: str,
    approved_by: str | None,
    reason: str,
) -> Facts:
    """Make a release live that was compiled before; `written` is its id, or how that starts.

    Raises `UsageError` when the warehouse has no such release, `Refused` when the working tree has
    other SQL for its signals and guards than it recorded, and `Busy` while a batch runs.
    """
    now = journal.now()
    before = journal.activations()
    with writer(project.warehouse) as con:
        prepare(con, [])
        known = [one.release_id for one in known_releases(con)]
        release = read_release(con, resolve(written, known, None))
        _require_same_sql(con, project, release.release_id, standing_releases(before))
        changes = _changes(con, live_release(before), release)
        activate(
            journal,
            release.release_id,
            active_from=now,
            by=by,
            approved_by=approved_by,
            reason=reason,
        )
        kept = keep_digest(con, journal, release.release_id)
    return _facts(release, changes, is_new=False, active_from=now) | {"ledger_digest": kept}


def _facts(release: Release, changes: object, *, is_new: bool, active_from: datetime) -> Facts:
    return {
        "release_id": release.release_id,
        "is_new": is_new,
        "active_from": active_from,
        "journeys": [card.journey for card in release.cards],
        "changes": changes,
    }


def _require_same_sql(
    con: duckdb.DuckDBPyConnection, project: Project, release_id: str, standing: Collection[str]
) -> None:
    others = [one for one in standing if one != release_id]
    unrecorded = unrecorded_sql(con, tree_checksums(project.dbt_project), (*others, release_id))
    if unrecorded:
        raise Refused(
            f"the SQL of {listed(unrecorded)} is not what the release recorded",
            where=f"release {release_id}",
            mend="put the files back as they were then, or make the working tree live: "
            "`baton release activate --reason '...'`",
        )


def _changes(
    con: duckdb.DuckDBPyConnection, before: str | None, release: Release
) -> dict[str, Any] | None:
    if before is None or not is_written(con, before):
        return None
    found = differences(read_release(con, before), release)
    return {name: vars(one) for name, one in found.items() if one}
