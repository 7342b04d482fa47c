"""What `baton status` says while messages wait for being sent."""

import json

from .commands import call


def test_the_facts_are_counts_of_what_is_there(at_the_root, waiting):
    facts = json.loads(call(at_the_root, waiting, "status", "--json").output)
    assert facts["people"] > 0
    assert facts["identifiers"]["crm_contact"] > 0
    assert facts["journeys"]["quote_stalled"]["goal"]["won"] > 0
    assert facts["decisions"]["send"]["all_checks_passed"] > 0
    assert facts["batches"]["latest"][0]["state"] == "committed"
    assert len(facts["live_release"]["release_id"]) == 32


def test_every_message_belongs_to_what_a_journey_decided(at_the_root, waiting):
    facts = json.loads(call(at_the_root, waiting, "status", "--json").output)
    by_state: dict[str, int] = {}
    for outcomes in facts["actions"].values():
        for states in outcomes.values():
            for state, count in states.items():
                by_state[state] = by_state.get(state, 0) + count
    assert by_state == facts["messages"]
    assert facts["actions"]["quote_stalled"]["send"]["pending"] > 0


def test_the_same_is_printed_for_people(at_the_root, waiting):
    shown = call(at_the_root, waiting, "status")
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert "journey" in lines[4]
    assert lines[-1] == "stopped      nothing"


def test_a_broken_promise_is_shown_and_ends_with_1_only_where_that_is_asked(at_the_root, waiting):
    facts = json.loads(call(at_the_root, waiting, "status", "--json").output)
    assert facts["broken_promises"], "messages wait for a sender, and sources rest"
    shown = call(at_the_root, waiting, "status", "--check")
    assert shown.exit_code == 1
    assert f"promises     {len(facts['broken_promises'])} broken" in shown.output
    assert call(at_the_root, waiting, "status").exit_code == 0
