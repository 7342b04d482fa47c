import asyncio
from bisect import bisect_left
from datetime import datetime, timedelta

import pytest

from activation.exchange import Limit, Window
from activation.limits import LEASE_SECONDS, Account
from activation.quotas import Quota
from baton.journal import Journal, permits

ANSWER_SECONDS = 0.01
MIDNIGHT = datetime(2026, 3, 2)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer: hours pass in no time."""

    def __init__(self):
        super().__init__()
        self._virtual_now = 0.0

    def time(self):
        return self._virtual_now

    def _run_once(self):
        live = [timer for timer in self._scheduled if not timer.cancelled()]
        if not self._ready and live:
            self._virtual_now = max(self._virtual_now, min(live).when()) + 1e-6
        super()._run_once()


def run(work):
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work())


async def request_times(account, seconds, most=50):
    """When requests go, each answered a moment later."""
    loop, times, open_ = asyncio.get_running_loop(), [], set()
    end = loop.time() + seconds

    async def carry(count, ready_at):
        await asyncio.sleep(max(ready_at - loop.time(), 0))
        times.extend([loop.time()] * count)
        await asyncio.sleep(ANSWER_SECONDS)
        account.over(count)

    while loop.time() < end:
        count = await account.permits(most)
        open_.add(asyncio.create_task(carry(count, account.ready_at)))
    await asyncio.gather(*open_)
    return sorted(at for at in times if at < end)


def most_in_a_window(times, seconds):
    return max(bisect_left(times, at + seconds) - first for first, at in enumerate(times))


@pytest.mark.parametrize(
    ("rate", "per_seconds"), [(1, 1), (5, 1), (50, 1), (100, 10), (700, 10), (150, 60)]
)
def test_the_rate_is_exceeded_in_no_window_and_used_to_95_percent(rate, per_seconds):
    async def work():
        return await request_times(Account("a", Limit(rate, per_seconds, 100)), 6 * per_seconds)

    times = run(work)
    assert most_in_a_window(times, per_seconds) <= rate
    assert len(times) >= 0.95 * 6 * rate


def test_no_more_requests_are_open_than_allowed():
    async def work():
        account = Account("a", Limit(1000, 1, 3))
        taken = 0
        while taken < 3:
            taken += await account.permits(50)
        waiting = asyncio.ensure_future(account.permits(1))
        await asyncio.sleep(60)
        assert not waiting.done()
        account.over()
        return taken, await waiting

    assert run(work) == (3, 1)


def test_retry_after_pauses_the_account():
    async def work():
        account = Account("a", Limit(100, 1, 10), patience_seconds=60)
        account.throttled(7.5)
        return await request_times(account, 8)

    assert run(work)[0] >= 7.5


def test_a_pause_beyond_patience_gives_no_permit_and_keeps_no_slot():
    async def work():
        account = Account("a", Limit(100, 1, 1), patience_seconds=5)
        account.throttled(30)
        refused = [await account.permits(1) for _ in range(3)]
        await asyncio.sleep(26)
        return [*refused, await account.permits(1)]

    assert run(work) == [0, 0, 0, 1]


def test_a_429_that_comes_while_a_permit_is_awaited_still_pauses():
    async def work():
        account = Account("a", Limit(1, 10, 10), patience_seconds=60)
        account.over(await account.permits(1))
        waiting = asyncio.ensure_future(account.permits(1))
        await asyncio.sleep(5)
        account.throttled(30)
        await waiting
        return asyncio.get_running_loop().time()

    assert run(work) >= 35


def test_a_429_slows_the_account_and_good_answers_bring_the_rate_back():
    async def work():
        account = Account("a", Limit(100, 1, 100))
        account.throttled(0)
        slow = len(await request_times(account, 1))
        for _ in range(400):
            account.answered()
        return slow, account.pace, len(await request_times(account, 10))

    slow, pace, fast = run(work)
    assert slow <= 70
    assert pace == 1.0
    assert fast >= 930


def test_a_change_of_rate_allows_no_burst():
    async def work():
        account = Account("a", Limit(1000, 1, 100))
        times = await request_times(account, 2)
        for _ in range(10):
            account.throttled(0)
            for _ in range(200):
                account.answered()
            times += await request_times(account, 0.001)
        return times

    assert most_in_a_window(run(work), 1) <= 1000


def test_every_window_of_an_account_is_kept():
    async def work():
        limit = Limit(10, 1, 100, more=(Window(150, 60),))
        return await request_times(Account("a", limit), 180)

    times = run(work)
    assert most_in_a_window(times, 1) <= 10
    assert most_in_a_window(times, 60) <= 150
    assert len(times) >= 0.95 * 3 * 150


def test_what_the_headers_leave_is_not_exceeded_before_they_reset_it():
    async def work():
        account = Account("a", Limit(1000, 1, 100), patience_seconds=60)
        account.told(Quota(remaining=7, reset_seconds=30))
        return await request_times(account, 31)

    times = run(work)
    assert sum(at < 30 for at in times) == 7
    assert sum(at >= 30 for at in times) >= 900


def test_a_tighter_window_that_headers_name_is_kept_and_a_wider_one_changes_nothing():
    async def work():
        account = Account("a", Limit(100, 1, 1000))
        account.told(Quota(windows=(Window(40, 1), Window(200, 10))))
        account.told(Quota(windows=(Window(5000, 1),)))
        return await request_times(account, 30)

    times = run(work)
    assert most_in_a_window(times, 1) <= 40
    assert most_in_a_window(times, 10) <= 200
    assert len(times) >= 0.95 * 600


class VirtualLedger:
    """The journal's own sharing, at the time of the loop."""

    dead = frozenset()

    def __init__(self, journal, holder):
        self.journal, self.holder = journal, holder

    def now(self):
        return MIDNIGHT + timedelta(seconds=asyncio.get_running_loop().time())

    async def share(self, account, stakes, rests):
        now = self.now()
        until = now + timedelta(seconds=rests) if rests else None
        lease = timedelta(seconds=LEASE_SECONDS)
        with self.journal._store.write() as connection:
            share = permits.share(
                connection,
                account,
                self.holder,
                stakes,
                now,
                lease=lease,
                is_alive=lambda holder: holder not in self.dead,
                rests_until=until,
            )
        rest = (share.rests_until - now).total_seconds() if share.rests_until else 0.0
        return share.amounts, rest

    async def leave(self, account, stakes):
        with self.journal._store.write() as connection:
            permits.leave(connection, account, self.holder, stakes, self.now())

    def day(self):
        return self.now().date().isoformat()


