"""`baton audit`: the time line of rules, decisions and messages, and whether it is untouched."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from baton.audit.sealing import last_link
from baton.audit.timeline import Asked, Entry, export, page, told
from baton.audit.verifying import verify as verify_ledgers
from baton.commands.output import err, json_option, print_json, report
from baton.dbt_runner import DbtProject
from baton.errors import CheckFailed, UsageError
from baton.journal import Journal
from baton.project import Project
from baton.releases import resolve
from baton.releases.store import known_releases
from baton.warehouse import reader

_FILE = "audit.parquet"
_A_DAY = timedelta(days=1)
_time = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])


@click.group(invoke_without_command=True)
@click.option("--since", type=_time, help="From this time (UTC) on; by default a day ago.")
@click.option("--until", type=_time, help="Before this time (UTC).")
@click.option("--customer", help="About this customer: an e-mail, phone, CRM, user or person id.")
@click.option("--journey", help="About this journey: its rules, stops, decisions and messages.")
@click.option("--release", help="By this release: its id, or how that starts.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--after", help="Go on behind the last line of the page before.")
@click.option(
    "--export",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Instead: write all lines into audit.parquet in this folder.",
)
@json_option
@click.pass_context
def audit(
    ctx: click.Context,
    *,
    since: datetime | None,
    until: datetime | None,
    customer: str | None,
    journey: str | None,
    release: str | None,
    limit: int,
    after: str | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Tell who changed which rule when, approved by whom, what was decided, sent and became of it.

    No personal values: ids and reasons. `baton audit verify` says whether it is as it was.
    """
    if ctx.invoked_subcommand is not None:
        return
    project = Project.find()
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        if release is not None:
            release = resolve(release, (one.release_id for one in known_releases(con)), None)
        is_open = since is None and customer is None and release is None
        asked = Asked(
            journal.now() - _A_DAY if is_open else since, until, customer, journey, release, after
        )
        dbt = DbtProject(project)
        if folder is not None:
            _require_folder(folder)
            count = export(con, journal, dbt, asked, str(folder / _FILE))
            report({"file": str(folder / _FILE), "lines": count}, as_json=as_json)
            return
        found = page(con, journal, dbt, asked, limit)
    if as_json:
        print_json({"entries": [told(one) for one in found.entries], "after": found.after})
    else:
        click.echo("\n".join(_lines(found.entries, found.after)))


@audit.command()
@click.option("--digest", help="A digest that was kept elsewhere: it must be one of the chain.")
@json_option
def verify(digest: str | None, as_json: bool) -> None:
    """Make the digests of all ledgers again; exit code 1 names what differs.

    Finds rows that were changed, added or removed, and links of the chain. People who were erased
    and rows that tidying has removed are none of that.
    """
    project = Project.find()
    with (
        err.status("making digests again"),
        reader(project.warehouse) as con,
        Journal.open(project.journal) as journal,
    ):
        found = verify_ledgers(con, journal, DbtProject(project), kept=digest)
    facts: dict[str, Any] = {
        "digest": found.head.digest if found.head else None,
        "links": found.links,
        "rows": {name: count for name, count in found.rows.items() if count},
        "findings": [vars(one) for one in found.findings],
    }
    if as_json:
        print_json(facts)
    else:
        lines = [one.line() for one in found.findings]
        report({**facts, "findings": len(lines)}, as_json=False)
        for line in lines:
            click.echo(line)
    if found.findings:
        raise CheckFailed(
            f"the ledgers are not as they were sealed, findings: {len(found.findings)}",
            where=found.findings[0].line(),
            mend="compare with a backup; who could write to the stores since?",
        )


@audit.command()
@json_option
def digest(as_json: bool) -> None:
    """Print the last digest of the chain, to be kept where nobody of this installation writes."""
    project = Project.find()
    with reader(project.warehouse) as con:
        head = last_link(con)
    if head is None:
        raise UsageError(
            "there is no digest yet", where="raw.ledger_digests", mend="run `baton run` first"
        )
    if as_json:
        print_json(vars(head))
    else:
        click.echo(head.digest)


def _lines(entries: Iterable[Entry], after: str | None) -> Iterable[str]:
    for one in entries:
        who = f" by {one.by}" if one.by else ""
        approved = f", approved by {one.approved_by}" if one.approved_by else ""
        why = f": {one.reason}" if one.reason else ""
        yield f"{one.at:%Y-%m-%d %H:%M:%S}  {one.kind:<8}  {_what(one)}{who}{approved}{why}"
    yield f"more: --after '{after}'" if after else "that is all"


def _what(one: Entry) -> str:
    about = {
        "journey": one.journey,
        "action": one.action,
        "destination": one.destination,
        "customer": one.person_id and one.person_id[:12],
        "message": one.message_id and one.message_id[:12],
        "release": one.release_id and one.release_id[:12],
        "changes": one.changes,
    }
    named = f"{one.scope or ''} {one.subject or ''}" if one.kind in _NAMED else ""
    facts = [f"{name} {value}" for name, value in about.items() if value]
    return " ".join([one.what, *named.split(), *facts])


_NAMED = frozenset({"switch", "approval", "identity", "review"})


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(
            "there is no such folder", where=str(folder), mend="name one that is there"
        )
