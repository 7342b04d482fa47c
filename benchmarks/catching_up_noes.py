"""People say no while a backlog is worked off, and what the receiver of mails has of it.

By a link in the mail that they got (one click, RFC 8058), by a signed report of the provider
(unsubscribed or complained), or by a file that lands. The first two count from the answer of the
collector, the file from when the batch that read it was done. A mail that was claimed before may
still be on its way, for `ALLOWED_SECONDS` at most (claim to first byte, p99).
"""

import asyncio
import base64
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from standardwebhooks import Webhook

from baton.ids import make_id
from baton.journal.clock import wall_clock
from baton.links import Link, LinkKeys
from benchmarks.catching_up_people import ORDERING, SAYING_NO, address, first_looks
from benchmarks.live import WRITE_KEY

ALLOWED_SECONDS = 1.0
_PER_SECOND = 10.0
_PER_CALL = 50
Log = Sequence[Mapping[str, Any]]


def read(log: Path) -> list[dict[str, Any]]:
    """What the receiver has, a line each."""
    return [json.loads(one) for one in log.read_text().splitlines()]


async def look_first(url: str) -> None:
    """Let everybody who may say no look at a help page."""
    key = base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
    calls = list(first_looks())
    async with aiohttp.ClientSession(url, headers={"authorization": f"Basic {key}"}) as session:
        for at in range(0, len(calls), _PER_CALL):
            async with session.post(
                "/v1/batch", json={"batch": calls[at : at + _PER_CALL]}
            ) as answer:
                answer.raise_for_status()


async def say_no(url: str, greetings: Log, environment: Mapping[str, str]) -> dict[str, float]:
    """Say no by link and provider in turn, at a pace; return when each was answered."""
    by_address = {one["to"]: one for one in greetings}
    keys = LinkKeys.from_environment(environment)
    hook = Webhook(environment["SERVICE_DESK_SECRET"])
    answered: dict[str, float] = {}
    began = time.time()
    async with aiohttp.ClientSession(url) as session:
        for n, (linked, reported) in enumerate(
            zip(SAYING_NO["link"].doing, SAYING_NO["provider"].doing, strict=True)
        ):
            await asyncio.sleep(max(began + 2 * n / _PER_SECOND - time.time(), 0))
            await _click(session, keys, by_address[address(linked)])
            answered[linked] = time.time()
            kind = "unsubscribed" if n % 2 else "complained"
            await _report(session, hook, by_address[address(reported)], kind)
            answered[reported] = time.time()
    return answered


async def _click(session: aiohttp.ClientSession, keys: LinkKeys, mail: Mapping[str, Any]) -> None:
    link = Link(
        contact_point_id=mail["contact_point_id"],
        node_id=make_id("node", "email", mail["to"]),
        channel="email",
        brand=mail["brand"],
        message_id=mail["id"],
        issued_at=wall_clock(),
    )
    form = {"List-Unsubscribe": "One-Click"}
    async with session.post(f"/u/{keys.sign(link)}", data=form) as answer:
        answer.raise_for_status()


async def _report(
    session: aiohttp.ClientSession, hook: Webhook, mail: Mapping[str, Any], kind: str
) -> None:
    id_, at = uuid4().hex, datetime.now(UTC)
    data = {"message_id": mail["id"], "channel": "email", "address": mail["to"]}
    body = json.dumps({"type": f"message.{kind}", "timestamp": at.isoformat(), "data": data})
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": hook.sign(id_, at, body),
    }
    async with session.post("/receipts/mails", data=body, headers=headers) as answer:
        answer.raise_for_status()


def told_after(lines: Log, noes: Mapping[str, float]) -> dict[str, Any]:
    """Mails to people after their no, and, as a control, to their twins after the same moment."""
    twin = {
        a: b for group in SAYING_NO.values() for a, b in zip(group.doing, group.twins, strict=True)
    }
    of_twins = {twin[who]: at for who, at in noes.items()}
    on_the_way = _after(lines, noes, 0.0)
    late = _after(lines, noes, ALLOWED_SECONDS)
    return {
        "opt_outs": len(noes),
        "told_after_opt_out": len(late),
        "told_on_the_way": len(on_the_way) - len(late),
        "told_before_opt_out": len(_advised(lines, noes)) - len(on_the_way),
        "controls": {
            "told_after_the_opt_out_of_a_twin": len(_after(lines, of_twins, ALLOWED_SECONDS))
        },
    }


def reminded(lines: Log) -> dict[str, Any]:
    """Mails that remind people of what they did, and, as a control, those who did not."""
    to = {one["to"] for one in lines if one["action"] == "mail_reminder"}
    return {
        "ordered": len(ORDERING.doing),
        "reminded_of_what_they_did": sum(address(one) in to for one in ORDERING.doing),
        "controls": {"reminded_who_did_not": sum(address(one) in to for one in ORDERING.twins)},
    }


def _advised(lines: Log, people: Iterable[str]) -> list[tuple[str, float]]:
    named = {address(one): one for one in people}
    mails = [one for one in lines if one["action"] == "mail_advice" and one["to"] in named]
    return [(named[one["to"]], one["at"]) for one in mails]


def _after(lines: Log, since: Mapping[str, float], allowed: float) -> list[str]:
    return [who for who, at in _advised(lines, since) if at > since[who] + allowed]
