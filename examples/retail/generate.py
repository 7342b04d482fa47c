"""Generate the example's files: `python -m examples.retail.generate --out DIR`.

The same seed and times give the same bytes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from baton.errors import BatonError
from examples.retail.answers import answer_key, mailboxes
from examples.retail.chats import chat_rows
from examples.retail.consent import consent_statements, standing
from examples.retail.contacts import contact_rows
from examples.retail.conversations import Conversation, hold_conversations
from examples.retail.disturb import disturb
from examples.retail.quotes import past_quotes, planned_quotes
from examples.retail.rare_consents import countries, rare_consents
from examples.retail.receipts import delivery_receipts
from examples.retail.recorded import read_recorded
from examples.retail.service import service_cases
from examples.retail.shop import shop_rows
from examples.retail.tables import Row
from examples.retail.timeline import Timeline
from examples.retail.web import background_sessions
from examples.retail.world import World, export_slice, make_world
from examples.retail.write import clear, write_json, write_rows, write_slices

GO_LIVE = datetime(2017, 12, 29, 12)

_NUMBERED = {
    "web.events": ("event_id", "evt"),
    "chat.messages": ("message_id", "msg"),
    "consent.statements": ("statement_id", "st"),
    "messaging.receipts": ("receipt_id", "rc"),
}


@dataclass(frozen=True)
class Summary:
    """What was written: rows by table and provenance, and how many quotes have which fate."""

    rows: Mapping[str, Mapping[str, int]]
    history_rows: int
    live_rows: int
    fates: Mapping[str, int]


@dataclass(frozen=True)
class _Scenes:
    rows: tuple[Row, ...]
    conversations: tuple[Conversation, ...]


def generate(
    out: Path,
    *,
    seed: int = 20171229,
    go_live: datetime = GO_LIVE,
    hours: int = 6,
    every_minutes: int = 30,
) -> Summary:
    """Write `history/`, `live/`, `slices.json`, `answer_key.json` and `mailboxes.json` into `out`.

    `go_live` is naive UTC. Files of an earlier run are replaced. Raises UsageError when the live
    part is too short, no invented person fits a planned quote, or `out` holds other things.
    """
    timeline = Timeline(go_live, hours, timedelta(minutes=every_minutes))
    world = make_world(seed, timeline, read_recorded())
    scenes = _scenes(world)
    disturbed = disturb(_number(scenes.rows), timeline, world.rng("disturb"))
    clear(out)
    write_slices(out, timeline)
    written = write_rows(disturbed.rows, out, timeline)
    key = answer_key(world, written, scenes.conversations, disturbed.mishaps)
    write_json(out / "answer_key.json", key)
    write_json(out / "mailboxes.json", mailboxes(world, _bounced(scenes.rows)))
    return _summary(written, world)


def _scenes(world: World) -> _Scenes:
    conversations = hold_conversations(world)
    lately = world.timeline.go_live - timedelta(days=2)
    busy = {c.person.person_id for c in conversations if c.person and c.started_at > lately}
    rows = (
        *shop_rows(world),
        *_crm_exports(world),
        *planned_quotes(world),
        *past_quotes(world),
        *background_sessions(world, busy),
        *chat_rows(world, conversations),
        *service_cases(world, conversations),
        *consent_statements(world),
        *delivery_receipts(world),
    )
    return _Scenes(rows, conversations)


def _crm_exports(world: World) -> list[Row]:
    lives = countries(rare_consents(world, standing(world)))
    before = world.timeline.go_live - timedelta(minutes=10)
    again = export_slice(world.timeline).starts_at + timedelta(minutes=1)
    return [
        *contact_rows(world.contacts, world.memberships, lives, before),
        *contact_rows(world.reexport.contacts, world.memberships, lives, again),
    ]


def _number(rows: Iterable[Row]) -> list[Row]:
    numbered: list[Row] = []
    seen: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: row.occurred_at):
        if row.table in _NUMBERED:
            seen[row.table] += 1
            column, prefix = _NUMBERED[row.table]
            numbered.append(row.with_values(**{column: f"{prefix}-{seen[row.table]:06d}"}))
        else:
            numbered.append(row)
    return numbered


def _bounced(rows: Iterable[Row]) -> list[str]:
    return [str(row.values["address"]) for row in rows if row.values.get("status") == "bounced"]


def _summary(written: Iterable[Row], world: World) -> Summary:
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    history = live = 0
    for row in written:
        rows[row.table][row.provenance] += 1
        is_live = world.timeline.slice_of(row.arrives_at) > 0
        history, live = history + (not is_live), live + is_live
    return Summary(
        rows={table: dict(rows[table]) for table in sorted(rows)},
        history_rows=history,
        live_rows=live,
        fates=dict(Counter(quote.fate.name for quote in world.cast.quotes)),
    )


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--seed", default=20171229, show_default=True)
@click.option("--go-live", type=click.DateTime(), default=GO_LIVE, show_default=True)
@click.option("--hours", default=6, show_default=True)
@click.option("--every-minutes", default=30, show_default=True)
def main(out: Path, seed: int, go_live: datetime, hours: int, every_minutes: int) -> None:
    """Write the example's history, live slices and answer key into a folder."""
    try:
        summary = generate(
            out, seed=seed, go_live=go_live, hours=hours, every_minutes=every_minutes
        )
    except BatonError as error:
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    for table, shares in summary.rows.items():
        click.echo(f"{table}: " + ", ".join(f"{n} {what}" for what, n in sorted(shares.items())))
    click.echo(f"history {summary.history_rows} rows, live {summary.live_rows} rows")
    click.echo("quotes: " + ", ".join(f"{n} {fate}" for fate, n in summary.fates.items()))


if __name__ == "__main__":
    main()
