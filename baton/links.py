"""Signed links: who may say yes or no for which address, without a login.

A token is `<payload>.<signature>`, both base64url without padding. The payload holds ids, channel
and brand, nothing personal. The signature is HMAC-SHA256 (RFC 2104) over the payload as it is
written, so that each signed link has one spelling.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from baton.errors import UsageError

VARIABLE = "BATON_LINK_KEY"
_CONTEXT = b"baton link 1."
_VERSION = 1
_LONGEST = 2_000
_SHORTEST_KEY = 32
_TOKEN = re.compile(r"(?P<payload>[A-Za-z0-9_-]+)\.(?P<signature>[A-Za-z0-9_-]{43})")
_MEND = (
    "set it to a secret of at least 32 characters, the same for `baton send` and `baton serve`, "
    'such as one from: python -c "import secrets; print(secrets.token_urlsafe(32))"'
)


@dataclass(frozen=True)
class Link:
    """What a link is about: one address of one brand, and the message that carries it."""

    contact_point_id: str
    node_id: str
    channel: str
    brand: str
    message_id: str
    issued_at: datetime


class LinkKeys:
    """Keys of links: the first signs, all of them are known."""

    def __init__(self, first: str, *others: str) -> None:
        self._keys = [key.encode() for key in (first, *others)]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Keys from a text that separates them by comma or blank.

        Raises UsageError when there is none, or one that is too short to be a secret.
        """
        keys = text.replace(",", " ").split()
        if not keys:
            raise UsageError("there is no key to sign links with", where=VARIABLE, mend=_MEND)
        if any(len(key) < _SHORTEST_KEY for key in keys):
            raise UsageError("a key of links is too short", where=VARIABLE, mend=_MEND)
        return cls(*keys)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Keys from `BATON_LINK_KEY`. Raises UsageError as `parse` does."""
        return cls.parse(environ.get(VARIABLE, ""))

    def sign(self, link: Link) -> str:
        """The token of a link; its time is kept in whole seconds."""
        issued = int(link.issued_at.replace(tzinfo=UTC).timestamp())
        facts = [link.contact_point_id, link.node_id, link.channel, link.brand, link.message_id]
        content = json.dumps([_VERSION, issued, *facts], separators=(",", ":"))
        payload = _encode(content.encode())
        return f"{payload}.{_signature(self._keys[0], payload)}"

    def read(self, token: str) -> Link | None:
        """The link that one of the keys signed, null for anything else."""
        found = _TOKEN.fullmatch(token) if len(token) <= _LONGEST else None
        if found is None or not self._has_signed(found["payload"], found["signature"]):
            return None
        version, issued, *facts = json.loads(_decode(found["payload"]))
        if version != _VERSION:
            return None
        point, node, channel, brand, message = facts
        at = datetime.fromtimestamp(issued, UTC).replace(tzinfo=None)
        return Link(point, node, channel, brand, message, at)

    def _has_signed(self, payload: str, signature: str) -> bool:
        right = [_signature(key, payload) for key in self._keys]
        return any(hmac.compare_digest(one, signature) for one in right)


def token_id(token: str) -> str:
    """A short name of a token, by which it can be told on record but not used."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def _signature(key: bytes, payload: str) -> str:
    return _encode(hmac.new(key, _CONTEXT + payload.encode(), hashlib.sha256).digest())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
