"""What a tool holds after a run, whatever it answers."""

from dataclasses import replace

import pytest
from sync_ground import AUDIENCE, MINUTE, NOON, PROFILES, SUPPRESSIONS, Crash, Tool, ground

from activation.exchange import HttpRequest, ItemVerdict, Job, Unsendable
from activation.syncs import plan_syncs, run_syncs
from activation.syncs.carrier import Pace
from baton.errors import Busy
from baton.journal import AddressBlock
from baton.journal.erasures import ErasureOrder
from baton.tombstones import Identifier

PEOPLE = {f"p{n}": f"Ann{n}" for n in range(8)}


@pytest.fixture
def audience(name):
    return replace(AUDIENCE, name=name)


def run(sync, at):
    (report,) = run_syncs([sync], at)
    return report


def names(tool):
    return {key: fields["first_name"] for key, fields in tool.held.items()}


def test_a_tool_holds_what_the_source_offers_and_is_told_nothing_twice(
    journal, warehouse, audience
):
    tool = Tool()
    warehouse.members(PEOPLE)
    at = ground(journal, warehouse, tool)
    report = run(audience, at)
    assert (report.state, report.counts["told"], report.requests) == ("done", 8, 3)
    assert names(tool) == PEOPLE
    assert run(audience, at).requests == 0


def test_only_changed_rows_are_told_and_rows_that_left_are_taken_back_first(
    journal, warehouse, audience
):
    tool = Tool()
    at = ground(journal, warehouse, tool, batch=100)
    warehouse.members(PEOPLE)
    run(audience, at)
    changed = PEOPLE | {"p1": "Bea"}
    del changed["p0"]
    warehouse.members(changed)
    run(audience, at)
    assert [(one["op"], [row["key"] for row in one["rows"]]) for one in tool.requests[1:]] == [
        ("remove", ["p0"]),
        ("upsert", ["p1"]),
    ]
    assert names(tool) == changed


def test_who_has_no_yes_is_not_told_and_who_lost_it_is_taken_back(journal, warehouse, audience):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.members(PEOPLE, allowed=["p1", "p2"])
    run(audience, at)
    assert tool.held.keys() == {"p1", "p2"}
    warehouse.members(PEOPLE, allowed=["p2"])
    run(audience, at)
    assert tool.held.keys() == {"p2"}


def test_a_no_in_the_journal_takes_the_row_back_before_the_next_batch_knows(
    journal, warehouse, audience
):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.members({"q1": "Ann", "q2": "Bea"})
    run(audience, at)
    block = AddressBlock("email", "q1@mail.example", None, None, "opt_out", NOON, "page")
    journal.block_addresses([block])
    assert run(audience, at).counts["taken_back"] == 1
    assert tool.held.keys() == {"q2"}


def test_a_no_that_comes_while_rows_are_sent_stops_those_not_yet_sent(journal, warehouse, audience):
    tool = Tool()
    at = ground(journal, warehouse, tool, batch=1)
    people = {f"r{n:02}": "Ann" for n in range(30)}
    warehouse.members(people)

    def last_one_says_no(_rows):
        block = AddressBlock("email", "r29@mail.example", None, None, "opt_out", NOON, "page")
        journal.block_addresses([block])

    tool.on_request = last_one_says_no
    report = run(audience, at)
    assert report.counts["blocked"] == 1
    assert tool.held.keys() == people.keys() - {"r29"}


