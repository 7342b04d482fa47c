"""The story as a page."""

import re
from datetime import datetime

import pytest
from page_tree import shown, text
from story_rows import (
    NEVER_SAID,
    NOON,
    at,
    capped,
    contested,
    decision,
    held_out,
    merged,
    message,
    outranked,
    permission,
    quiet,
    state,
    step,
    story,
)

from baton.explain import paths

HOSTILE = "<script>alert('x')</script>"


def field(name, value):
    return {
        "field": name,
        "value": value,
        "source": "crm",
        "rule": "most trusted source",
        "observed_at": at(8),
    }


def identifier(node_type, value, *, gives_id=False):
    return {
        "node_type": node_type,
        "node_value": value,
        "first_observed_at": at(8),
        "gives_id": gives_id,
    }


def edge(one, other, **changes):
    return {
        "one": one,
        "other": other,
        "rule": "same_record",
        "evidence_count": 2,
        "confidence": 0.9,
        "status": "accepted",
        "reason": None,
        "first_observed_at": at(8),
    } | changes


def suppression(**changes):
    return {
        "scope": "contact_point",
        "reason": "bounce",
        "since": at(10),
        "until": datetime(9999, 12, 31),
        "channel": "email",
        "address": "ada@example.org",
    } | changes


def known(**changes):
    """The story of Ada, of whom all that is personal is known."""
    everything = {
        "fields": [
            field("country", "US"),
            field("email", "ada@example.org"),
            field("first_name", "Ada"),
            field("last_name", "Lovelace"),
            field("phone", "+12125550142"),
        ],
        "identifiers": [
            identifier("email", "ada@example.org", gives_id=True),
            identifier("phone", "+12125550142"),
            identifier("crm_contact", "contact-4711"),
        ],
        "evidence": [
            edge("email ada@example.org", "crm_contact contact-4711"),
            edge("phone +12125550142", "crm_contact contact-4711",
                 status="rejected", reason="over_limit"),
        ],
        "permissions": [
            permission(),
            permission(channel="sms", address="+12125550142", is_granted=False,
                       reason="stated_no"),
        ],
        "suppressions": [suppression(), suppression(address=None, reason="legal", until=at(20))],
    }  # fmt: skip
    return story(**(everything | changes))


PERSONAL = ("ada@example.org", "Ada", "Lovelace", "2125550142", "contact-4711")


def test_values_are_masked_and_the_page_says_so():
    page = shown(known())
    assert not [value for value in PERSONAL if value in page.source]
    assert text(page.one(".//h1")) == "A*** L***"
    assert {row["field"]: row["value"] for row in page.table("The record")} == {
        "country": "US",
        "email": "a***@example.org",
        "first name": "A***",
        "last name": "L***",
        "phone": "***42",
    }
    assert [row["identifier"] for row in page.table("Known by")] == [
        "a***@example.org", "***42", "c***",
    ]  # fmt: skip
    assert "Personal values are masked." in text(page.one("body/header"))


def test_unmasked_values_stand_in_full_and_the_page_says_so():
    page = shown(known(), is_masked=False)
    assert [value for value in PERSONAL if value in page.source] == list(PERSONAL)
    assert "shown in full" in text(page.one("body/header"))


def test_an_address_that_a_tool_repeats_in_its_answer_is_masked():
    said = "smtp 550 <ada@example.org> or +12125550142 is unknown"
    bounced = message(
        message={"state": "bounced", "reason": said},
        events=[{"state": "bounced", "reason": said, "occurred_at": NOON}],
        attempts=[{"claimed_at": NOON, "status": said, "verdict": "bounced", "reason": said}],
    )
    steps = [step(message_state="bounced", message_reason=said)]
    about = paths.about("m1", [bounced], steps)
    page = shown(story(messages=[bounced], about=about, instances=[state() | {"steps": steps}]))
    assert "ada@" not in page.source
    assert "2125550142" not in page.source
    assert page.source.count("a***@example.org") >= 5


def test_hostile_values_are_text_and_nothing_else():
    told = known(
        fields=[field("first_name", HOSTILE)],
        identifiers=[identifier("user", HOSTILE)],
        permissions=[permission(address=HOSTILE, proof=HOSTILE)],
        messages=[message(correlation_key=HOSTILE)],
        decisions=[outranked(correlation_key=HOSTILE)],
    )
    page = shown(told, is_masked=False)
    assert "<script" not in page.source
    assert page.root.findall(".//script") == []
    assert text(page.one(".//h1")) == HOSTILE
    assert page.table("Known by")[0]["identifier"] == HOSTILE


