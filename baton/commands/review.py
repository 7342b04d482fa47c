"""`baton review`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import click

from baton.cards.hints import name_hint
from baton.commands.output import console, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.journal import Journal
from baton.journal.reviews import Kind
from baton.journeys.columns import in_columns
from baton.project import Project
from baton.warehouse import reader, rows_of, tables_of_a_batch

Facts = dict[str, Any]
_KINDS = ("journey", "policy", "field", "destination")


@click.command()
@click.argument("name", required=False)
@click.option("--kind", type=click.Choice(_KINDS), default="journey", show_default=True)
@click.option("--by", help="Who looked; stays on record.")
@click.option("--note", help="What was found.")
@click.option("--all", "show_all", is_flag=True, help="List what is not due too.")
@json_option
def review(
    *,
    name: str | None,
    kind: Kind,
    by: str | None,
    note: str | None,
    show_all: bool,
    as_json: bool,
) -> None:
    """List what is due for review; with NAME record that somebody looked, as of now.

    The next batch takes a review in.
    """
    project = Project.find()
    with reader(project.warehouse) as con, tables_of_a_batch():
        relation = DbtProject(project).relation("ops_reviews")
        known = list(rows_of(con, f"select * from {relation} order by due_at, kind, name"))
    if name is None:
        _list(known, show_all=show_all, as_json=as_json)
        return
    _require_known(known, kind, name)
    if by is None:
        mend = f"`baton review {name} --by WHO`"
        raise UsageError("a review without a name", where=f"{kind} {name}", mend=mend)
    with Journal.open(project.journal) as journal:
        done = journal.reviews.record(kind, name, by=by, note=note)
    if as_json:
        print_json(done.__dict__)
    else:
        said = f"{kind} {name} reviewed by {by} at {done.reviewed_at:%Y-%m-%d %H:%M} UTC"
        console.print(said, markup=False, soft_wrap=True)


def _list(known: Iterable[Facts], *, show_all: bool, as_json: bool) -> None:
    shown = [one for one in known if show_all or one["state"] in ("due", "overdue")]
    if as_json:
        print_json({"reviews": shown})
        return
    for line in _lines(shown) if shown else ("nothing is due within 14 days (--all lists all)",):
        console.print(line, markup=False, soft_wrap=True)


def _lines(shown: Iterable[Facts]) -> Iterator[str]:
    head = ("state", "due", "kind", "name", "owner", "last review", "by")
    rows = [
        (
            one["state"],
            _day(one["due_at"]),
            one["kind"],
            one["name"],
            one["owner"] or "nobody",
            _day(one["reviewed_at"]),
            one["reviewed_by"] or "-",
        )
        for one in shown
    ]
    return in_columns([head, *rows])


def _require_known(known: Iterable[Facts], kind: str, name: str) -> None:
    names = {one["name"] for one in known if one["kind"] == kind}
    if name not in names:
        mend = name_hint(name, names, "`baton review --all` lists what is live")
        raise UsageError(f"no {kind} is called {name}", where="the live release", mend=mend)


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "-"
