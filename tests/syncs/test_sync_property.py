"""Whatever happened before, the tool ends up with exactly the source, filtered by consent."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_ground import AUDIENCE, MINUTE, NOON, Crash, Tool, Warehouse, ground

from activation.syncs import run_syncs
from baton.journal import AddressBlock

IDS = ["a", "b", "c", "d", "e"]
ANSWERS = ["ok", "throttle", "not_sent", "lost", "unheard", "whole", "some", "forbidden"]
CRASHES = ["crash_before", "crash_after"]
EFFECTS = ["begin", "open_requests", "settle", "end", "recover"]

states = st.dictionaries(st.sampled_from(IDS), st.sampled_from(["Ann", "Bea", None]))
steps = st.fixed_dictionaries(
    {
        "people": states,
        "allowed": st.sets(st.sampled_from(IDS)),
        "says_no": st.sets(st.sampled_from(IDS), max_size=1),
        "answers": st.lists(st.sampled_from(ANSWERS + CRASHES), min_size=1, max_size=6),
        "bad": st.sets(st.sampled_from(IDS), max_size=2),
        "crash": st.none()
        | st.tuples(
            st.sampled_from(EFFECTS), st.integers(0, 3), st.sampled_from(["before", "after"])
        ),
        "batch": st.integers(1, 4),
    }
)
numbers = count()


class CrashingLedger:
    """The ledger of the syncs; its n-th call of one method ends the process, before or after."""

    def __init__(self, ledger, method, number, when):
        self._ledger = ledger
        self._method, self._number, self._when = method, number, when
        self._calls = count()

    def __getattr__(self, name):
        value = getattr(self._ledger, name)
        return self._crashing(value) if name == self._method else value

    def _crashing(self, call):
        def crashing(*args, **kwargs):
            is_now = next(self._calls) == self._number
            if is_now and self._when == "before":
                raise Crash
            result = call(*args, **kwargs)
            if is_now:
                raise Crash
            return result

        return crashing


def test_the_tool_ends_up_with_exactly_what_it_should_hold(journal):
    holds(journal, max_examples=25, derandomize=True)


@pytest.mark.long
def test_the_tool_ends_up_with_exactly_what_it_should_hold_after_many_histories(journal):
    holds(journal, max_examples=300)


def holds(journal, **effort):
    @settings(deadline=None, **effort)
    @given(
        history=st.lists(steps, min_size=1, max_size=5),
        last=states,
        allowed=st.sets(st.sampled_from(IDS)),
    )
    def whatever_happened(history, last, allowed):
        check(journal, history, last, allowed)

    whatever_happened()


def check(journal, history, last, allowed):
    run = next(numbers)
    sync = replace(AUDIENCE, name=f"audience {run}", destination=f"tool {run}")
    tool, warehouse = Tool(), Warehouse()
    at = ground(journal, warehouse, tool)
    no = set()
    for number, step in enumerate(history):
        warehouse.members(named(run, step["people"]), addresses(run, step["allowed"]))
        said = [
            AddressBlock("email", f"{run}{id_}@mail.example", None, None, "opt_out", NOON, "page")
            for id_ in step["says_no"]
        ]
        journal.block_addresses(said)
        no |= step["says_no"]
        tool.answers, tool.bad = [*step["answers"], "ok"], addresses(run, step["bad"])
        one_run(replace(at, now=lambda n=number: NOON + n * MINUTE), sync, step["crash"])
    tool.answers, tool.bad = ["ok"], set()
    warehouse.members(named(run, last), addresses(run, allowed))
    journal.syncs.retry_refused(sync.name, sync.destination)
    for _ in range(2):
        one_run(at, sync, None)
    should = {f"{run}{id_}": name for id_, name in last.items() if id_ in allowed - no}
    assert {key: fields["first_name"] for key, fields in tool.held.items()} == should
    before = len(tool.requests)
    one_run(at, sync, None)
    assert len(tool.requests) == before
    warehouse.con.close()


def one_run(at, sync, crash):
    ledger = CrashingLedger(at.ledger, *crash) if crash else at.ledger
    plan_hash = None
    for _ in range(2):
        try:
            (report,) = run_syncs([sync], replace(at, ledger=ledger))
        except Crash:
            return
        if report.state != "blocked" or report.plan_hash == plan_hash:
            return
        plan_hash = report.plan_hash
        at.ledger.approve(sync.name, plan_hash, reason="the test", by="the test", now=NOON)


def named(run, people):
    return {f"{run}{id_}": name for id_, name in people.items()}


def addresses(run, ids):
    return {f"{run}{id_}" for id_ in ids}
