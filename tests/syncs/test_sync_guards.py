"""What keeps rows from a tool while a run is under way, and what a run leaves on record."""

from dataclasses import replace

import pytest
from sync_ground import AUDIENCE, MINUTE, NOON, SUPPRESSIONS, Tool, ground

from activation import patience
from activation.exchange import ItemVerdict, Unsendable, same_for_all
from activation.limits import Account
from activation.syncs import run_syncs
from baton.errors import Busy
from baton.journal import AddressBlock

PEOPLE = {f"p{n}": f"Ann{n}" for n in range(8)}


@pytest.fixture
def audience(name):
    return replace(AUDIENCE, name=name, destination=name)


@pytest.fixture
def stops(name):
    return replace(SUPPRESSIONS, name=f"{name} stops", destination=name)


def run(sync, at):
    (report,) = run_syncs([sync], at)
    return report


def named(at, name, **calls):
    """The ground with a tool of this name, its calls changed."""
    tool = at.destination(None)
    changed = {purpose: replace(call, **calls) for purpose, call in tool.calls.items()}
    return replace(at, destination=lambda _sync: replace(tool, name=name, calls=changed))


class Ledger:
    """The ledger of the syncs with something before each call of one method."""

    def __init__(self, ledger, method, before):
        self._ledger, self._method, self._before = ledger, method, before

    def __getattr__(self, name):
        value = getattr(self._ledger, name)
        if name != self._method:
            return value

        def after(*args, **kwargs):
            self._before(*args)
            return value(*args, **kwargs)

        return after


def block(journal, id_):
    no = AddressBlock("email", f"{id_}@mail.example", None, None, "opt_out", NOON, "page")
    journal.block_addresses([no])


def told(tool):
    return {row["key"] for one in tool.requests if one["op"] == "upsert" for row in one["rows"]}


def test_who_holds_a_share_of_the_limits_counts_as_alive_while_it_runs(
    journal, warehouse, audience
):
    tool, alive = Tool(), []
    at = named(replace(ground(journal, warehouse, tool), journal=journal), audience.name)

    def look(_rows):
        with journal._store.read() as connection:
            query = "select holder from permits where account = ? and wants"
            for row in connection.exec_driver_sql(query, (audience.name,)).all():
                alive.append(journal._store.database.is_held(connection, row.holder))

    tool.on_request = look
    warehouse.members(PEOPLE)
    assert run(audience, at).state == "done"
    assert alive and all(alive)


@pytest.mark.parametrize("scope", ["global", "destination"])
def test_a_switch_keeps_rows_from_a_tool_but_no_removal_and_no_suppression(
    journal, warehouse, audience, stops, scope
):
    tool = Tool()
    at = named(ground(journal, warehouse, tool), audience.name)
    warehouse.members({"p1": "Ann", "p2": "Bea"})
    run(audience, at)
    warehouse.members({"p2": "Bee", "p3": "Cleo"})
    warehouse.hold("stopped", [("email", "z@mail.example", NOON)])
    value = None if scope == "global" else audience.name
    journal.stop(scope, value, reason="a test", by="Ada")
    try:
        first, second = run_syncs([stops, audience], at)
    finally:
        journal.resume(scope, value, reason="a test", by="Ada")
    assert (first.state, first.counts["told"]) == ("done", 1)
    assert (second.state, second.reason) == ("halted", "switched_off")
    assert (second.counts["taken_back"], second.counts["left"]) == (1, 2)
    assert tool.held["p2"]["first_name"] == "Bea" and not {"p1", "p3"} & tool.held.keys()


def test_a_switch_that_is_thrown_while_rows_are_sent_stops_the_rest(journal, warehouse, audience):
    tool = Tool()
    at = named(ground(journal, warehouse, tool, batch=1), audience.name)
    warehouse.members({f"p{n:03}": "Ann" for n in range(100)})
    tool.on_request = lambda _rows: journal.stop(
        "destination", audience.name, reason="a test", by="Ada"
    )
    report = run(audience, at)
    assert report.reason == "switched_off" and report.counts["told"] <= 24


