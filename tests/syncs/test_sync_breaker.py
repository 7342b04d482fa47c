"""What a plan may not do before somebody has answered for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sync_ground import AUDIENCE, NOON, SUPPRESSIONS, Tool, ground

from activation.syncs import plan_syncs, run_syncs
from activation.syncs.breaker import Size, reasons
from activation.syncs.declared import Breaker
from baton.errors import UsageError
from baton.journal import AddressBlock

MANY = 10_000
RULES = Breaker()


@pytest.fixture
def full(journal, warehouse, name):
    """An audience of 10,000 that the tool holds."""
    sync = replace(AUDIENCE, name=name, breaker=RULES)
    tool = Tool()
    people(warehouse, "p", MANY)
    at = ground(journal, warehouse, tool, batch=5_000)
    assert run(sync, at).counts["told"] == MANY
    tool.requests.clear()
    return sync, tool, at


def people(warehouse, prefix, count, domain="mail.example"):
    warehouse.con.execute("delete from members")
    warehouse.con.execute("delete from reachable")
    warehouse.con.execute(
        f"insert into members select '{prefix}' || i, i || '@{domain}', 'Ann'"
        f" from range({count}) as r(i)"
    )
    warehouse.con.execute(
        "insert into reachable select 'email', email, 'marketing', 'main',"
        " timestamp '2026-03-01' from members"
    )


def run(sync, at):
    (report,) = run_syncs([sync], at)
    return report


def test_an_audience_that_is_suddenly_empty_takes_nobody_back(warehouse, full):
    sync, tool, at = full
    people(warehouse, "p", 0)
    report = run(sync, at)
    assert (report.state, report.reason) == ("blocked", "source_empty")
    assert (len(tool.held), tool.requests) == (MANY, [])


def test_an_audience_that_nobody_may_be_reached_of_takes_nobody_back(warehouse, full):
    sync, tool, at = full
    warehouse.allow([])
    assert run(sync, at).reason == "source_empty"
    assert (len(tool.held), tool.requests) == (MANY, [])


def test_a_key_in_another_format_takes_nobody_back_and_adds_nobody(warehouse, full):
    sync, tool, at = full
    people(warehouse, "P-", MANY)
    assert run(sync, at).reason == "key_reformatted"
    assert (len(tool.held), tool.requests) == (MANY, [])


def test_a_source_that_is_missing_takes_nobody_back_and_nobody_can_approve_it(warehouse, full):
    sync, tool, at = full
    warehouse.con.execute("drop table members")
    report = run(sync, at)
    assert (report.state, report.reason, report.plan_hash) == ("blocked", "source_missing", "")
    assert (len(tool.held), tool.requests) == (MANY, [])


def test_a_source_of_a_batch_long_ago_changes_nothing(warehouse, full):
    sync, tool, at = full
    people(warehouse, "p", MANY - 1)
    late = replace(at, now=lambda: NOON + timedelta(days=1, seconds=1))
    assert run(sync, late).reason == "source_stale"
    assert (len(tool.held), tool.requests) == (MANY, [])


def test_over_a_fifth_is_held_back_until_exactly_this_plan_is_approved(journal, warehouse, full):
    sync, tool, at = full
    people(warehouse, "p", 7_999)
    held_back = run(sync, at)
    assert (held_back.reason, len(tool.held)) == ("mass_removal", MANY)
    journal.syncs.approve(sync.name, held_back.plan_hash, reason="spring", by="Ada", now=NOON)
    people(warehouse, "p", 7_998)
    assert run(sync, at).state == "blocked"
    people(warehouse, "p", 7_999)
    report = run(sync, at)
    assert (report.state, report.counts["taken_back"], len(tool.held)) == ("done", 2_001, 7_999)


def test_an_approval_says_why(journal, name):
    with pytest.raises(UsageError, match="reason"):
        journal.syncs.approve(name, "abc", reason=" ", by="Ada", now=NOON)


def test_suppressions_are_added_from_whatever_source(journal, warehouse, name):
    stops = replace(SUPPRESSIONS, name=name, breaker=RULES)
    tool = Tool()
    warehouse.hold("stopped", [("email", "a@mail.example", NOON)])
    late = ground(journal, warehouse, tool, now=lambda: NOON + timedelta(days=9))
    report = run(stops, late)
    assert (report.state, report.reason, len(tool.held)) == ("blocked", "source_stale", 1)


def test_who_said_no_is_taken_back_though_the_plan_is_held_back(journal, warehouse, name):
    sync = replace(AUDIENCE, name=name, breaker=RULES)
    tool = Tool()
    at = ground(journal, warehouse, tool)
    people(warehouse, "p", 40, domain="loud.example")
    run(sync, at)
    block = AddressBlock("email", "7@loud.example", None, None, "opt_out", NOON, "page")
    journal.block_addresses([block])
    people(warehouse, "p", 20, domain="loud.example")
    report = run(sync, at)
    assert (report.state, report.counts["taken_back"]) == ("blocked", 1)
    assert "p7" not in tool.held and len(tool.held) == 39


@pytest.mark.parametrize(
    ("size", "found"),
    [
        (Size(offered=90, held=100, matched=90, removals=10, new=0), ()),
        (Size(offered=79, held=100, matched=79, removals=21, new=0), ("mass_removal",)),
        (Size(offered=1, held=10, matched=1, removals=9, new=0), ()),
        (Size(offered=1, held=0, matched=0, removals=0, new=1), ()),
        (Size(offered=0, held=1, matched=0, removals=1, new=0), ("source_empty",)),
        (Size(offered=9_000, held=10_001, matched=9_000, removals=1_001, new=0), ("mass_removal",)),
        (Size(offered=10, held=10, matched=0, removals=0, new=10), ("key_reformatted",)),
    ],
)
def test_what_is_much_depends_on_the_size(size, found):
    assert reasons(size, RULES, "audiences", as_of=NOON, now=NOON) == found


def test_a_plan_says_why_it_is_held_back_and_what_it_would_take(warehouse, full):
    sync, _, at = full
    people(warehouse, "p", 100)
    (plan,) = plan_syncs([sync], at)
    assert (plan.blocked, len(plan.removals), plan.may_remove) == (("mass_removal",), 9_900, False)
