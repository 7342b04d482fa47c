"""`baton identity link`, `separate`, `lift` and `overrides`."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from baton.commands.identity.explaining import unmask_option
from baton.commands.output import console, json_option, print_json, report
from baton.dbt_runner import DbtProject
from baton.explain import Mask
from baton.identity import End, Prospect, find_end, prospect, stories
from baton.identity.masking import masked
from baton.identity.show import override_line
from baton.journal import Journal
from baton.journal.overrides import Kind
from baton.project import Project
from baton.warehouse import reader

_EFFECTS = {
    ("force", "merge"): "two persons become one",
    ("force", "none"): "they are one person already, and stay one whatever is said later",
    ("never", "split"): "one person becomes two",
    ("never", "none"): "they are two persons already, and stay apart whatever is said later",
    ("lifted", "merge"): "two persons become one, as records say",
    ("lifted", "split"): "one person becomes several, as records say",
    ("lifted", "none"): "nothing changes for now",
}


@dataclass(frozen=True)
class _Wish:
    one: str
    other: str
    reason: str
    by: str
    is_dry_run: bool
    as_json: bool


def _deciding(command: Callable[[_Wish], None]) -> click.Command:
    """A command about two identifiers, with a reason that stays on record."""

    @click.argument("one")
    @click.argument("other")
    @click.option("--reason", required=True, help="Why; it stays on record: no personal values.")
    @click.option("--by", default=getpass.getuser, help="Who; by default the user logged in.")
    @click.option("--dry-run", is_flag=True, help="Only tell what would become of the two.")
    @json_option
    def decide(dry_run: bool, **given: Any) -> None:
        command(_Wish(is_dry_run=dry_run, **given))

    return click.command(name=command.__name__, help=command.__doc__)(decide)


@_deciding
def link(wish: _Wish) -> None:
    """Have ONE and OTHER be the same person from the next batch on, whatever limits say.

    Each is an e-mail, phone, CRM or user id; a person id stands for the identifier that gave it.
    """
    _decide("force", wish)


@_deciding
def separate(wish: _Wish) -> None:
    """Keep ONE and OTHER apart from the next batch on, whatever records say."""
    _decide("never", wish)


@_deciding
def lift(wish: _Wish) -> None:
    """Take back what was decided about ONE and OTHER: records and rules say again who they are."""
    _decide("lifted", wish)


@click.command()
@unmask_option
@json_option
def overrides(unmask: bool, as_json: bool) -> None:
    """List the decisions that stand: of stewards, and of the live release."""
    project = Project.find()
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        found = stories.overrides(con, DbtProject(project), journal)
    told = masked(found, Mask(is_on=not unmask))
    if as_json:
        print_json({"overrides": told})
        return
    for row in told:
        console.print(override_line(row), markup=False, soft_wrap=True)
    if not told:
        console.print("nothing was decided", markup=False)


def _decide(kind: Kind, wish: _Wish) -> None:
    project = Project.find()
    dbt = DbtProject(project)
    with reader(project.warehouse) as con, Journal.open(project.journal) as journal:
        ends = find_end(con, dbt, wish.one), find_end(con, dbt, wish.other)
        expected = prospect(con, dbt, journal, kind, ends)
        decide = journal.overrides.check if wish.is_dry_run else journal.overrides.decide
        said = decide(expected.wish, reason=wish.reason, by=wish.by)
    facts = {"override_ids": [one.override_id for one in said]} if said else {"is_dry_run": True}
    report({**facts, **_facts(kind, ends, expected)}, as_json=wish.as_json)


def _facts(kind: Kind, ends: tuple[End, End], expected: Prospect) -> dict[str, Any]:
    return {
        "kind": kind,
        "person_ids_today": sorted({end.person_id for end in ends}),
        "person_ids_expected": list(expected.person_ids),
        "effect": _EFFECTS[kind, expected.effect],
        "takes_effect": "with the next batch",
    }
