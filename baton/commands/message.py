"""`baton message`: read what an action says before a customer does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from activation.config import DestinationsConfig
from activation.exchange import Unsendable
from activation.templates import Templates
from activation.trial import send_trial
from activation.wording import PROVIDED, Preview, Wording, preview, wording, wordings
from baton.commands.output import console, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.errors import BatonError
from baton.explain import find
from baton.project import Project
from baton.warehouse import reader, rows_of

_brand = click.option("--brand", default="main", show_default=True, help="Whose words.")
_locale = click.option("--locale", help="The language, by default the customer's.")
_as = click.option("--as", "customer", help="E-mail, phone or id of the customer to read it as.")


@click.group()
def message() -> None:
    """List what actions say, read a message as a customer would, send it to yourself."""


@message.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the actions that have words: channel, template, destination."""
    found = wordings(_actions(Project.find()))
    if as_json:
        print_json([vars(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.action:<26} {one.channel:<9} {one.template:<22} {one.destination}")


@message.command("preview")
@click.argument("action")
@_as
@_brand
@_locale
@json_option
def preview_(
    action: str, *, customer: str | None, brand: str, locale: str | None, as_json: bool
) -> None:
    """Show the parts of ACTION's message. What is not known of the customer stands in brackets."""
    _, found = _read(action, customer=customer, brand=brand, locale=locale)
    if as_json:
        print_json({"action": action, "brand": brand, **vars(found)})
        return
    for name, text in found.parts.items():
        console.rule(name)
        click.echo(text)
    console.rule()
    if found.made_up:
        click.echo(f"not known of the customer: {', '.join(found.made_up)}")


@message.command("try")
@click.argument("action")
@click.option("--to", required=True, help="An address of your own.")
@_as
@_brand
@_locale
@json_option
def try_(
    action: str,
    *,
    to: str,
    customer: str | None,
    brand: str,
    locale: str | None,
    as_json: bool,
) -> None:
    """Send ACTION's message to an address of your own, marked as a trial; nothing is recorded."""
    about, found = _read(action, customer=customer, brand=brand, locale=locale)
    destination = DestinationsConfig.load().destination(about.destination)
    try:
        verdict = send_trial(destination, about, found.parts, brand=brand, to=to)
    except Unsendable as error:
        raise _refused(error, about) from None
    facts = {"outcome": verdict.outcome, "reason": verdict.reason}
    if as_json:
        print_json(facts)
    else:
        click.echo(f"{verdict.outcome}: {verdict.reason}")
    if verdict.outcome != "accepted":
        raise BatonError(
            "the trial was not accepted",
            where=f"{destination.name}: {verdict.reason}",
            mend="look at the destination in destinations.yml, and at the tool's own log",
        )


def _read(
    action: str, *, customer: str | None, brand: str, locale: str | None
) -> tuple[Wording, Preview]:
    project = Project.find()
    about = wording(_actions(project), action)
    templates = Templates(DestinationsConfig.load().templates)
    known = _known_of(project, customer, action) if customer else {}
    language = locale or known.get("language")
    try:
        found = preview(
            templates,
            about.template,
            {"brand": brand, **{name: known.get(name) for name in PROVIDED - {"brand"}}},
            brand=brand,
            locale=str(language) if language else None,
        )
    except Unsendable as error:
        raise _refused(error, about) from None
    return about, found


def _known_of(project: Project, customer: str, action: str) -> Mapping[str, Any]:
    """What the customer's profile says, and the unsent message of this action if there is one."""
    dbt = DbtProject(project)
    with reader(project.warehouse) as con:
        person_id = find(con, dbt, customer).person_id
        profile = next(
            rows_of(
                con,
                f"select first_name, language from {dbt.relation('customers')} where person_id = ?",
                [person_id],
            ),
            {},
        )
        unsent = next(
            rows_of(
                con,
                f"select * from {dbt.relation('int_activation__hand_over')} "
                "where person_id = ? and action = ? order by expires_at desc limit 1",
                [person_id, action],
            ),
            {},
        )
    return {**profile, **unsent}


def _actions(project: Project) -> Path:
    return project.dbt_project / "seeds" / "policies" / "actions.csv"


def _refused(error: Unsendable, about: Wording) -> BatonError:
    return BatonError(
        f"the message cannot be made: {error.reason}",
        where=f"the template {about.template}",
        mend="give the variable a default in template.yml, or name another customer",
    )
