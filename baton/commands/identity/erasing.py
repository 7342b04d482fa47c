"""`baton identity erase`, and what becomes of it."""

import getpass
import os
from typing import Any

import click
import duckdb

from activation.config import DestinationsConfig
from activation.erasing import is_taken_back, row_keys, tool_orders
from activation.syncs.wiring import declared_syncs
from baton.audit.sealing import Sealer
from baton.commands.output import json_option, print_json, report
from baton.dbt_runner import DbtProject
from baton.erasing import counted, find_person, finish, left_to_blank, mend_of
from baton.errors import Busy
from baton.explain.subject import find
from baton.gate.folder import remove_leftovers
from baton.intake import prepare, sources_from_manifest
from baton.journal import Journal
from baton.journal.clock import wall_clock
from baton.journal.erasures import Erasure, ErasureOrder
from baton.project import Project
from baton.tombstones import VARIABLE, ErasureKey
from baton.warehouse import reader, rewrite, writer


@click.command()
@click.argument("customer")
@click.option("--reason", required=True, help="Why; it stays on record: no personal values.")
@click.option("--by", default=getpass.getuser, help="Who; by default the user logged in.")
@click.option("--dry-run", is_flag=True, help="Only count what would be erased.")
@json_option
def erase(customer: str, reason: str, by: str, dry_run: bool, as_json: bool) -> None:
    """Erase a person everywhere: CUSTOMER is an e-mail, phone, CRM, user or person id.

    Nothing goes to them any more when it returns. The warehouse and the landed files are cleaned
    at once if they are free, else by the next batch; tools are told by `baton send`.
    """
    ErasureKey.parse(os.environ.get(VARIABLE))
    project = Project.find()
    dbt = DbtProject(project)
    dbt.checksum()  # read before the warehouse is held
    with Journal.open(project.journal) as journal:
        if dry_run:
            with reader(project.warehouse) as con:
                order, rows = planned(con, project, dbt, journal, customer)
            ways = {
                one.tool: {"way": one.way, "calls": len(one.identifiers)} for one in order.tools
            }
            facts = {"is_dry_run": True, **_found(order, rows), "tools": ways}
            report(facts, as_json=as_json)
            return
        erasure, order, rows = ordered(project, dbt, journal, customer, reason=reason, by=by)
        left = _finish_now(project, dbt, journal)
        remove_leftovers(project.root)
        done: dict[str, Any] = {
            "erasure_id": erasure.erasure_id,
            "is_done": not journal.erasures.open(),
            "files_left": left,
            **mend_of(project.landing, left),
        }
        facts = {**done, **_found(order, rows), "tools": _tools(journal, erasure)}
        report(facts, as_json=as_json)


def ordered(
    project: Project, dbt: DbtProject, journal: Journal, customer: str, *, reason: str, by: str
) -> tuple[Erasure, ErasureOrder, dict[str, int]]:
    """Find a person and erase them in the journal; returns what was found of them, too.

    The warehouse is held from the one to the other, so that no batch links one more identifier.
    """
    with reader(project.warehouse) as con:
        order, rows = planned(con, project, dbt, journal, customer)
        return journal.erasures.order(order, reason=reason, by=by), order, rows


def planned(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    dbt: DbtProject,
    journal: Journal,
    customer: str,
) -> tuple[ErasureOrder, dict[str, int]]:
    """What is to be erased, and how many rows of which tables that is."""
    config = DestinationsConfig.load()
    person = find_person(con, dbt, find(con, dbt, customer).person_id)
    rows = counted(con, dbt, sources_from_manifest(dbt.source_nodes), person)
    syncs, _problems = declared_syncs(project, dbt, config)
    handles = [one.value for one in person.identifiers]
    keys = row_keys(journal.syncs, person.person_ids, person.identifiers)
    tools = tool_orders(
        config,
        syncs,
        journal.syncs,
        told=journal.erasures.told(person.node_ids, keys, handles),
        person_ids=person.person_ids,
        identifiers=person.identifiers,
        keys=keys,
    )
    called = {one.tool for one in tools if one.way == "call"}
    order = ErasureOrder(
        person_ids=person.person_ids,
        node_ids=person.node_ids,
        identifiers=person.identifiers,
        tools=tools,
        row_keys=keys,
        handles=handles,
        kept_syncs={
            (one.name, one.destination)
            for one in syncs
            if is_taken_back(one) and one.destination not in called
        },
    )
    return order, rows


@click.command()
@json_option
def erasures(as_json: bool) -> None:
    """List erasures: by whom and why, whether they are done, and what each tool has answered."""
    with Journal.open(Project.find().journal) as journal:
        facts = [_shown(journal, one) for one in journal.erasures.all()]
        purged_at = journal.erasures.purged_at()
    if as_json:
        print_json({"erasures": facts, "purged_at": purged_at})
        return
    for one in facts:
        report(one, as_json=False)
    report({"purged_at": purged_at}, as_json=False)


@click.command()
@json_option
def purge(as_json: bool) -> None:
    """Write the warehouse anew, so that free room in its file holds nothing of erased people.

    Nobody can use it meanwhile, and it takes as much room again.
    """
    project, at = Project.find(), wall_clock()
    remove_leftovers(project.root)
    rewrite(project.warehouse)
    with Journal.open(project.journal) as journal:
        journal.erasures.purge()
        journal.erasures.note_purge(at)
    report({"purged_at": at}, as_json=as_json)


@click.command("done-by-hand")
@click.argument("erasure_id", metavar="ERASURE")
@click.argument("tool")
@click.option("--by", default=getpass.getuser, help="Who; by default the user logged in.")
@json_option
def done_by_hand(erasure_id: str, tool: str, by: str, as_json: bool) -> None:
    """Put on record that somebody has erased the person in a TOOL that cannot be told."""
    with Journal.open(Project.find().journal) as journal:
        journal.erasures.settle_by_hand(erasure_id, tool, by=by)
    report({"erasure_id": erasure_id, "tool": tool, "settled_by": by}, as_json=as_json)


def _finish_now(project: Project, dbt: DbtProject, journal: Journal) -> list[str]:
    """Clean warehouse and files if nobody holds them; the next batch does it otherwise.

    Returns the files that could not be blanked, or were not there.
    """
    sources = sources_from_manifest(dbt.source_nodes)
    try:
        with writer(project.warehouse) as con:
            prepare(con, sources)
            burial = Sealer(dbt).burial(con, journal)
            finish(con, journal, dbt, sources, project.landing, burial=burial)
            return left_to_blank(con)
    except Busy:
        return []


def _found(order: ErasureOrder, rows: dict[str, int]) -> dict[str, Any]:
    return {
        "person_ids": list(order.person_ids),
        "identifiers": len(order.node_ids),
        "rows": rows,
    }


def _shown(journal: Journal, one: Erasure) -> dict[str, Any]:
    return {
        "erasure_id": one.erasure_id,
        "reason": one.reason,
        "by": one.set_by,
        "erased_at": one.erased_at,
        "done_at": one.done_at,
        "person_ids": list(one.person_ids),
        "tools": _tools(journal, one),
    }


def _tools(journal: Journal, one: Erasure) -> dict[str, Any]:
    return {row.pop("tool"): row for row in journal.erasures.tools(one.erasure_id)}
