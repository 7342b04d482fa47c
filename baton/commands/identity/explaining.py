"""`baton identity explain` and `baton identity conflicts`."""

import click

from baton.commands.output import console, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.explain import Mask
from baton.identity import of_pair, of_person, stories
from baton.identity.masking import masked
from baton.identity.show import conflict_lines, pair_lines, person_lines
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import reader

unmask_option = click.option("--unmask", is_flag=True, help="Show names and addresses in full.")


@click.command()
@click.argument("one")
@click.argument("other", required=False)
@unmask_option
@json_option
def explain(one: str, other: str | None, unmask: bool, as_json: bool) -> None:
    """Tell why ONE and OTHER are the same person or not; of ONE alone, how the person came to be.

    Each is an e-mail, phone, CRM, user or person id.
    """
    project = Project.find()
    dbt = DbtProject(project)
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        if other is None:
            story, lines = of_person(con, dbt, journal, one), person_lines
        else:
            story, lines = of_pair(con, dbt, journal, one, other), pair_lines
    told = masked(story, Mask(is_on=not unmask))
    if as_json:
        print_json(told)
        return
    for line in lines(told):
        console.print(line, markup=False, soft_wrap=True)


@click.command()
@unmask_option
@json_option
def conflicts(unmask: bool, as_json: bool) -> None:
    """List what identity could not settle by itself, with what to do next."""
    project = Project.find()
    with reader(project.warehouse) as con:
        found = stories.conflicts(con, DbtProject(project))
    told = masked(found, Mask(is_on=not unmask))
    if as_json:
        print_json({"conflicts": told})
        return
    for line in conflict_lines(told):
        console.print(line, markup=False, soft_wrap=True)