@pytest.fixture
def shared(tmp_path):
    """Accounts of several senders that meet in one journal."""
    with Journal.open(tmp_path / "shared.db") as journal:

        def account(limit, holder, **more):
            return Account("shop", limit, ledger=VirtualLedger(journal, holder), **more)

        yield account


async def one_sender(account, starts_after, seconds):
    await asyncio.sleep(starts_after)
    keeper = asyncio.create_task(account.keep())
    times = await request_times(account, seconds)
    keeper.cancel()
    await account.leave()
    return times


@pytest.mark.parametrize(("rate", "per_seconds"), [(10, 1), (97, 1), (100, 10)])
def test_senders_that_come_and_go_keep_to_one_limit_together_and_use_95_percent(
    shared, rate, per_seconds
):
    async def work():
        limit = Limit(rate, per_seconds, 1000)
        plan = [("p1", 0, 60), ("p2", 10, 50), ("p3", 20, 10), ("p4", 30, 30)]
        runs = [one_sender(shared(limit, name), after, long) for name, after, long in plan]
        return [at for times in await asyncio.gather(*runs) for at in times]

    times = sorted(run(work))
    assert most_in_a_window(times, per_seconds) <= rate
    assert len(times) >= 0.95 * 60 * rate / per_seconds


def test_many_short_runs_one_after_another_keep_to_the_limit(shared):
    async def work():
        times = []
        for number in range(24):
            times += await one_sender(shared(Limit(150, 60, 10), f"run{number}"), 0, 2)
            await asyncio.sleep(3)
        return times

    times = run(work)
    assert most_in_a_window(times, 60) <= 150
    assert len(times) >= 150


def test_what_a_dead_sender_may_have_used_still_counts(shared):
    async def work():
        dead = shared(Limit(100, 60, 1000), "dead")
        times = [asyncio.get_running_loop().time()] * await dead.permits(40)
        heir = shared(Limit(100, 60, 1000), "heir")
        return times + await request_times(heir, 120, most=1)

    times = run(work)
    assert most_in_a_window(times, 60) <= 100
    assert len(times) >= 200


