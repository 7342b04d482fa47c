"""`baton journey`."""

import sys
import tempfile
from datetime import datetime
from pathlib import Path

import click

from baton.cards import CompiledCard, read_project
from baton.commands.output import err, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.journal import Journal
from baton.journeys import drawing, listing, scenarios
from baton.journeys.cards import card_in, card_named, live_cards
from baton.journeys.counts import Counts, read_counts
from baton.journeys.replay import Span
from baton.journeys.simulate import simulate as simulate_now
from baton.journeys.simulate_text import simulation_lines
from baton.project import Project

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])
_FROM = "From when on, such as 2026-01-31 or '2026-01-31 09:00' (UTC)."
_TO = "Before when (UTC)."
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def journey() -> None:
    """Try journeys before they are live, and see who is where in those that are."""


@journey.command("list")
@json_option
def list_journeys(as_json: bool) -> None:
    """List journeys of the working tree and of the live release, with who is in them."""
    project = Project.find()
    cards = read_project(project.dbt_project)
    with Journal.open(project.journal) as journal, err.status("reading"):
        live = live_cards(project, journal)
        facts = listing.list_facts(project, cards, live, DbtProject(project))
    if as_json:
        print_json(facts)
    else:
        click.echo("\n".join(listing.list_lines(facts)))


@journey.command()
@click.argument("name")
@click.option("--html", "html", type=_FILE, help="Draw it into this file.")
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print it as a Mermaid flowchart.")
@click.option("--live", "is_live", is_flag=True, help="Show the live card, not the tree's.")
@json_option
def show(*, name: str, html: Path | None, as_mermaid: bool, is_live: bool, as_json: bool) -> None:
    """Show a journey's card with live counts: in words, as Mermaid, or drawn in an HTML page."""
    project = Project.find()
    with err.status("reading"):
        card = _live_card(project, name) if is_live else _tree_card(project, name)
        graph = drawing.graph_of(card, _counts(project, name))
    if html is not None:
        _write(html, drawing.page(graph))
        err.print(f"drawn in {html}", markup=False)
    if as_json:
        print_json(listing.show_facts(graph))
    elif as_mermaid:
        click.echo(drawing.mermaid(graph), nl=False)
    elif html is None:
        click.echo("\n".join(listing.show_lines(graph)))


@journey.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
def test(names: tuple[str, ...], as_json: bool) -> None:
    """Run the scenarios of all journeys, or of those named, under the cards of the working tree."""
    project = Project.find()
    cards = read_project(project.dbt_project)
    files = scenarios.read_scenarios(cards, names)
    with tempfile.TemporaryDirectory() as folder, err.status("reading the models") as status:
        verdicts = scenarios.run_scenarios(
            project, cards.cards, files, Path(folder), progress=status.update
        )
    if as_json:
        print_json(scenarios.facts_of(verdicts))
    else:
        click.echo("\n".join(scenarios.lines_of(verdicts)))
    sys.exit(0 if all(one.passed for one in verdicts) else 1)


@journey.command()
@click.argument("name")
@click.option("--from", "start", type=_TIME, metavar="TIME", required=True, help=_FROM)
@click.option("--to", "end", type=_TIME, metavar="TIME", required=True, help=_TO)
@click.option("--card", "path", type=_FILE, help="The changed card; by default the tree's.")
@json_option
def simulate(
    *, name: str, start: datetime, end: datetime, path: Path | None, as_json: bool
) -> None:
    """Replay what happened between two times under a changed card and under the live one.

    Counts who would have gone where. Nothing becomes live, and the warehouse is only read.
    """
    project = Project.find()
    changed = card_in(path, project.dbt_project, name) if path else _tree_card(project, name)
    with Journal.open(project.journal) as journal:
        live = live_cards(project, journal).cards.get(name)
    with err.status("reading the models") as status:
        done = simulate_now(
            project,
            DbtProject(project),
            Span(start, end),
            changed=changed,
            live=live,
            progress=status.update,
        )
    if as_json:
        print_json(done.facts())
    else:
        click.echo("\n".join(simulation_lines(done)))


def _tree_card(project: Project, name: str) -> CompiledCard:
    return card_named(read_project(project.dbt_project), name)


def _live_card(project: Project, name: str) -> CompiledCard:
    with Journal.open(project.journal) as journal:
        live = live_cards(project, journal)
    if name not in live.cards:
        mend = "activate a release that has it, or leave --live out"
        raise UsageError(f"no card of {name} is live", where=live.missing or "release", mend=mend)
    return live.cards[name]


def _counts(project: Project, name: str) -> Counts:
    if not project.warehouse.exists():
        return Counts(missing="there is no warehouse yet")
    return read_counts(project.warehouse, DbtProject(project), name)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the page cannot be written: {error.strerror}",
            where=str(file),
            mend="give a file in a folder that exists and may be written to",
        ) from error