def test_the_page_needs_nothing_from_elsewhere_and_no_script():
    page = shown(known())
    outside = [
        (one.tag, name)
        for one in page.root.iter()
        for name in one.attrib
        if name in {"src", "srcset", "action", "style"} or name.startswith("on")
    ]
    links = {one.get("href") for one in page.root.iter("a")}
    sections = {f"#{one.get('id')}" for one in page.root.iter("section")}
    assert outside == []
    assert links == sections
    assert {"link", "script", "iframe", "img"}.isdisjoint(one.tag for one in page.root.iter())
    assert not re.search(r"url\(|@import|https?:", page.source)


def test_readers_that_do_not_see_find_their_way():
    page = shown(known(decisions=[quiet()]))
    assert page.root.get("lang") == "en"
    titles = {one.get("id"): text(one) for one in page.root.iter("h2")}
    for section in page.root.iter("section"):
        assert titles[section.get("aria-labelledby")]
    for table in page.root.iter("table"):
        assert text(table.find("caption"))
        assert {one.get("scope") for one in table.iter("th")} == {"col"}
        assert all(text(one) for one in table.iter("th"))
    assert len(page.root.findall(".//h1")) == 1


def test_it_is_told_by_which_evidence_it_is_one_person():
    joined, apart = shown(known()).table("What joins these identifiers")
    assert (joined["one"], joined["other"], joined["joined"]) == (
        "email a***@example.org", "crm_contact c***", "yes",
    )  # fmt: skip
    assert joined["rule"] == "same record confidence 0.9"
    assert apart["joined"] == "no, rejected over limit"


def test_permissions_say_what_when_where_and_by_which_statement():
    yes, no = shown(known()).table("Permissions")
    assert yes == {
        "channel": "email a***@example.org",
        "purpose": "sales",
        "brand": "main",
        "allowed": "yes",
        "basis": "consent",
        "said": "2026-03-02 09:00:00",
        "where": "preference_page click",
        "statement": "st1 about the address",
    }
    assert (no["channel"], no["allowed"]) == ("sms ***42", "no they said no")


def test_what_was_never_said_shows_what_it_rests_on_and_no_statement():
    unsaid = permission(basis="contract", **NEVER_SAID)
    (row,) = shown(story(permissions=[unsaid])).table("Permissions")
    assert (row["allowed"], row["basis"]) == ("yes", "contract")
    assert (row["said"], row["where"], row["statement"]) == ("", "", "")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("stated_no", "no they said no"),
        ("unknown", "no nothing was said"),
        ("expired", "no their yes has expired"),
        ("unconfirmed", "no their yes was never confirmed"),
    ],
)
def test_a_permission_that_does_not_stand_says_why(reason, told):
    refused = permission(is_granted=False, reason=reason)
    (row,) = shown(story(permissions=[refused])).table("Permissions")
    assert row["allowed"] == told


def test_suppressions_say_until_when():
    address, person = shown(known()).table("Suppressions")
    assert (address["never contact"], address["until"]) == ("a***@example.org", "for good")
    assert (person["never contact"], person["until"]) == ("the person", "2026-03-02 20:00:00")


def test_a_journey_says_where_it_stands_and_what_is_next():
    call = {"step": "called", "action": "task_sales_call", "why": "still open"}
    told = story(instances=[state(next_due_at=at(14), next=[call]) | {"steps": [step()]}])
    page = shown(told)
    (row,) = page.table("Journeys")
    assert row == {
        "journey": "quote_stalled q1",
        "stands at": "reminded under way",
        "since": "2026-03-02 11:00:00",
        "next": "next by time alone: 2026-03-02 14:00:00, to called (still open, task_sales_call)",
    }
    (way,) = page.table("Its way")
    assert (way["step"], way["action"]) == ("reminded", "email_quote_reminder: sent")


def test_an_instance_that_was_merged_away_unfolds_to_what_it_had_sent():
    gone = paths.gone([merged()], [message(instance_id="i2")])
    said = text(shown(story(gone=gone)).section("standing").find("details"))
    assert "merged into the one entered at 2026-03-02 09:00:00" in said
    assert said.endswith("email_quote_reminder by email: sent")


def heard(signal, occurred_at, **changes):
    return {
        "signal": signal,
        "correlation_key": "q1",
        "occurred_at": occurred_at,
        "loaded_at": occurred_at,
        "node_type": "anonymous",
    } | changes


def test_the_time_line_tells_events_steps_decisions_and_messages_in_their_order():
    told = story(
        heard=[heard("quote_started", at(9)), heard("late", at(10), loaded_at=at(12))],
        instances=[state() | {"steps": [step(reached_at=at(9), why="a quote was started")]}],
        decisions=[contested(decided_at=at(11, 30))],
        messages=[message()],
    )
    entries = shown(told).section("timeline").findall("ol/li")
    assert [(one.get("class"), text(one.find("time"))) for one in entries] == [
        ("heard", "09:00:00"),
        ("step", "09:00:00"),
        ("heard", "10:00:00"),
        ("decided", "11:30:00"),
        ("message", "11:30:00"),
        ("message", "11:40:00"),
    ]
    assert "known since 2026-03-02 12:00:00" in text(entries[2])
    assert text(shown(told).one(".//h3")) == "Monday, 2 March 2026"


