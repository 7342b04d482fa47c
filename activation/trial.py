"""A trial: one message to an address of one's own, past the journal and its rules."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from activation.config import Destination
from activation.exchange import ItemVerdict, Outgoing
from activation.transports import open_transports
from activation.wording import Wording
from baton.journal import Claimed
from baton.journal.clock import wall_clock

_MARK = "[trial] "
_MARKED = ("subject", "title")


def send_trial(
    destination: Destination, wording: Wording, parts: Mapping[str, str], *, brand: str, to: str
) -> ItemVerdict:
    """Send the parts to `to` under an id of its own; nothing is recorded, no customer is told.

    The subject says that it is a trial. Raises UsageError when the destination takes no messages,
    Unsendable when it cannot carry this one.
    """
    call = destination.call("messages")
    outgoing = Outgoing(_message(wording, destination.name, brand, to), _marked(parts))
    request = call.build([outgoing], destination.settings, wall_clock())

    async def exchange() -> ItemVerdict:
        async with open_transports() as transports:
            answer = await transports.exchange(request)
        (verdict,) = call.verdicts(answer.response, [outgoing])
        return verdict

    return asyncio.run(exchange())


def _marked(parts: Mapping[str, str]) -> dict[str, str]:
    marked = {name: f"{_MARK}{parts[name]}" for name in _MARKED if name in parts}
    return {**parts, **marked}


def _message(wording: Wording, destination: str, brand: str, to: str) -> Claimed:
    now, trial = wall_clock(), f"trial-{uuid4().hex}"
    blank = Claimed(
        message_id=trial,
        attempt_id=trial,
        candidate_id=trial,
        instance_id=trial,
        journey="trial",
        action=wording.action,
        node_id=trial,
        person_id=trial,
        contact_point_id=None,
        channel=wording.channel,
        destination=destination,
        message_class="transactional",
        brand=brand,
        template=wording.template,
        tries=0,
        expires_at=now + timedelta(hours=1),
        handed_at=now,
    )
    return replace(blank, address=to)
