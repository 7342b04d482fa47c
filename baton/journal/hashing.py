"""Keyed hashes of addresses: HMAC-SHA256, so that a list of blocks is no list of addresses."""

import hmac
import re
import secrets

from sqlalchemy import Connection

from baton.errors import UsageError
from baton.journal.clock import get_setting, put_setting

_GENERATED = "hash_key"
_FINGERPRINT = "hash_key_fingerprint"
_PHONE_CHANNELS = frozenset({"sms", "phone", "voice", "call", "whatsapp"})


class AddressHasher:
    """Hashes normalised addresses under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def address(self, channel: str, address: str | None) -> str | None:
        """The keyed hash of an address of a channel, null for none."""
        if not address:
            return None
        return self.text(normalise(channel, address))

    def text(self, text: str | bytes) -> str:
        """The keyed hash of any text."""
        data = text.encode() if isinstance(text, str) else text
        return hmac.digest(self._key, data, "sha256").hex()

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, of which nothing about this one follows."""
        return hmac.digest(self._key, f"key for {purpose}".encode(), "sha256")


def normalise(channel: str, address: str) -> str:
    """One spelling per address: phone numbers by their digits, others trimmed and in lower case.

    `+1 (555) 01`, `001 555 01` and `155501` are the same phone number.
    """
    if channel in _PHONE_CHANNELS:
        return re.sub(r"\D", "", address).removeprefix("00")
    return address.strip().casefold()


def open_hasher(connection: Connection, environment_key: str | None) -> AddressHasher:
    """The journal's hasher, in a write transaction: the first use fixes the key for good.

    The key is `BATON_HASH_KEY`, else a random one made once and kept in the settings.
    Raises UsageError when the key is another than the one the journal began with: blocks of the
    old key would no longer be found.
    """
    key = environment_key or get_setting(connection, _GENERATED) or _generate(connection)
    hasher = AddressHasher(key.encode())
    fingerprint = hasher.text("baton hash key")
    known = get_setting(connection, _FINGERPRINT)
    if known is None:
        put_setting(connection, _FINGERPRINT, fingerprint)
    elif known != fingerprint:
        raise _other_key()
    return hasher


def _generate(connection: Connection) -> str:
    if get_setting(connection, _FINGERPRINT) is not None:
        raise _other_key()
    key = secrets.token_hex(32)
    put_setting(connection, _GENERATED, key)
    return key


def _other_key() -> UsageError:
    return UsageError(
        "the hash key is not the one this journal began with: its blocks would not be found",
        where="BATON_HASH_KEY",
        mend="set BATON_HASH_KEY as it was when the journal was made (unset if it was unset)",
    )
