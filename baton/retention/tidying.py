"""One tidying: what is old is counted in `raw.tidyings` first, then it goes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from baton.errors import BatonError
from baton.gate.folder import remove_leftovers
from baton.intake import Source, prepare
from baton.intake.landing import listed
from baton.journal import Journal
from baton.journal.clock import wall_clock
from baton.journal_feeds import known_of
from baton.project import Project
from baton.retention.extras import blank
from baton.retention.landed import old_files, retire
from baton.retention.ledgers import note, note_removed, shrink
from baton.retention.policy import Retention
from baton.warehouse import writer

Progress = Callable[[str], None]


def tidy(
    project: Project,
    journal: Journal,
    policy: Retention,
    *,
    now: datetime,
    sources: Callable[[], Sequence[Source]] = tuple,
    is_dry: bool = False,
    progress: Progress = lambda _: None,
) -> dict[str, int]:
    """Let go of what is older than the policy at `now` (naive UTC); return how many of what.

    Dry, it returns the same and changes nothing. `sources` are asked for only when their rows may
    lose undeclared fields. Beside a continuous run it asks for room, for as long as the warehouse
    is needed; files and the journal's rows go when the run is back at work. What an interruption
    leaves behind is found, and counted, by the next tidying. Raises `Busy` when the warehouse is
    not had, `BatonError` when there is none.
    """
    if not project.warehouse.exists():
        raise BatonError(
            "there is no warehouse yet",
            where=project.warehouse.name,
            mend="run `baton demo` or `baton run` first",
        )
    if not is_dry:
        remove_leftovers(project.root)
    progress("looking for what is old")
    with writer(project.warehouse) as con:
        prepare(con, [])
        loaded = known_of(con)
    ended = journal.retirable(_before(now, policy.journal_days), loaded)
    with writer(project.warehouse) as con:
        files = old_files(con, project.landing, policy, wall_clock())
        gone = {one.path for one in files}
        lies = listed(project.landing, []) if project.landing.is_dir() else []
        there = [one.path for one in lies if one.path not in gone]
        con.execute("begin transaction")
        counts = {"landed files": len(files), **ended.counts, **shrink(con, policy, there, now)}
        note_removed(con, sorted(gone), now)
        extras_before = _before(now, policy.raw_extra_days)
        if extras_before is not None:
            counts["undeclared fields"] = blank(con, sources(), extras_before)
        note(con, counts, now)
        con.execute("rollback" if is_dry else "commit")
        if not is_dry:
            con.execute("checkpoint")
    if not is_dry:
        progress("removing")
        for one in files:
            retire(one, policy.archive)
        journal.retire(ended)
    return counts


def _before(now: datetime, days: float | None) -> datetime | None:
    return None if days is None else now - timedelta(days=days)
