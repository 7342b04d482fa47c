"""Receipts of all destinations: who may report, and what a report changes. No effects here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from activation.config import DestinationsConfig
from activation.destinations.receiver import Call, Read, Receiver, Report
from activation.destinations.settings import Settings
from activation.preferences import COMMERCIAL
from baton.errors import UsageError
from baton.journal import AddressBlock, Receipt
from baton.journal.rules import BlockKind

_OF_ADDRESSES: Mapping[str, BlockKind] = {
    "bounced": "bounce",
    "complained": "complaint",
    "stopped": "stop",
}


@dataclass(frozen=True)
class Reporter:
    """A named destination that may report what became of its messages."""

    name: str
    receiver: Receiver
    settings: Settings

    @property
    def public_url(self) -> str | None:
        """Where it calls, if its signature is about that."""
        return self.receiver.public_url(self.settings)

    def needs(self, call: Call) -> str | None:
        """What has to be fetched before a signature can be verified."""
        return self.receiver.needs(call, self.settings)

    def visits(self, call: Call) -> str | None:
        """What a genuine call asks to be visited."""
        return self.receiver.visits(call, self.settings)

    def is_genuine(self, call: Call) -> bool:
        """Whether it is the provider that calls."""
        return self.receiver.is_genuine(call, self.settings)

    def read(self, call: Call) -> Read:
        """What a genuine call says."""
        return self.receiver.read(call, self.settings)


def reporters(config: DestinationsConfig) -> dict[str, Reporter]:
    """The destinations whose receipts are taken, by name.

    One whose variables are not set here is left out: this process may serve others.
    """
    found = [_reporter(config, name) for name in config.names()]
    return {one.name: one for one in found if one}


def _reporter(config: DestinationsConfig, name: str) -> Reporter | None:
    receiver = config.receiver(name)
    if receiver is None:
        return None
    try:
        settings = config.destination(name).settings
    except UsageError:
        return None
    return Reporter(name, receiver, settings) if receiver.is_on(settings) else None


def receipts_of(read: Read, destination: str, now: datetime) -> list[Receipt]:
    """What the journal learns of messages, none of it later than now.

    A soft bounce is left to the warehouse, as it ends.
    """
    return [
        Receipt(report.message_id, report.status, min(report.occurred_at, now), destination)
        for report in read.reports
        if report.message_id and not report.suppressed_until
        if report.status in ("delivered", "bounced", "complained", "stopped")
    ]


def blocks_of(read: Read, destination: str, now: datetime) -> list[AddressBlock]:
    """What the journal learns of addresses: for good, or a no to advertising of every brand."""
    return [block for report in read.reports for block in _blocks(report, destination, now)]


def rows_of(read: Read, destination: str) -> list[dict[str, object]]:
    """The same as records of the source `messaging.receipts`; what is bad is theirs to refuse."""
    rows = [_row(report, destination) for report in read.reports]
    return [*rows, *({"provider": destination, "received": bad} for bad in read.bad)]


def name_of(read: Read, destination: str) -> str:
    """A name that the same reports always have."""
    ids = [report.event_id for report in read.reports]
    told = json.dumps([destination, sorted(ids), list(read.bad)], sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _blocks(report: Report, destination: str, now: datetime) -> Sequence[AddressBlock]:
    if report.address is None or report.suppressed_until:
        return []
    if report.status == "unsubscribed":
        purposes: Sequence[str | None] = sorted(COMMERCIAL)
        kind: BlockKind = "opt_out"
    elif report.status in _OF_ADDRESSES:
        purposes, kind = [None], _OF_ADDRESSES[report.status]
    else:
        return []
    channel, address, at = report.channel, report.address, min(report.occurred_at, now)
    return [AddressBlock(channel, address, None, one, kind, at, destination) for one in purposes]


def _row(report: Report, destination: str) -> dict[str, object]:
    until = report.suppressed_until
    return {
        "receipt_id": f"{destination}:{report.event_id}",
        "provider": destination,
        "message_id": report.message_id,
        "channel": report.channel,
        "address": report.address,
        "status": report.status,
        "reason": report.reason,
        "occurred_at": report.occurred_at.isoformat(),
        "suppressed_until": until.isoformat() if until else None,
    }