@pytest.mark.parametrize(
    ("decided", "number", "said"),
    [
        (quiet(), "7", "quiet until 2026-03-02 13:00:00, which is 07:00 in America/Chicago"),
        (held_out(), "8", "in the control group of win_back"),
        (outranked(), "9", "outranked by email_comparison of comparison_dropout q2"),
        (capped(), "10", "the cap email_weekly is full"),
    ],
)
def test_a_decision_unfolds_to_fourteen_checks_the_deciding_one_marked(decided, number, said):
    page = shown(story(decisions=[decided]))
    (unfolding,) = page.decisions()
    checks = page.table("Checks, in their order", unfolding)
    assert len(checks) == 14
    assert [one["no."] for one in checks if one["decided"]] == [number]
    assert {one["result"] for one in checks if one["no."] != number} == {"passed"}
    assert said in text(unfolding.find("summary"))


def test_checks_that_were_not_made_say_so_and_no_check_decides_what_passed_all():
    unmade = decision(unmade=["9 outranked", "10 capped"])
    page = shown(story(decisions=[unmade]))
    checks = page.table("Checks, in their order")
    assert [one["result"] for one in checks[-2:]] == ["not made", "not made"]
    assert not any(one["decided"] for one in checks)


def test_a_contest_shows_the_rank_and_its_factors():
    (unfolding,) = shown(story(decisions=[contested()])).decisions()
    assert [text(one) for one in unfolding.iter("li")] == [
        "rank 15 = propensity 0.5 x context 2 x value 10 x lever 1.5"
    ]


def test_what_was_sent_says_the_states_it_came_through():
    (row,) = shown(story(messages=[message()])).table("Messages and hand-overs")
    assert row["message"] == "email_quote_reminder for quote_stalled q1 m1"
    assert row["state"] == "sent"
    assert row["came through"] == "2026-03-02 11:30:00 to be sent 2026-03-02 11:40:00 sent"


def test_what_was_held_back_says_why_and_until_when():
    cancelled = message(
        message_id="m5",
        message={"state": "cancelled", "reason": "left_journey", "changed_at": at(15)},
    )
    page = shown(story(decisions=[outranked(), contested(candidate_id="c9")], messages=[cancelled]))
    waiting, gone = page.table("Held back")
    assert (waiting["became"], waiting["until"]) == ("wait", "2026-03-02 16:00:00")
    assert waiting["why"].startswith("something else had more weight outranked by email_comparison")
    assert (gone["became"], gone["why"]) == ("not sent, cancelled before", "the journey was left")
    assert "Nothing was sent." in text(page.section("sent"))


def test_a_held_message_stands_there_once_with_what_holds_it():
    held = {"state": "held", "reason": "outranked", "changed_at": at(12), "expires_at": at(23)}
    told = story(messages=[message(message=held)], decisions=[contested(message_id="m1")])
    (row,) = shown(told).table("Held back")
    assert row["why"].endswith("what it was to take the place of had gone by then")
    assert row["until"] == "2026-03-02 23:00:00"
    lost = story(messages=[message(message=held)], decisions=[outranked(message_id="m1")])
    assert len(shown(lost).table("Held back")) == 1


def test_experiments_say_the_arm_and_whether_a_merge_mixed_them():
    arm = {"holdout": "win_back", "arm": "control", "is_contaminated": True, "assigned_at": NOON}
    (row,) = shown(story(experiments=[arm])).table("Holdouts")
    assert row == {
        "holdout": "win_back",
        "arm": "control",
        "since": "2026-03-02 12:00:00",
        "contaminated by a merge": "yes, left out of comparisons",
    }


def test_somebody_of_whom_nothing_is_known_has_a_page_too():
    page = shown(story())
    assert text(page.one(".//h1")) == "A person without a name"
    assert "No address of theirs is known." in text(page.section("allowed"))
    assert "They are in no journey." in text(page.section("standing"))


def test_who_asked_about_a_message_reads_of_it_first():
    about = paths.about("m1", [message()], [step()])
    assert "email_quote_reminder by email: sent, because quote_stalled q1 came to reminded" in (
        text(shown(story(about=about, message_id="m1")).one("body/header"))
    )
    lost = paths.about("m1", [message()], [])
    assert "its step of quote_stalled q1 is no more" in text(
        shown(story(about=lost, message_id="m1")).one("body/header")
    )
