"""Addresses that said no after the last batch: asked of the journal, of every row, every time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activation.syncs.declared import Consent
from baton.journal.blocks import blocking_reason
from baton.journal.syncs import SyncLedger


@dataclass(frozen=True)
class _Asked:
    channel: str
    brand: str
    message_class: str
    consent_at: datetime | None


class Blocks:
    """The blocks of one channel as far as they have been read."""

    def __init__(self, ledger: SyncLedger, consent: Consent | None) -> None:
        self._ledger = ledger
        self._consent = consent
        self._seq = 0
        self._by_hash: dict[str, list[Any]] = {}
        self.refresh()

    @property
    def channel(self) -> str | None:
        """The channel whose blocks these are, null where none is asked about."""
        return self._consent.channel if self._consent else None

    def refresh(self) -> bool:
        """Read what has been recorded since; returns whether there was anything."""
        if self._consent is None or self._consent.channel is None:
            return False
        self._seq, rows = self._ledger.blocks(self._consent.channel, self._seq)
        for row in rows:
            self._by_hash.setdefault(row.address_hash, []).append(row)
        return bool(rows)

    def stopped(
        self, addresses: Sequence[str | None], consent_at: Sequence[datetime | None]
    ) -> list[bool]:
        """Of each address, whether it must not be told to the tool."""
        if not self._by_hash or self._consent is None:
            return [False] * len(addresses)
        return [
            address is not None and self._is_stopped(address, at)
            for address, at in zip(addresses, consent_at, strict=True)
        ]

    def _is_stopped(self, address: str, consent_at: datetime | None) -> bool:
        consent = self._consent
        if consent is None or consent.channel is None:
            return False
        hashed = self._ledger.hasher.address(consent.channel, address)
        found = self._by_hash.get(hashed or "")
        if not found:
            return False
        asked = _Asked(consent.channel, consent.brand, consent.purpose, consent_at)
        return blocking_reason(asked, found) is not None
