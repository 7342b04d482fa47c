"""`baton serve`."""

import os
from dataclasses import replace

import click

from baton.commands.output import json_option, print_json
from baton.errors import UsageError
from baton.journal import Journal
from baton.project import Project


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8600,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 finds a free one.",
)
@click.option("--new-key", metavar="NAME", help="Make an API key for NAME, print it once, and end.")
@json_option
def serve(host: str, port: int, new_key: str | None, as_json: bool) -> None:
    """Serve preference links, unsubscribing, contexts of hand-offs and receipts, and take events.

    Works from the journal alone, beside batches and senders; put a proxy with TLS before it. Needs
    BATON_LINK_KEY, the same as the sender. Receipts of providers go into the journal at once, then
    into the landing folder; with BATON_WRITE_KEYS it takes events as well. Ends on SIGTERM or
    Ctrl-C with what has begun answered.
    """
    if new_key is not None:
        _make_key(new_key, as_json=as_json)
        return
    from activation import DestinationsConfig  # noqa: PLC0415  # as below
    from activation.receiving import reporters  # noqa: PLC0415
    from baton.cards.declared import declared_sources  # noqa: PLC0415
    from baton.serve import running  # noqa: PLC0415  # the web stack is needed here alone
    from baton.serve.app import create_app  # noqa: PLC0415
    from baton.serve.receipts import Inbox  # noqa: PLC0415
    from baton.serve.settings import Settings  # noqa: PLC0415

    project = Project.find()
    project.ensure_landing()
    if not project.landing.is_dir():
        raise UsageError(
            "the landing folder does not exist",
            where="BATON_LANDING",
            mend="create it: what providers report and visitors do is landed there",
        )
    inbox = Inbox(reporters(DestinationsConfig.load()), project.landing)
    sources = set(declared_sources(project.dbt_project / "models"))
    settings = Settings.from_environment(os.environ, project.landing, sources)
    settings = replace(settings, inbox=inbox)
    place = project.journal
    with Journal.open(place) as first:
        first.keyed_hash(b"")  # a new journal is made, and its key, while there is time to wait
    with Journal.open(place, polls=True) as journal, running.listen(host, port) as opened:
        keys, names = len(settings.api_keys.entries), sorted(inbox.reporters)
        _announce(host, opened.getsockname()[1], keys, names, as_json)
        running.run(create_app(journal, settings), opened)


def _announce(host: str, port: int, keys: int, reporters: list[str], as_json: bool) -> None:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    if as_json:
        facts = {"listening": url, "host": host, "port": port, "api_keys": keys}
        print_json(facts | {"receipts": reporters})
        return
    click.echo(f"listening on {url}")
    click.echo(f"try:  curl {url}/healthz")
    click.echo("      links in mails lead here once BATON_PUBLIC_URL names this service")
    for name in reporters:
        click.echo(f"      receipts of {name}: POST /receipts/{name}")
    if not keys:
        click.echo(
            "      no API key is set: `baton serve --new-key NAME` makes one for /v1/contexts"
        )


def _make_key(name: str, *, as_json: bool) -> None:
    from baton.serve.keys import make_key  # noqa: PLC0415  # as above

    key, entry = make_key(name)
    if as_json:
        print_json({"key": key, "entry": entry})
        return
    click.echo(f"key, for {name}, shown only now:       {key}")
    click.echo(f"entry, to add to BATON_API_KEYS:  {entry}")
    click.echo("add :unmask to the entry if this key may show personal values")
