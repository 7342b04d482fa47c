"""One message of our own, past the journal and its rules: never to a customer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from activation.config import Destination
from activation.exchange import ItemVerdict, Outgoing
from activation.transports import open_transports
from baton.journal import Claimed
from baton.journal.clock import wall_clock

_GOOD_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Own:
    """A message of our own: what it is called, where it would count, and its rendered parts."""

    message_id: str
    action: str
    channel: str
    parts: Mapping[str, str]
    brand: str = "default"
    template: str | None = None
    to: str | None = None


def send_directly(destination: Destination, own: Own) -> ItemVerdict:
    """Send it once; nothing is recorded.

    Raises UsageError when the destination takes no messages, Unsendable when it cannot carry this
    one.
    """
    call = destination.call("messages")
    outgoing = Outgoing(_claimed(own, destination.name), own.parts)
    request = call.build([outgoing], destination.settings, wall_clock())

    async def exchange() -> ItemVerdict:
        async with open_transports() as transports:
            answer = await transports.exchange(request)
        (verdict,) = call.verdicts(answer.response, [outgoing])
        return verdict

    return asyncio.run(exchange())


def _claimed(own: Own, destination: str) -> Claimed:
    now = wall_clock()
    return Claimed(
        message_id=own.message_id,
        attempt_id=own.message_id,
        candidate_id=own.message_id,
        instance_id=own.message_id,
        journey=own.action,
        action=own.action,
        node_id=own.message_id,
        person_id=own.message_id,
        contact_point_id=None,
        channel=own.channel,
        destination=destination,
        message_class="transactional",
        brand=own.brand,
        template=own.template,
        tries=0,
        expires_at=now + _GOOD_FOR,
        handed_at=now,
        address=own.to,
    )
