"""Shares of the limits of accounts, kept in the journal: what several senders may use together."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol, TypeVar

from activation.limits import LEASE_SECONDS
from baton.journal import Journal, Stake
from baton.journal.clock import wall_clock

_LEASE = timedelta(seconds=LEASE_SECONDS)
_Result = TypeVar("_Result")


class Patiently(Protocol):
    """Does a piece of work away from the event loop, again while the journal is locked."""

    def __call__(self, work: Callable[[], _Result], /) -> Awaitable[_Result]: ...


class Shares:
    """The ledger of limits for one sender, called `holder`."""

    def __init__(self, journal: Journal, holder: str, patiently: Patiently) -> None:
        self._journal = journal
        self._holder = holder
        self._patiently = patiently

    async def share(
        self, account: str, stakes: Sequence[Stake], rests: float
    ) -> tuple[Mapping[str, int], float]:
        """What this sender may use of each limit of an account, and for how long it rests."""
        until = wall_clock() + timedelta(seconds=rests) if rests > 0 else None
        share = await self._patiently(
            lambda: self._journal.share_permits(
                account, self._holder, stakes, lease=_LEASE, rests_until=until
            )
        )
        if share.rests_until is None:
            return share.amounts, 0.0
        return share.amounts, (share.rests_until - wall_clock()).total_seconds()

    async def leave(self, account: str, stakes: Sequence[Stake]) -> None:
        """Give the share back."""
        await self._patiently(lambda: self._journal.leave_permits(account, self._holder, stakes))

    def day(self) -> str:
        """The UTC day by the wall clock."""
        return wall_clock().date().isoformat()