def test_who_is_erased_while_rows_are_sent_is_not_told_any_more(
    journal, warehouse, audience, monkeypatch
):
    monkeypatch.setenv("BATON_ERASURE_KEY", "a key of the tests that is long enough")
    tool = Tool()
    at = ground(journal, warehouse, tool, batch=3)
    people = {f"e{n:02}": "Ann" for n in range(90)}
    warehouse.members(people)

    def last_one_is_erased(_rows):
        if not journal.erasures.all():
            order = ErasureOrder(["e89"], ["n89"], [Identifier("user", "e89")], row_keys=["e89"])
            journal.erasures.order(order, reason="asked for it", by="test")

    tool.on_request = last_one_is_erased
    report = run(audience, at)
    assert report.counts["blocked"] == 1
    assert tool.held.keys() == people.keys() - {"e89"}
    held = [one.row_key for one in journal.syncs.held(audience.name, audience.destination)]
    assert set(held) == people.keys() - {"e89"}


def test_a_newer_yes_than_the_no_lets_the_row_be_told_again(journal, warehouse, audience):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    block = AddressBlock("email", "s1@mail.example", None, None, "opt_out", NOON, "page")
    journal.block_addresses([block])
    warehouse.members({"s1": "Ann"}, at=NOON)
    run(audience, at)
    assert not tool.held
    warehouse.members({"s1": "Ann"}, at=NOON + MINUTE)
    run(audience, at)
    assert tool.held.keys() == {"s1"}


def test_a_null_is_left_out_or_clears_as_the_field_says(journal, warehouse, audience):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    profiles = replace(PROFILES, name=audience.name)
    warehouse.hold("members", [("p1", None, None)])
    run(profiles, at)
    assert tool.held == {"p1": {"external_id": "p1", "first_name": None}}


def test_a_bad_row_in_a_batch_that_is_refused_whole_is_found_and_the_others_are_told(
    journal, warehouse, audience
):
    tool = Tool("whole", bad=["p3"])
    at = ground(journal, warehouse, tool, batch=8)
    warehouse.members(PEOPLE)
    report = run(audience, at)
    assert tool.held.keys() == PEOPLE.keys() - {"p3"}
    assert (report.state, dict(report.refused)) == ("partly", {"http 400": 1})


def test_a_refused_row_is_told_again_only_when_it_changes_or_somebody_asks(
    journal, warehouse, audience
):
    tool = Tool("some", bad=["p3"])
    at = ground(journal, warehouse, tool)
    warehouse.members(PEOPLE)
    assert run(audience, at).counts["refused"] == 1
    again = run(audience, at)
    assert (again.requests, again.counts["dead"]) == (0, 1)
    tool.bad = set()
    assert journal.syncs.retry_refused(audience.name, "tool") == 1
    run(audience, at)
    assert names(tool) == PEOPLE


@pytest.mark.parametrize("answer", ["throttle", "not_sent", "lost", "unheard"])
def test_a_row_whose_request_failed_is_told_again(journal, warehouse, audience, answer):
    tool = Tool(answer, "ok")
    at = ground(journal, warehouse, tool)
    warehouse.members(PEOPLE)
    assert run(audience, at).state == "done"
    assert names(tool) == PEOPLE


def test_a_tool_that_forbids_is_left_alone_and_no_row_counts_as_refused(
    journal, warehouse, audience
):
    tool = Tool("forbidden")
    at = ground(journal, warehouse, tool, batch=1)
    warehouse.members(PEOPLE)
    report = run(audience, at)
    assert (report.state, report.reason, report.counts["left"]) == ("halted", "http 403", 8)
    assert len(tool.requests) <= 8
    tool.answers = ["ok"]
    run(audience, at)
    assert names(tool) == PEOPLE


def test_a_crash_after_the_bytes_leaves_rows_in_doubt_even_if_the_source_turns_back(
    journal, warehouse, audience
):
    tool = Tool()
    at = ground(journal, warehouse, tool, batch=100)
    warehouse.members({"p1": "Ann"})
    run(audience, at)
    tool.answers = ["crash_after"]
    warehouse.members({"p1": "Bea", "p2": "Cleo"})
    with pytest.raises(Crash):
        run(audience, at)
    tool.answers = ["ok"]
    warehouse.members({"p1": "Ann"})
    report = run(audience, at)
    assert report.recovered == 2
    assert names(tool) == {"p1": "Ann"}


