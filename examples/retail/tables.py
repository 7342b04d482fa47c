"""The tables of the example's sources, and the row that travels between the modules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

Value: TypeAlias = str | int | float | bool | date | datetime | Mapping[str, str | float] | None
Provenance = Literal["recorded", "grafted", "generated"]

BRAND = "main"


@dataclass(frozen=True)
class Table:
    """One landed table: file kind, columns with their SQL types, key and required time."""

    source: str
    name: str
    extension: Literal["parquet", "jsonl", "csv"]
    key: tuple[str, ...]
    columns: Mapping[str, str]

    @property
    def full_name(self) -> str:
        """`<source>.<table>`."""
        return f"{self.source}.{self.name}"


@dataclass(frozen=True)
class Row:
    """One record on its way to a file.

    `occurred_at` and `arrives_at` are naive UTC. `is_planned` rows carry the demo's planned
    outcomes and are never disturbed. `raw` replaces the values by a text that is no record.
    """

    table: str
    values: Mapping[str, Value]
    occurred_at: datetime
    arrives_at: datetime
    provenance: Provenance = "generated"
    is_planned: bool = False
    raw: str | None = None

    def with_values(self, **changes: Value) -> "Row":
        """Return a copy with some values changed."""
        return replace(self, values={**self.values, **changes})


def _columns(text: str) -> dict[str, str]:
    """Read `type: column column; type: column` in the order written."""
    groups = (group.split(":") for group in text.split(";"))
    return {column: kind.strip() for kind, names in groups for column in names.split()}


_ALL = (
    Table(
        "shop", "orders", "parquet", ("basket_id",),
        _columns(
            "varchar: basket_id household_id store_id contact_id; bigint: items;"
            "double: amount discount; timestamp: ordered_at"
        ),
    ),
    Table(
        "shop", "campaign_contacts", "parquet", ("campaign_id", "household_id"),
        _columns("varchar: campaign_id household_id campaign_type; date: start_date end_date"),
    ),
    Table(
        "shop", "coupon_redemptions", "parquet", ("redemption_id",),
        _columns("varchar: redemption_id household_id coupon_upc campaign_id; date: redeemed_on"),
    ),
    Table(
        "crm", "contacts", "csv", ("contact_id",),
        _columns(
            "varchar: contact_id first_name last_name email phone household_id address_line"
            " postal_code city country timezone language; date: member_until;"
            "boolean: do_not_contact deceased email_opt_out sms_opt_out;"
            "timestamp: created_at updated_at"
        ),
    ),
    Table(
        "web", "events", "jsonl", ("event_id",),
        _columns(
            "varchar: event_id anonymous_id user_id email event; json: properties;"
            "timestamp: occurred_at sent_at"
        ),
    ),
    Table(
        "chat", "messages", "jsonl", ("message_id",),
        _columns(
            "varchar: message_id conversation_id anonymous_id email contact_id author intent text;"
            "json: properties; timestamp: occurred_at"
        ),
    ),
    Table(
        "service", "cases", "jsonl", ("case_id",),
        _columns(
            "varchar: case_id contact_id email phone topic status priority;"
            "timestamp: opened_at closed_at updated_at"
        ),
    ),
    Table(
        "consent", "statements", "csv", ("statement_id",),
        _columns(
            "varchar: statement_id contact_id email phone channel purpose brand; boolean: granted;"
            "timestamp: stated_at; varchar : origin proof; timestamp : valid_until;"
            "boolean : confirmed"
        ),
    ),
    Table(
        "messaging", "receipts", "jsonl", ("receipt_id",),
        _columns(
            "varchar: receipt_id provider message_id channel address status reason;"
            "timestamp: occurred_at suppressed_until"
        ),
    ),
)  # fmt: skip

TABLES: Mapping[str, Table] = {table.full_name: table for table in _ALL}
