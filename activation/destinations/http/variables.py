"""What templates may use of an item. Times are UTC in ISO 8601; what is not known is null."""

from datetime import datetime

from activation.exchange import Change, Item, Outgoing

OF_MESSAGE = frozenset(
    {
        "item_id",
        "address",
        "parts",
        "variables",
        "link",
        "journey",
        "action",
        "channel",
        "brand",
        "message_class",
        "person_id",
        "contact_point_id",
        "expires_at",
        "handed_at",
    }
)
OF_CHANGE = frozenset({"item_id", "op", "fields", "external_id"})


def of_item(item: Item) -> dict[str, object]:
    """The variables of a message (`OF_MESSAGE`) or of a change (`OF_CHANGE`)."""
    return _of_change(item) if isinstance(item, Change) else _of_message(item)


def iso(at: datetime) -> str:
    """A naive UTC time as text."""
    return at.isoformat(timespec="seconds") + "Z"


def _of_change(change: Change) -> dict[str, object]:
    return {
        "item_id": change.item_id,
        "op": change.op,
        "fields": dict(change.fields),
        "external_id": change.external_id,
    }


def _of_message(outgoing: Outgoing) -> dict[str, object]:
    message = outgoing.message
    return {
        "item_id": message.message_id,
        "address": message.address,
        "parts": dict(outgoing.parts),
        "variables": dict(message.variables),
        "link": outgoing.link,
        "journey": message.journey,
        "action": message.action,
        "channel": message.channel,
        "brand": message.brand,
        "message_class": message.message_class,
        "person_id": message.person_id,
        "contact_point_id": message.contact_point_id,
        "expires_at": iso(message.expires_at),
        "handed_at": iso(message.handed_at),
    }
