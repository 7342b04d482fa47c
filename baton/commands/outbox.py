"""`baton outbox`: messages that wait, are kept or dead, and what is done about them."""

import getpass
from collections.abc import Callable
from typing import Any, get_args

import click

from baton.commands.output import json_option, report
from baton.errors import CheckFailed, UsageError
from baton.journal import Journal
from baton.journal.rules import State
from baton.project import Project

_STATES = get_args(State)
_BY_DEFAULT = ("dead", "unknown", "held", "retry")


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--destination", help="Of this destination alone."),
        click.option("--journey", help="Of this journey alone."),
        click.option(
            "--state",
            "states",
            multiple=True,
            type=click.Choice(_STATES),
            help="In this state; may be repeated.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _signed(command: Callable[..., None]) -> Callable[..., None]:
    by = click.option("--by", default=getpass.getuser, help="Who; by default the user logged in.")
    return by(command)


@click.group()
def outbox() -> None:
    """List, show, replay, drop and release messages that wait or are dead. No personal values."""


@outbox.command("list")
@_filters
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@click.option(
    "--sent-before-optout",
    is_flag=True,
    help="Instead: what may have gone although an opt-out came after its claim, with the times.",
)
@json_option
def list_(
    *,
    destination: str | None,
    journey: str | None,
    states: tuple[str, ...],
    limit: int,
    sent_before_optout: bool,
    as_json: bool,
) -> None:
    """List messages that need somebody: by default dead, unknown, held and waiting to be retried.

    Above them stands what waits per destination.
    """
    with _journal() as journal:
        if sent_before_optout:
            late = _matching(journal.sent_before_optout(), destination, journey, states)
            report({"messages": late[:limit]}, as_json=as_json)
            return
        backlog = journal.backlog()
        found = journal.outbox(
            states=states or _BY_DEFAULT, destination=destination, journey=journey, limit=limit
        )
    if not as_json:
        found = [_short(row) for row in found]
    report({"backlog": backlog, "messages": found}, as_json=as_json)


@outbox.command()
@click.argument("message_id")
@json_option
def show(message_id: str, as_json: bool) -> None:
    """Show a message: its state, the requests that carried it, and how it came there."""
    with _journal() as journal:
        message = journal.message(message_id)
        if message is None:
            raise _unknown([message_id])
        facts: dict[str, Any] = {
            "message": message,
            "attempts": journal.attempts(message_id),
            "events": journal.message_events(message_id),
        }
    report(facts, as_json=as_json)


@outbox.command()
@click.argument("message_ids", nargs=-1, metavar="[ID]...")
@click.option("--destination", help="All dead messages of this destination.")
@click.option("--journey", help="All dead messages of this journey.")
@click.option("--reason", default="replayed by hand", help="Why; it stays on record.")
@_signed
@json_option
def replay(
    *,
    message_ids: tuple[str, ...],
    destination: str | None,
    journey: str | None,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Let dead messages go again, tries forgotten. The next batch checks them before they go.

    An expired one stays dead. Exit code 1 when some could not be replayed.
    """
    with _journal() as journal:
        ids = _wanted(journal, message_ids, destination, journey, ("dead",))
        done = journal.replay(ids, by=by, reason=reason)
    _tell("replayed", ids, done, as_json=as_json)


@outbox.command()
@click.argument("message_ids", nargs=-1, metavar="[ID]...")
@_filters
@click.option("--reason", required=True, help="Why; it stays on record.")
@_signed
@json_option
def drop(
    *,
    message_ids: tuple[str, ...],
    destination: str | None,
    journey: str | None,
    states: tuple[str, ...],
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Give up unsent and dead messages for good: by id, or by filter (dead ones by default).

    The journal records who and why. Exit code 1 when some could not be dropped.
    """
    with _journal() as journal:
        ids = _wanted(journal, message_ids, destination, journey, states or ("dead",))
        done = journal.drop(ids, by=by, reason=reason)
    _tell("dropped", ids, done, as_json=as_json)


@outbox.command()
@click.argument("message_ids", nargs=-1, metavar="[ID]...")
@click.option("--destination", help="All kept messages of this destination.")
@click.option("--journey", help="All kept messages of this journey.")
@click.option("--reason", required=True, help="Why; it stays on record.")
@_signed
@json_option
def release(
    *,
    message_ids: tuple[str, ...],
    destination: str | None,
    journey: str | None,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Let messages go that were kept when a stop was lifted. The next batch checks them first.

    Exit code 1 when some were not kept.
    """
    with _journal() as journal:
        ids = _wanted(journal, message_ids, destination, journey, ("held",))
        kept = [id_ for id_ in ids if (journal.message(id_) or {}).get("is_kept")]
        done = journal.let_go(kept, by=by, reason=reason)
    _tell("released", ids if message_ids else kept, done, as_json=as_json)


def _journal() -> Journal:
    return Journal.open(Project.find().journal)


def _wanted(
    journal: Journal,
    message_ids: tuple[str, ...],
    destination: str | None,
    journey: str | None,
    states: tuple[str, ...],
) -> list[str]:
    has_filter = destination is not None or journey is not None
    if bool(message_ids) == has_filter:
        raise UsageError(
            "which messages?", where="baton outbox", mend="give ids, or a destination or journey"
        )
    if message_ids:
        if missing := [id_ for id_ in message_ids if journal.message(id_) is None]:
            raise _unknown(missing)
        return list(message_ids)
    rows = journal.outbox(states=states, destination=destination, journey=journey, limit=100_000)
    return [row["message_id"] for row in rows]


def _matching(
    rows: list[dict[str, Any]],
    destination: str | None,
    journey: str | None,
    states: tuple[str, ...],
) -> list[dict[str, Any]]:
    return [
        row
        for row in rows
        if destination in (None, row["destination"])
        and journey in (None, row["journey"])
        and (not states or row["state"] in states)
    ]


def _tell(verb: str, ids: list[str], done: list[str], *, as_json: bool) -> None:
    left = [id_ for id_ in ids if id_ not in set(done)]
    report({verb: len(done), "left": left}, as_json=as_json)
    if left:
        raise CheckFailed(
            f"{len(left)} could not be {verb}",
            where=", ".join(left[:5]),
            mend="`baton outbox show ID` tells the state of each",
        )


def _unknown(ids: list[str]) -> UsageError:
    return UsageError(
        "the journal has no such message",
        where=", ".join(ids[:5]),
        mend="`baton outbox list` names messages; `baton explain` finds those of a person",
    )


def _short(row: dict[str, Any]) -> dict[str, Any]:
    names = ("message_id", "state", "reason", "destination", "journey", "tries", "changed_at")
    return {name: row[name] for name in names}