def test_a_tool_that_asks_for_it_is_switched_off_on_record(journal, warehouse, audience):
    tool = Tool()

    def gone(_response, batch):
        return same_for_all(batch, "throttled", "http 410", disable=True)

    at = named(ground(journal, warehouse, tool), audience.name, verdicts=gone)
    warehouse.members(PEOPLE)
    assert (run(audience, at).state, run(audience, at).reason) == ("halted", "switched_off")
    (switch,) = [one for one in journal.switches() if one.value == audience.name]
    assert (switch.scope, switch.reason, switch.set_by) == ("destination", "http 410", "sync")


def test_a_suppression_that_waits_for_its_approval_keeps_no_row_from_the_tool(
    journal, warehouse, audience, stops
):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    still = ("email", "b@mail.example", NOON)
    warehouse.hold("stopped", [("email", "a@mail.example", NOON), still])
    run(stops, at)
    warehouse.members({"a": "Ann", "p1": "Bea"}, at=NOON + MINUTE)
    warehouse.hold("stopped", [still])
    first, second = run_syncs([stops, audience], at)
    assert (first.reason, first.counts["left"]) == ("resubscription", 1)
    assert (second.state, second.counts["told"]) == ("done", 2)


def test_an_audience_alone_brings_the_suppressions_of_its_tool_first(
    journal, warehouse, audience, stops
):
    tool = Tool("forbidden", "ok")
    elsewhere = replace(stops, name=f"{stops.name} elsewhere", destination="elsewhere")
    at = ground(journal, warehouse, tool, suppressions=[stops, elsewhere])
    warehouse.members(PEOPLE)
    warehouse.hold("stopped", [("email", "z@mail.example", NOON)])
    first, second = run_syncs([audience], at)
    assert (first.sync, first.state) == (stops.name, "halted")
    assert (second.reason, told(tool) & PEOPLE.keys()) == ("suppressions_not_taken", set())


def test_nothing_is_added_to_a_tool_whose_suppressions_are_declared_wrongly(
    journal, warehouse, audience
):
    tool = Tool()
    warehouse.members(PEOPLE)
    at = ground(journal, warehouse, tool, unsure=frozenset({audience.destination}))
    report = run(audience, at)
    assert (report.state, report.reason) == ("partly", "suppressions_declared_wrongly")
    assert tool.requests == []


def test_who_has_opted_out_at_the_tool_is_refused_and_blocked_everywhere(
    journal, warehouse, audience
):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.members({"o1": "Ann", "o2": "Bea"})
    run(audience, at)

    def has_opted_out(_response, batch):
        outcome = {True: ("opted_out", "code 7"), False: ("accepted", "http 200")}
        return [ItemVerdict(one.item_id, *outcome[one.item_id == "o1"]) for one in batch]

    warehouse.members({"o1": "Anna", "o2": "Beate"})
    report = run(audience, named(at, "tool", verdicts=has_opted_out))
    assert (report.counts["told"], dict(report.refused)) == (1, {"code 7": 1})
    with journal._store.read() as connection:
        query = "select kind, brand, purpose from address_blocks where source = ?"
        blocks = connection.exec_driver_sql(query, (audience.destination,)).all()
    assert blocks == [("stop", None, None)]
    assert run(audience, at).counts["taken_back"] == 1


def test_an_opt_out_of_a_row_without_address_is_refused_only(journal, warehouse, stops):
    tool = Tool()

    def opted_out(_response, batch):
        return same_for_all(batch, "opted_out", "code 7")

    at = named(ground(journal, warehouse, tool), stops.destination, verdicts=opted_out)
    warehouse.hold("stopped", [("email", "z@mail.example", NOON)])
    assert dict(run(stops, at).refused) == {"code 7": 1}


