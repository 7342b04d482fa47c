"""One day in the life of all stories, and what can be asked about it afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loopback import WebServer

from activation import SendReport
from baton.journal import AddressBlock
from baton.micro_batch import Batch
from baton.warehouse import reader

from .harness import Installation
from .records import BRAND, Customer, after
from .slices import slice_folder, write_slices
from .stories import CLOSES, arrivals
from .stories.changed_minds import BLOCKED_IN_THE_JOURNAL

Row = Mapping[str, Any]


@dataclass
class Day:
    """A day that was played. Batches, reports and states are by the minute of the batch."""

    installation: Installation
    batches: dict[int, Batch] = field(default_factory=dict[int, Batch])
    reports: dict[int, SendReport] = field(default_factory=dict[int, SendReport])
    states: dict[int, list[Row]] = field(default_factory=dict[int, list[Row]])

    def received(self, *customers: Customer) -> list[str]:
        """The channels through which messages reached these customers, in order of arrival."""
        addresses = {who.email for who in customers} | {who.phone for who in customers}
        return [
            "email" if event["kind"] == "mail" else event["kind"]
            for event in self.installation.receivers.log.events()
            if event["status"] in {"accepted", "repeated"} and event.get("recipient") in addresses
        ]

    def decisions(self, customer: Customer) -> list[tuple[str, str, str]]:
        """Action, outcome and reason of each evaluation for the person, oldest first."""
        rows = self.rows(
            "select d.action, d.outcome, d.reason from {decisions} as d "
            "join {identity_map} as m on d.entry_node_id = m.node_id "
            "join {identity_map} as me on m.person_id = me.person_id and me.node_id = ? "
            "order by d.decided_at, d.evaluation_no, d.action",
            customer.node_id,
        )
        return [(row["action"], row["outcome"], row["reason"]) for row in rows]

    def messages(self, customer: Customer) -> Sequence[Row]:
        """What the journal has of the person's messages, oldest first."""
        nodes = self.rows(
            "select m.node_id from {identity_map} as m join {identity_map} as me "
            "on m.person_id = me.person_id and me.node_id = ?",
            customer.node_id,
        )
        return self.installation.journal.messages_of([row["node_id"] for row in nodes])

    def journeys(self, quote_id: str, minute: int = CLOSES[-1]) -> list[Row]:
        """The instances of a quote as they stood after the batch at `minute`."""
        return [row for row in self.states[minute] if row["correlation_key"] == quote_id]

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """The rows of a query; `{name}` stands for the relation of a model."""
        project, dbt = self.installation.project, self.installation.batches.dbt
        names = {node.name: dbt.relation(node.name) for node in dbt.manifest.nodes.values()
                 if node.resource_type == "model"}  # fmt: skip
        with reader(project.warehouse) as con:
            result = con.execute(sql.format(**names), list(parameters))
            columns = [column[0] for column in result.description or []]
            return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def run(self, minute: int) -> None:
        """Land what has arrived, run the batch and keep what it said."""
        self.land(minute)
        self.batches[minute] = self.installation.batch(after(minute), is_proof=True)
        self.states[minute] = self.rows(
            "select journey, correlation_key, instance_id, step, status from {journey_states}"
        )

    def land(self, minute: int) -> None:
        """Land the files of the slice that closes at `minute`."""
        number = CLOSES.index(minute)
        self.installation.land(slice_folder(self.installation.folder / "slices", number))

    def send(self, minute: int, **changed: str) -> None:
        """Send, and keep the report."""
        self.reports[minute] = self.installation.send(**changed)


def play(installation: Installation, before_sending: Path) -> Day:
    """Play the day. The stores as they are before the first sending go to `before_sending`."""
    write_slices(installation.folder / "slices", arrivals(), [after(minute) for minute in CLOSES])
    day = Day(installation)
    _decide_without_sending(day)
    installation.copy_stores(before_sending)
    _send_while_a_batch_is_open(day)
    day.run(160)
    day.send(160)
    return day


def _decide_without_sending(day: Day) -> None:
    for minute in (0, 60):
        day.run(minute)
        day.send(minute)
    day.run(130)
    day.installation.journal.block_addresses([_block(BLOCKED_IN_THE_JOURNAL)])
    day.run(132)


def _send_while_a_batch_is_open(day: Day) -> None:
    day.land(133)
    day.installation.take_in(after(133))
    with WebServer(_REFUSED) as gateway:
        day.send(133, SMS_GATEWAY_URL=f"http://127.0.0.1:{gateway.port}/sms")
    day.run(133)


def _block(customer: Customer) -> AddressBlock:
    return AddressBlock(
        channel="email",
        address=customer.email,
        brand=BRAND,
        purpose="sales",
        kind="opt_out",
        stated_at=after(130),
        source="preference page",
    )


_REFUSED = 422
