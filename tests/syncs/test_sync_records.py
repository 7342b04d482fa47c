"""Contexts of hand-overs and decided actions: records in tools, once per change."""

from dataclasses import replace

import pytest
from sync_ground import CONTEXTS, SUPPRESSIONS, Tool, ground

from activation.syncs import plan_syncs, run_syncs
from activation.syncs.shown import plan_facts, requests_of


@pytest.fixture(params=["contexts", "actions"])
def records(name, request):
    return replace(CONTEXTS, name=name, destination=name, purpose=request.param)


@pytest.fixture
def tool():
    return Tool()


@pytest.fixture
def at(journal, warehouse, tool, records):
    made = ground(journal, warehouse, tool)
    named = replace(tool.destination(), name=records.destination)
    return replace(made, destination=lambda _sync: named)


def hand_over(warehouse, **notes):
    warehouse.hold("handed", [(id_, f"of {id_}", note) for id_, note in notes.items()])


def run(sync, at):
    (report,) = run_syncs([sync], at)
    return report


def told(tool):
    found = [(one["op"], row["key"]) for one in tool.requests for row in one["rows"]]
    tool.requests.clear()
    return found


def test_each_is_told_once_per_change(at, warehouse, records, tool):
    hand_over(warehouse, h1="Wants: a kitchen.", h2="Wants: a call.")
    assert run(records, at).state == "done"
    assert tool.held["h1"] == {"handoff": "h1", "customer": "of h1", "note": "Wants: a kitchen."}
    assert told(tool) == [("upsert", "h1"), ("upsert", "h2")]
    run(records, at)
    assert told(tool) == []
    hand_over(warehouse, h1="Wants: a kitchen. Has called.", h2="Wants: a call.")
    assert run(records, at).counts["unchanged"] == 1
    assert told(tool) == [("upsert", "h1")]


def test_nobody_needs_to_allow_them_and_a_block_of_the_address_keeps_none_back(
    at, warehouse, records, tool
):
    hand_over(warehouse, h1="Wants: a kitchen.")
    warehouse.hold("reachable", [])
    assert run(records, at).counts["told"] == 1


def test_of_a_suppressed_person_nothing_is_told_and_what_stands_there_is_taken_back(
    at, warehouse, records, tool
):
    hand_over(warehouse, h1="Wants: a kitchen.", h2="Wants: a call.")
    warehouse.hold("suppressed", [("of h2",)])
    run(records, at)
    assert set(tool.held) == {"h1"}
    warehouse.hold("suppressed", [("of h1",), ("of h2",)])
    (plan,) = plan_syncs([records], at)
    facts = plan_facts(plan)
    assert (facts["remove"], facts["suppressed"], plan.blocked) == (1, 2, ("source_empty",))
    hand_over(warehouse, h1="Wants: a kitchen.", h2="Wants: a call.", h3="Wants: to know.")
    assert run(records, at).counts["taken_back"] == 1
    assert set(tool.held) == {"h3"}


def test_what_has_left_the_model_as_of_an_erased_person_is_taken_back(at, warehouse, records, tool):
    hand_over(warehouse, h1="Wants: a kitchen.", h2="Wants: a call.")
    run(records, at)
    hand_over(warehouse, h2="Wants: a call.")
    run(records, at)
    assert set(tool.held) == {"h2"}


def test_a_switch_keeps_them_from_the_tool(at, journal, warehouse, records, tool):
    hand_over(warehouse, h1="Wants: a kitchen.")
    for scope, value in (("destination", records.destination), ("global", None)):
        journal.stop(scope, value, reason="a test", by="Ada")
        report = run(records, at)
        journal.resume(scope, value, reason="a test", by="Ada")
        assert (report.state, report.reason, tool.held) == ("halted", "switched_off", {})
    assert run(records, at).counts["told"] == 1


def test_a_tool_that_has_not_taken_its_suppressions_gets_none(at, warehouse, records, tool):
    stops = replace(SUPPRESSIONS, name=f"{records.name} stops", destination=records.destination)
    hand_over(warehouse, h1="Wants: a kitchen.")
    warehouse.con.execute("drop table stopped")
    _, report = run_syncs([stops, records], at)
    assert (report.state, report.reason) == ("partly", "suppressions_not_taken")
    assert tool.held == {}


def test_two_rows_of_one_key_are_refused(at, warehouse, records, tool):
    row = ("h1", "of h1", "Wants: a kitchen.")
    warehouse.hold("handed", [row, row])
    report = run(records, at)
    assert (report.state, report.reason) == ("failed", "a key is empty or comes twice")
    assert tool.requests == []


def test_the_plan_shows_requests_without_what_the_customer_said(at, warehouse, records):
    hand_over(warehouse, h1="Wants: a planted kitchen.")
    (plan,) = plan_syncs([records], at)
    destination = at.destination(records)
    (masked,) = requests_of(plan, at.ledger, destination, show_values=False)
    assert masked["rows"] == 1 and "planted" not in repr(masked)
    (plain,) = requests_of(plan, at.ledger, destination, show_values=True)
    assert "planted" in repr(plain)
