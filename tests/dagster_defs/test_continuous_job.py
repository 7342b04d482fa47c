"""The continuous run under Dagster: it decides, tells of it, hands over, and is kept alive."""

import threading
import time
from collections.abc import Iterable
from datetime import datetime

import dagster as dg
import pytest
from corner_shop import CornerShop

from baton import rooms
from baton.dbt_runner import NodeTiming
from baton.errors import Busy
from baton.intake import Window
from baton.journal.records import HandOver
from baton.micro_batch import Batch
from dagster_defs.defs.continuous.job import ContinuousConfig, Thinned, Told, continuous
from dagster_defs.defs.continuous.keeper import continuous_keeper

DECISIONS = "select outcome, reason from decisions.decisions order by decided_at"


def run(shop: CornerShop, minutes: float) -> dg.ExecuteInProcessResult:
    """Run the job in this process until its time is over and somebody stands by."""
    told = ContinuousConfig(minutes=minutes, told_every_seconds=2, measured_every_seconds=0)
    config = dg.RunConfig(ops={"decide_continuously": told})
    return continuous.execute_in_process(
        run_config=config, resources=shop.resources, raise_on_error=False
    )


def test_it_decides_what_has_arrived_and_ends_when_another_waits_to_take_over(
    shop: CornerShop,
) -> None:
    shop.ada_leaves_a_quote()
    with rooms.standing_by(shop.project.warehouse):
        result = run(shop, minutes=0.1)

    assert result.success
    assert shop.query(DECISIONS) == [("send", "all_checks_passed")]
    told = {
        event.asset_key.to_user_string(): event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }
    assert {"raw/web_events", "outbox", "handed_over"} <= told.keys()
    assert told["handed_over"]["batches"].value >= 1
    checked = {one.asset_check_key.to_user_string() for one in result.get_asset_check_evaluations()}
    assert {"latency_hourly:email_claimed_in_time", "raw/web_events:delivers_in_time"} <= checked
    assert "latency_hourly" in told
    assert not rooms.is_running(shop.project.warehouse)


def test_what_is_due_is_told_before_more_is_gathered() -> None:
    """Otherwise batches that come faster than they can be told of would fill the memory."""
    thinned = Thinned(every_seconds=0)
    told: list[Told] = []
    for number in range(1, 10):
        thinned.add(batch(number, models=("a", "b", "c")))
        told += thinned.told()

    assert [windows_and_batches(one) for one in told[:4]] == [(1, 1), (1, 1), (1, 1), (1, 1)]
    assert [windows_and_batches(one) for one in told[4:8]] == [(5, 4), (5, 4), (5, 4), (5, 4)]
    assert windows_and_batches(told[8]) == (9, 4)
    assert len(list(thinned.rest())) == 3


def batch(number: int, *, models: Iterable[str]) -> Batch:
    """A batch that built those models and handed nothing over."""
    now = datetime(2026, 5, 1)
    window = Window(number, now, number - 1, number, now, "done", False, ())
    timings = [NodeTiming(one, 0.1) for one in models]
    return Batch(window, {}, HandOver(), {"models": 0.3}, timings, [])


def windows_and_batches(one: Told) -> tuple[object, object]:
    """The window that is told of and how many batches it stands for."""
    return one.metadata["window_id"].value, one.metadata["batches"].value


def test_it_waits_for_the_one_that_is_at_work(shop: CornerShop) -> None:
    results: list[dg.ExecuteInProcessResult] = []
    with rooms.standing_by(shop.project.warehouse):
        waiting = threading.Thread(target=lambda: results.append(run(shop, minutes=0)))
        with rooms.running(shop.project.warehouse):
            waiting.start()
            time.sleep(0.5)
            assert waiting.is_alive()
        waiting.join(120)
    assert results[0].success


@pytest.mark.parametrize("stands_by", [False, True])
def test_a_lock_ends_with_its_holder(shop: CornerShop, stands_by: bool) -> None:
    lock = rooms.standing_by if stands_by else rooms.running
    told = rooms.has_standby if stands_by else rooms.is_running
    with lock(shop.project.warehouse):
        assert told(shop.project.warehouse)
    assert not told(shop.project.warehouse)


def test_two_continuous_runs_never_hold_the_warehouse(shop: CornerShop) -> None:
    warehouse = shop.project.warehouse
    with rooms.running(warehouse), pytest.raises(Busy, match="at work"), rooms.running(warehouse):
        pass


def test_the_keeper_goes_by_the_locks_and_asks_for_one_successor(shop: CornerShop) -> None:
    warehouse = shop.project.warehouse
    with dg.instance_for_test() as instance:

        def asked() -> object:
            context = dg.build_sensor_context(instance=instance, resources=shop.resources)
            return continuous_keeper(context)

        assert isinstance(asked(), dg.RunRequest)
        started = instance.create_run_for_job(continuous, status=dg.DagsterRunStatus.STARTED)
        with pytest.MonkeyPatch.context() as patch:
            record = instance.get_run_record_by_id(started.run_id)
            known = {dg.DagsterRunStatus.STARTED: [record._replace(start_time=time.time() - 600)]}

            def records(filters: dg.RunsFilter, **_: object) -> list[object]:
                return [one for status in filters.statuses for one in known.get(status, [])]

            patch.setattr(instance, "get_run_records", records)
            assert isinstance(asked(), dg.RunRequest), "a record alone is no run at work"
            with rooms.running(warehouse):
                assert isinstance(asked(), dg.SkipReason)
                long_ago = record._replace(start_time=time.time() - 55 * 60)
                known[dg.DagsterRunStatus.STARTED] = [long_ago]
                assert isinstance(asked(), dg.RunRequest)
                with rooms.standing_by(warehouse):
                    assert isinstance(asked(), dg.SkipReason)
            known[dg.DagsterRunStatus.QUEUED] = [record]
            assert isinstance(asked(), dg.SkipReason)
