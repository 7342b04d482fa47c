"""Links by which people choose what they get, signed for the address a message goes to."""

from dataclasses import dataclass
from datetime import datetime

from baton.journal import Claimed
from baton.links import Link, LinkKeys

COMMERCIAL = frozenset({"marketing", "sales"})


@dataclass(frozen=True)
class Preferences:
    """Where the preference page is, and the keys that sign links to it."""

    public_url: str
    keys: LinkKeys

    def link(self, message: Claimed, at: datetime) -> str | None:
        """The link for the address of a message, null when the message names no address node."""
        if not message.contact_point_id or not message.address_node_id:
            return None
        link = Link(
            contact_point_id=message.contact_point_id,
            node_id=message.address_node_id,
            channel=message.channel,
            brand=message.brand,
            message_id=message.message_id,
            issued_at=at,
        )
        return f"{self.public_url.rstrip('/')}/u/{self.keys.sign(link)}"