def test_limits_that_an_answer_tells_are_kept_to(journal, warehouse, audience, monkeypatch):
    tool, seen = Tool(), []
    monkeypatch.setattr(Account, "told", lambda _self, quota: seen.append(quota.remaining))

    async def send(request):
        answered = await tool.send(request)
        headers = {"ratelimit": '"default";r=5;t=30'}
        return replace(answered, response=replace(answered.response, headers=headers))

    warehouse.members(PEOPLE)
    run(audience, replace(ground(journal, warehouse, tool, batch=8), send=send))
    assert seen == [5]


def test_a_no_that_comes_while_the_request_waits_to_be_put_on_record_keeps_the_row_back(
    journal, warehouse, audience
):
    tool = Tool()
    people = {f"late{n}": "Ann" for n in range(5)}
    warehouse.members(people)
    at = ground(journal, warehouse, tool, batch=8)
    ledger = Ledger(at.ledger, "open_requests", lambda *_: block(journal, "late3"))
    report = run(audience, replace(at, ledger=ledger))
    assert told(tool) == people.keys() - {"late3"}
    assert (report.counts["told"], report.counts["blocked"]) == (4, 1)


def test_a_no_that_comes_while_a_half_waits_for_its_permit_keeps_the_row_back(
    journal, warehouse, audience
):
    tool = Tool()
    people = {f"half{n}": "Ann" for n in range(8)}
    warehouse.members(people)
    at = ground(journal, warehouse, tool, batch=8)
    build = at.destination(None).calls["audiences"].build

    def alone(batch, settings, now):
        if len(batch) > 1:
            raise Unsendable("too_long")
        return build(batch, settings, now)

    tool.on_request = lambda _rows: block(journal, "half7")
    run(audience, named(at, "tool", build=alone))
    assert told(tool) == people.keys() - {"half7"}


@pytest.mark.parametrize("method", ["begin", "open_requests", "settle", "end", "is_stopped"])
def test_a_journal_that_is_locked_for_a_while_is_waited_for(
    journal, warehouse, audience, monkeypatch, method
):
    monkeypatch.setattr(patience, "_FIRST_PAUSE", 0.001)
    tool, busy = Tool(), [Busy("locked")] * 8
    warehouse.members(PEOPLE)
    at = ground(journal, warehouse, tool, batch=8)

    def locked(*_):
        if busy:
            raise busy.pop()

    report = run(audience, replace(at, ledger=Ledger(at.ledger, method, locked)))
    assert (report.state, report.counts["told"], busy) == ("done", 8, [])
    assert journal.syncs.last_run(audience.name).state == "done"


@pytest.mark.parametrize("method", ["begin", "end"])
def test_a_run_that_cannot_be_put_on_record_stops_no_other(
    journal, warehouse, audience, monkeypatch, method
):
    monkeypatch.setattr(patience, "_SECONDS", 0)
    other = replace(audience, name=f"{audience.name} other", destination="other")
    tool, begun = Tool(), []
    warehouse.members(PEOPLE)
    at = ground(journal, warehouse, tool, batch=8)

    def locked(*_):
        begun.append(1)
        if len(begun) == 1:
            raise Busy("locked")

    reports = run_syncs([audience, other], replace(at, ledger=Ledger(at.ledger, method, locked)))
    assert sorted(one.state for one in reports) == ["done", "failed"]


def test_between_two_pages_of_what_a_tool_holds_no_transaction_is_open(
    journal, warehouse, audience, monkeypatch
):
    monkeypatch.setattr("baton.journal.syncs._PAGE", 3)
    tool = Tool()
    warehouse.members(PEOPLE)
    run(audience, ground(journal, warehouse, tool))
    held = journal.syncs.held(audience.name, audience.destination)
    keys = []
    for row in held:
        keys.append(row.row_key)
        assert journal._store._engine.pool.checkedout() == 0
    assert keys == sorted(PEOPLE)
