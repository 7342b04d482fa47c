"""From the warehouse to the journal: every no at once, messages after the batch's commit."""

from datetime import datetime
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.journal import AddressBlock, HandedMessage, HandOver, Journal, Receipt
from baton.prepared import Executes
from baton.warehouse import rows_of

VARIABLES = (
    "first_name",
    "locale",
    "quote_id",
    "product",
    "compared_with",
    "value",
    "topic",
    "tried",
    "owner",
    "respond_by",
)

_OF_WINDOW = (
    "loaded_seq > (select w.from_seq from raw.this_window as w) "
    "and loaded_seq <= (select w.to_seq from raw.this_window as w)"
)


def hand_over(con: Executes, journal: Journal, dbt: DbtProject, *, at: datetime) -> HandOver:
    """Tell the journal every message that may still be unsent, and what blocks it at `at`.

    Idempotent by message id: called twice, or after a crash, it changes nothing more.
    """
    relation = dbt.relation("int_activation__hand_over")
    rows = rows_of(con, f"select * from {relation}")
    return journal.hand_over((_message(row) for row in rows), checked_at=at)


def pass_on(con: Executes, journal: Journal, dbt: DbtProject) -> None:
    """Tell the journal what this window says of addresses and messages, before deciding.

    Blocks the addresses that a no is about, and moves messages by their receipts; idempotent. On
    the very first batch there is nothing to pass on: the views do not exist yet, nor a message.
    """
    blocks = dbt.relation("int_activation__address_blocks")
    try:
        _pass_on(con, journal, dbt, blocks)
    except duckdb.CatalogException:
        if _exists(con, blocks):
            raise


def _pass_on(con: Executes, journal: Journal, dbt: DbtProject, blocks: str) -> None:
    said = f"select * exclude (loaded_seq), 'loaded' as source from {blocks} where {_OF_WINDOW}"
    if found := [AddressBlock(**row) for row in rows_of(con, said)]:
        journal.block_addresses(found)
    reported = (
        "select message_id, status, occurred_at, provider as source "
        f"from {dbt.relation('stg_messaging__receipts')} where message_id is not null "
        "and status in ('delivered', 'bounced', 'complained', 'stopped') "
        f"and suppressed_until is null and {_OF_WINDOW}"
    )
    if moved := [Receipt(**row) for row in rows_of(con, reported)]:
        journal.record_receipts(moved)


def _message(row: dict[str, Any]) -> HandedMessage:
    variables = {name: row.pop(name) for name in VARIABLES}
    message_class = row.pop("class")
    displaces = tuple((row.pop("displaces") or "").split())
    return HandedMessage(
        **row,
        message_class=message_class,
        displaces=displaces,
        variables={**variables, "brand": row["brand"]},
    )


def _exists(con: Executes, relation: str) -> bool:
    schema, name = relation.replace('"', "").split(".")
    found = con.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchone()
    return found is not None