def test_nothing_is_added_to_a_tool_that_has_not_taken_its_suppressions(
    journal, warehouse, audience
):
    stops = replace(SUPPRESSIONS, name=f"{audience.name} stops")
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.members({"p1": "Ann", "p2": "Bea"})
    run(audience, at)
    warehouse.members({"p2": "Bea", "p3": "Cleo"})
    warehouse.hold("stopped", [("email", "z@mail.example", NOON)])
    tool.answers = ["forbidden", "ok"]
    first, second = run_syncs([audience, stops], at)
    assert (first.sync, first.state) == (stops.name, "halted")
    assert (second.state, second.reason) == ("partly", "suppressions_not_taken")
    assert tool.held.keys() == {"p2"}
    run_syncs([audience, stops], at)
    assert {"p2", "p3"} < tool.held.keys() and len(tool.held) == 3


def test_a_suppression_is_taken_back_only_for_a_newer_yes_and_an_approval(journal, warehouse, name):
    stops = replace(SUPPRESSIONS, name=name)
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.hold(
        "stopped", [("email", "a@mail.example", NOON), ("email", "b@mail.example", NOON)]
    )
    run(stops, at)
    held = dict(tool.held)
    warehouse.hold("stopped", [])
    warehouse.hold(
        "reachable",
        [
            ("email", "a@mail.example", "marketing", "main", NOON),
            ("email", "b@mail.example", "marketing", "main", NOON + MINUTE),
        ],
    )
    report = run(stops, at)
    assert (report.state, report.counts["kept"], tool.held) == ("blocked", 1, held)
    journal.syncs.approve(name, report.plan_hash, reason="asked by phone", by="Ada", now=NOON)
    assert run(stops, at).counts["taken_back"] == 1
    assert [one["email"] for one in tool.held.values()] == ["a@mail.example"]


def test_no_address_stands_in_the_journal_but_the_handle_of_a_personal_key(
    journal, warehouse, audience
):
    tool = Tool()
    warehouse.members(PEOPLE)
    run(audience, ground(journal, warehouse, tool))
    with journal._store.read() as connection:
        for table in ("sync_rows", "sync_requests", "sync_outcomes", "sync_runs"):
            rows = connection.exec_driver_sql(f"select * from {table}").all()
            mine = [row for row in rows if audience.name in repr(row) or table != "sync_rows"]
            assert mine and "p1@mail" not in repr(mine) and "Ann1" not in repr(mine)


def test_a_plan_tells_the_tool_nothing(journal, warehouse, audience):
    tool = Tool()
    warehouse.members(PEOPLE)
    (plan,) = plan_syncs([audience], ground(journal, warehouse, tool))
    assert (plan.counts, plan.upserts.rows, tool.requests) == ({"new": 8}, 8, [])
    assert journal.syncs.last_run(audience.name) is None


def test_what_the_tool_calls_a_row_is_learned_and_said_with_its_removal(
    journal, warehouse, audience
):
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.members({"p1": "Ann"})
    run(audience, at)
    warehouse.members({"p2": "Bea"})
    run(audience, at)
    assert [one["ids"] for one in tool.requests if one["op"] == "remove"] == [["t-p1"]]


def test_a_profile_stays_when_it_leaves_and_goes_when_its_person_was_merged_away(
    journal, warehouse, name
):
    profiles = replace(PROFILES, name=name)
    tool = Tool()
    at = ground(journal, warehouse, tool)
    warehouse.members({"older": "Ann", "younger": "Ann", "left": "Bea"})
    run(profiles, at)
    warehouse.members({"older": "Anna"})
    warehouse.hold("aliases", [("older", "older"), ("younger", "older"), ("left", "left")])
    report = run(profiles, at)
    assert report.counts["kept"] == 1
    assert names(tool) == {"older": "Anna", "left": "Bea"}