def test_open_requests_of_a_sender_known_to_be_dead_are_free_at_once(shared, monkeypatch):
    async def work():
        await shared(Limit(100, 60, 5), "dead").permits(5)
        monkeypatch.setattr(VirtualLedger, "dead", {"dead"})
        heir = shared(Limit(500, 60, 5), "heir")
        return await heir.permits(5), asyncio.get_running_loop().time()

    count, at = run(work)
    assert count == 5
    assert at < 1


def test_fewer_permits_than_senders_go_round(shared):
    async def work():
        accounts = [shared(Limit(1, 1, 10), f"p{n}") for n in range(3)]
        runs = [one_sender(account, 0, 60) for account in accounts]
        return await asyncio.gather(*runs)

    each = run(work)
    assert min(len(times) for times in each) >= 5
    assert most_in_a_window(sorted(at for times in each for at in times), 1) <= 1


def test_senders_share_the_open_requests_of_an_account(shared):
    async def work():
        first, second = (shared(Limit(1000, 1, 3), name) for name in ("p1", "p2"))
        taken = [await first.permits(50)]
        waiting = asyncio.create_task(second.permits(50))
        await asyncio.sleep(3)
        assert not waiting.done()
        first.over(3)
        other = asyncio.create_task(first.permits(50))
        taken += [await waiting]
        await asyncio.sleep(3)
        taken += [await other]
        return taken

    assert run(work) == [3, 1, 2]


def test_the_quota_of_the_day_holds_for_all_runs_of_the_day_and_is_new_the_next(shared):
    async def work():
        limit = Limit(1000, 1, 1000, daily=120)
        counts = []
        for number in range(3):
            account = shared(limit, f"run{number}")
            counts.append(0)
            while count := await account.permits(25):
                counts[-1] += count
                account.over(count)
                if counts[-1] >= 50:
                    break
            refusal = account.refusal
            await account.leave()
        await asyncio.sleep(86_400)
        return counts, refusal, await shared(limit, "tomorrow").permits(25)

    counts, refusal, tomorrow = run(work)
    assert sum(counts) == 120
    assert refusal == "the quota of the day is used"
    assert tomorrow == 25


def test_a_429_of_one_sender_lets_the_others_rest(shared):
    async def work():
        first, second = (shared(Limit(100, 1, 10), name) for name in ("p1", "p2"))
        first.free(await first.permits(1))
        first.throttled(30)
        await asyncio.sleep(2)
        refused = await first.permits(1)
        return refused, await second.permits(1)

    assert run(work) == (0, 0)


class NoShare:
    """A ledger in which others hold everything."""

    async def share(self, _account, stakes, _rests):
        return {stake.name: 0 for stake in stakes}, 0.0

    async def leave(self, account, stakes):
        pass

    def day(self):
        return "2026-03-02"


def test_without_a_share_the_account_is_left_after_its_patience():
    async def work():
        account = Account("a", Limit(10, 1, 5), patience_seconds=0.5, ledger=NoShare())
        async with asyncio.timeout(60):
            count = await account.permits(1)
        return count, account.refusal, asyncio.get_running_loop().time()

    count, refusal, at = run(work)
    assert (count, refusal) == (0, "the account asks to wait")
    assert 0.5 <= at < 1


def test_senders_that_know_different_totals_keep_to_the_smallest_and_starve_nobody(shared):
    async def work():
        wide, tight = shared(Limit(100, 1, 50), "wide"), shared(Limit(1, 1, 1), "tight")
        return await asyncio.gather(one_sender(wide, 0, 60), one_sender(tight, 2, 58))

    wide, tight = run(work)
    assert len(tight) >= 15
    together = [at for at in [*wide, *tight] if at > 8]
    assert most_in_a_window(sorted(together), 1) <= 1


@pytest.mark.parametrize("told", [float("inf"), 1e300, 10**400])
def test_no_account_rests_longer_than_a_day(told):
    async def work():
        account = Account("a", Limit(100, 1, 10))
        account.throttled(told)
        await asyncio.sleep(86_400)
        return await account.permits(1)

    assert run(work) == 1


def test_a_sender_that_comes_late_waits_for_the_others_to_make_room(shared):
    async def work():
        first = asyncio.create_task(one_sender(shared(Limit(100, 5, 50), "first"), 0, 30))
        await asyncio.sleep(0.5)
        late = shared(Limit(100, 5, 50), "late", share_patience_seconds=20.0)
        count = await late.permits(1)
        await first
        return count

    assert run(work) == 1
