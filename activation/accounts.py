"""The accounts of one sender: one set of limits for all destinations that share it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from activation.config import Destination, DestinationsConfig
from activation.destinations import Purpose
from activation.exchange import Limit
from activation.limits import Account, Ledger
from baton.errors import UsageError

_SHARE_PATIENCE_SECONDS = 20.0  # others make room: their leases end, their turns, their windows


class Accounts:
    """Accounts by name, made when first asked for and kept while the sender works."""

    def __init__(self, config: DestinationsConfig | None, ledger: Ledger | None) -> None:
        self._config = config
        self._ledger = ledger
        self._accounts: dict[str, Account] = {}
        self._keepers: list[asyncio.Task[None]] = []

    def of(self, destination: Destination, purpose: Purpose = "messages") -> Account:
        """The account whose limits such requests to a destination count against."""
        name = destination.account_of(purpose)
        if name not in self._accounts:
            limit = self._limit(destination, purpose)
            account = Account(
                name, limit, share_patience_seconds=_SHARE_PATIENCE_SECONDS, ledger=self._ledger
            )
            self._accounts[name] = account
            self._keepers.append(asyncio.create_task(account.keep()))
        return self._accounts[name]

    async def close(self) -> None:
        """Give back what was not used."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for account in self._accounts.values():
            await account.leave()

    def _limit(self, destination: Destination, purpose: Purpose) -> Limit:
        """What keeps to the limits of every destination of the account that can be used here."""
        name, limit = destination.account_of(purpose), destination.limit(purpose)
        for other in self._others(destination):
            if purpose in other.calls and other.account_of(purpose) == name:
                limit = limit.and_also(other.limit(purpose))
        return limit

    def _others(self, destination: Destination) -> list[Destination]:
        found: list[Destination] = []
        config = self._config
        if config is None:
            return []
        for name in config.names():
            try:
                found.append(config.destination(name))
            except UsageError:  # not set up here: nothing is sent to it from here
                continue
        return [one for one in found if one.name != destination.name]


@asynccontextmanager
async def open_accounts(
    config: DestinationsConfig | None, ledger: Ledger | None
) -> AsyncGenerator[Accounts]:
    """Accounts whose shares are renewed, and given back at the end."""
    accounts = Accounts(config, ledger)
    try:
        yield accounts
    finally:
        await accounts.close()
