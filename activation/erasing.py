"""Which tools are to forget a person, by which of their identifiers, and what syncs call them."""

from collections.abc import Iterable, Iterator, Sequence

from activation.config import DestinationsConfig
from activation.destinations.kind import IdentifierKind, Kind
from activation.syncs.declared import Sync
from activation.syncs.source import row_key
from baton.errors import UsageError
from baton.journal.erasure_calls import ToolOrder
from baton.journal.sync_records import SEPARATOR
from baton.journal.syncs import SyncLedger
from baton.tombstones import Identifier

_CHANNELS = ("email", "sms")
_ADDRESSES = ("email", "phone")
_NO_NAME = "anonymous"


def row_keys(
    ledger: SyncLedger, person_ids: Iterable[str], identifiers: Sequence[Identifier]
) -> list[str]:
    """By which keys syncs may know the person: ids, values, and keyed hashes of these."""
    values = [one.value for one in identifiers]
    with_channel = [f"{name}{SEPARATOR}{value}" for value in values for name in _CHANNELS]
    texts = [*person_ids, *values, *with_channel]
    return [*texts, *row_key(ledger.hasher).all_of(texts)]


def tool_orders(
    config: DestinationsConfig,
    syncs: Sequence[Sync],
    ledger: SyncLedger,
    *,
    told: Iterable[str],
    person_ids: Sequence[str],
    identifiers: Sequence[Identifier],
    keys: Sequence[str],
) -> list[ToolOrder]:
    """One order a tool: all that can be called are; of the others those that were `told` of them.

    A tool without such a call that has an audience takes the person out of it by its next run.
    """
    orders: list[ToolOrder] = []
    taken_back = {sync.destination for sync in syncs if is_taken_back(sync)}
    has_rows = set(told)
    for name in config.names():
        kind = config.kind_of(name)
        named = list(_named(kind, ledger.external_ids(name, keys), person_ids, identifiers))
        if named and _can_be_called(config, name):
            orders.append(ToolOrder(name, "call", named))
        elif name in has_rows:
            orders.append(ToolOrder(name, "sync" if name in taken_back else "by_hand"))
    return orders


def is_taken_back(sync: Sync) -> bool:
    """Whether a sync takes back the row of a person who is gone."""
    return sync.purpose != "suppressions" and sync.when_gone == "remove"


def _named(
    kind: Kind,
    external_ids: dict[str, str],
    person_ids: Sequence[str],
    identifiers: Sequence[Identifier],
) -> Iterator[Identifier]:
    ids = [one.value for one in identifiers if one.node_type not in (*_ADDRESSES, _NO_NAME)]
    known: dict[IdentifierKind, list[str]] = {
        "email": [one.value for one in identifiers if one.node_type == "email"],
        "phone": [one.value for one in identifiers if one.node_type == "phone"],
        "external_id": [*person_ids, *ids],
        "tool_id": sorted(set(external_ids.values())),
    }
    for name in kind.erases_by:
        yield from (Identifier(name, value) for value in known[name])


def _can_be_called(config: DestinationsConfig, name: str) -> bool:
    """Whether the tool takes such calls; one that is not set up here is called where it is."""
    try:
        return "erasures" in config.destination(name).calls
    except UsageError:
        return True
