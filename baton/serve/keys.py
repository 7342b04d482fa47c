"""API keys: whoever holds one reads contexts; only hashes of keys are configured."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from baton.errors import UsageError

VARIABLE = "BATON_API_KEYS"
_ENTRY = re.compile(r"(?P<name>[A-Za-z0-9_.-]+):(?P<digest>[0-9a-f]{64})(?P<unmask>:unmask)?")


@dataclass(frozen=True)
class Holder:
    """Who holds a key, and whether the key shows personal values."""

    name: str
    may_unmask: bool


@dataclass(frozen=True)
class ApiKeys:
    """All keys that are configured, as pairs of hash and holder."""

    entries: Sequence[tuple[str, Holder]]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Keys from `BATON_API_KEYS`, or from the file that `BATON_API_KEYS_FILE` names.

        Raises UsageError when the file cannot be read or an entry is malformed.
        """
        file = environ.get(f"{VARIABLE}_FILE")
        if not file:
            return cls.parse(environ.get(VARIABLE, ""), VARIABLE)
        try:
            text = Path(file).read_text("utf-8")
        except OSError as error:
            raise UsageError(
                "the file of API keys cannot be read",
                where=f"{VARIABLE}_FILE",
                mend="name a file that this user can read",
            ) from error
        return cls.parse(text, file)

    @classmethod
    def parse(cls, text: str, where: str = VARIABLE) -> Self:
        """Keys from entries `name:hash` or `name:hash:unmask`, by comma, blank or line."""
        return cls([_entry(one, where) for one in text.replace(",", " ").split()])

    def holder(self, key: str) -> Holder | None:
        """Who holds a key, null for one that is not known; takes the same time for any key."""
        digest = _digest(key)
        found = [holder for known, holder in self.entries if hmac.compare_digest(known, digest)]
        return found[0] if found else None


def make_key(name: str) -> tuple[str, str]:
    """A new key, and its entry for `BATON_API_KEYS`. Raises UsageError for a name unfit for one."""
    key = secrets.token_urlsafe(32)
    entry = f"{name}:{_digest(key)}"
    _entry(entry, "the name of the key")
    return key, entry


def _entry(text: str, where: str) -> tuple[str, Holder]:
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise UsageError(
            "an API key is not written as name:hash or name:hash:unmask",
            where=where,
            mend="make one with `baton serve --new-key NAME`",
        )
    return found["digest"], Holder(found["name"], found["unmask"] is not None)


def _digest(key: str) -> str:
    """Keys are long and random, so that a plain hash of one cannot be searched."""
    return hashlib.sha256(key.encode()).hexdigest()
