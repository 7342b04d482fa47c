import asyncio
from bisect import bisect_left

import pytest

from activation.exchange import Limit
from activation.limits import Account


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer: hours pass in no time."""

    def __init__(self):
        super().__init__()
        self._virtual_now = 0.0

    def time(self):
        return self._virtual_now

    def _run_once(self):
        if not self._ready and self._scheduled:
            self._virtual_now = max(self._virtual_now, self._scheduled[0]._when) + 1e-6
        super()._run_once()


def run(work):
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work())


async def request_times(account, seconds, most=50):
    """When requests go that are answered at once."""
    loop, times = asyncio.get_running_loop(), []
    end = loop.time() + seconds
    while loop.time() < end:
        count = await account.permits(most)
        times += [loop.time()] * count
        account.free(count)
    return times


def most_in_a_window(times, seconds):
    return max(bisect_left(times, at + seconds) - first for first, at in enumerate(times))


@pytest.mark.parametrize(
    ("rate", "per_seconds"), [(1, 1), (5, 1), (50, 1), (100, 10), (700, 10), (150, 60)]
)
def test_the_rate_is_exceeded_in_no_window_and_used_to_95_percent(rate, per_seconds):
    async def work():
        return await request_times(Account(Limit(rate, per_seconds, 100)), 6 * per_seconds)

    times = run(work)
    assert most_in_a_window(times, per_seconds) <= rate
    assert len(times) >= 0.95 * 6 * rate


def test_no_more_requests_are_open_than_allowed():
    async def work():
        account = Account(Limit(1000, 1, 3))
        taken = 0
        while taken < 3:
            taken += await account.permits(50)
        waiting = asyncio.ensure_future(account.permits(1))
        await asyncio.sleep(60)
        assert not waiting.done()
        account.free()
        return taken, await waiting

    assert run(work) == (3, 1)


def test_retry_after_pauses_the_account():
    async def work():
        account = Account(Limit(100, 1, 10), patience_seconds=60)
        account.throttled(7.5)
        return await request_times(account, 8)

    assert run(work)[0] >= 7.5


def test_a_pause_beyond_patience_gives_no_permit_and_keeps_no_slot():
    async def work():
        account = Account(Limit(100, 1, 1), patience_seconds=5)
        account.throttled(30)
        refused = [await account.permits(1) for _ in range(3)]
        await asyncio.sleep(26)
        return [*refused, await account.permits(1)]

    assert run(work) == [0, 0, 0, 1]


def test_a_429_that_comes_while_a_permit_is_awaited_still_pauses():
    async def work():
        account = Account(Limit(1, 10, 10), patience_seconds=60)
        await account.permits(1)
        waiting = asyncio.ensure_future(account.permits(1))
        await asyncio.sleep(5)
        account.throttled(30)
        await waiting
        return asyncio.get_running_loop().time()

    assert run(work) >= 35


def test_a_429_slows_the_account_and_good_answers_bring_the_rate_back():
    async def work():
        account = Account(Limit(100, 1, 100))
        account.throttled(0)
        slow = len(await request_times(account, 1))
        for _ in range(400):
            account.answered()
        return slow, account.share, len(await request_times(account, 2))

    slow, share, fast = run(work)
    assert slow <= 70
    assert share == 1.0
    assert fast >= 180


def test_a_change_of_rate_allows_no_burst():
    async def work():
        account = Account(Limit(1000, 1, 100))
        times = await request_times(account, 2)
        for _ in range(10):
            account.throttled(0)
            for _ in range(200):
                account.answered()
            times += await request_times(account, 0.001)
        return times

    assert most_in_a_window(run(work), 1) <= 1000