def test_only_one_process_runs_syncs_on_a_journal(journal, warehouse, audience):
    at = ground(journal, warehouse, Tool())
    with journal.syncs.alone(), pytest.raises(Busy):
        run_syncs([audience], at)


def test_a_tool_that_fails_in_an_unknown_way_stops_no_other(journal, warehouse, name):
    broken, fine = replace(AUDIENCE, name=f"{name} a"), replace(AUDIENCE, name=f"{name} b")
    fine = replace(fine, destination="other")
    tool = Tool()
    warehouse.members(PEOPLE)
    at = ground(journal, warehouse, tool)

    def destination(sync):
        if sync is fine:
            return tool.destination()
        return replace(tool.destination(), calls={})

    first, second = run_syncs([broken, fine], replace(at, destination=destination))
    assert (first.state, second.state) == ("failed", "done")
    assert names(tool) == PEOPLE


def test_suppressions_that_cannot_be_read_keep_new_rows_from_the_tool(journal, warehouse, audience):
    stops = replace(SUPPRESSIONS, name=f"{audience.name} stops")
    tool = Tool()
    warehouse.members(PEOPLE)
    warehouse.con.execute("drop table stopped")
    first, second = run_syncs([stops, audience], ground(journal, warehouse, tool))
    assert (first.reason, second.reason) == ("source_missing", "suppressions_not_taken")
    assert tool.held == {}


def with_call(tool, **changes):
    destination = tool.destination(batch=8)
    call = replace(destination.calls["audiences"], **changes)
    return replace(destination, calls={"audiences": call})


def job(answers):
    """A job that is asked after until it answers with the keys it has refused."""

    def judged(response, batch):
        said = answers.pop(0)
        refused = None if said is None else set(said)
        outcome = {True: "rejected", False: "accepted"}
        return refused and [
            ItemVerdict(one.item_id, outcome[one.item_id in refused], "import") for one in batch
        ]

    asked = HttpRequest("GET", "http://tool.example/jobs/7", {}, b'{"op": "ask", "rows": []}')
    return Job(lambda _answer: "7", lambda _id, _settings: asked, judged)


def test_what_a_tool_has_accepted_counts_when_its_job_has_applied_it(journal, warehouse, audience):
    tool = Tool()
    warehouse.members(PEOPLE)
    destination = with_call(tool, job=job([None, None, ["p3"]]))
    at = ground(journal, warehouse, tool, pace=Pace(first=0, longest=0))
    report = run(audience, replace(at, destination=lambda _sync: destination))
    assert (report.counts["told"], dict(report.refused)) == (7, {"import": 1})


def test_a_job_that_never_ends_leaves_its_rows_in_doubt(journal, warehouse, audience):
    tool = Tool()
    warehouse.members({"p1": "Ann"})
    destination = with_call(tool, job=job([None] * 99))
    at = ground(journal, warehouse, tool, pace=Pace(first=0, longest=0, total=0))
    report = run(audience, replace(at, destination=lambda _sync: destination))
    assert (report.state, report.reason, report.counts["left"]) == ("partly", "rows_left", 1)
    run(audience, ground(journal, warehouse, tool))
    assert run(audience, ground(journal, warehouse, tool)).requests == 0


def test_a_row_that_no_request_can_carry_is_refused_alone(journal, warehouse, audience):
    tool = Tool()
    warehouse.members(PEOPLE)
    build = tool.destination().calls["audiences"].build

    def picky(batch, settings, at):
        if any(one.item_id == "p3" for one in batch):
            raise Unsendable("too_long")
        return build(batch, settings, at)

    destination = with_call(tool, build=picky)
    at = replace(ground(journal, warehouse, tool), destination=lambda _sync: destination)
    report = run(audience, at)
    assert (names(tool).keys(), dict(report.refused)) == (PEOPLE.keys() - {"p3"}, {"too_long": 1})
