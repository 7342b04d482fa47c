"""The story as it is printed."""

from io import StringIO

import pytest
from rich.console import Console
from story_rows import (
    NEVER_SAID,
    NOON,
    capped,
    contested,
    held_out,
    merged,
    message,
    outranked,
    permission,
    state,
    step,
    story,
)

from baton.explain import paths, print_story


def printed(told, *, width=100, is_terminal=False):
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=is_terminal, color_system=None)
    print_story(told, console)
    return out.getvalue()


@pytest.fixture
def reminded():
    return story(
        instances=[
            state()
            | {
                "steps": [
                    step(step="waiting", why="a quote was started", action=None),
                    step(),
                ]
            }
        ]
    )


def test_under_each_step_stands_what_was_done_there(reminded):
    assert (
        "  quote_stalled q1: under way, at reminded since 2026-03-02 11:00:00\n"
        "    2026-03-02 11:00:00  waiting   a quote was started\n"
        "    2026-03-02 11:00:00  reminded  not submitted in 2 hours\n"
        "        -> email_quote_reminder: sent\n"
        "    expires at 2026-03-02 23:00:00 unless something happens\n"
    ) in printed(reminded)


def test_what_a_terminal_has_no_room_for_goes_on_in_the_next_line_indented(reminded):
    shown = printed(reminded, width=40, is_terminal=True)
    assert "    2026-03-02 11:00:00  reminded  not\n        submitted in 2 hours\n" in shown
    assert max(map(len, shown.splitlines())) <= 40


def test_what_is_piped_has_a_line_for_each_fact(reminded):
    assert "reminded  not submitted in 2 hours\n" in printed(reminded, width=40)


def test_an_instance_that_was_merged_away_stands_apart_with_what_it_had_sent():
    own = message(instance_id="i2")
    shown = printed(story(gone=paths.gone([merged()], [own])))
    before = shown.index("Where they stood, before it turned out otherwise")
    assert "quote_stalled q1: no more since" in shown[before:]
    assert "        -> email_quote_reminder by email: sent\n" in shown[before:]


def test_without_such_an_instance_nothing_is_said_of_it(reminded):
    assert "Where they stood" not in printed(reminded)


def test_a_message_that_was_asked_about_comes_first_with_the_step_it_comes_from():
    about = paths.about("m1", [message()], [step()])
    shown = printed(story(message_id="m1", about=about))
    assert shown.lstrip().startswith(
        "Asked about: message m1\n"
        "  email_quote_reminder by email: sent\n"
        "  because quote_stalled q1 came to reminded at 2026-03-02 11:00:00, "
        "not submitted in 2 hours\n"
    )


def test_a_message_whose_step_is_no_more_says_so_first():
    shown = printed(story(message_id="m1", about=paths.about("m1", [message()], [])))
    assert "its step of quote_stalled q1 is no more, see below\n" in shown


def test_under_each_decision_stands_what_was_against_it_and_what_the_contest_weighed():
    assert (
        "quote_stalled q1: email_quote_reminder: wait (outranked)"
        "  [evaluation 1, release 0d245b467b55]\n"
        "    outranked by email_comparison of comparison_dropout q2 (rank 20 to 15); "
        "looked at again by 2026-03-02 16:00:00\n"
        "    rank 15 = propensity 0.5 x context 2 x value 10 x lever 1.5\n"
        "    13 checks passed; failed: 9 outranked\n"
    ) in printed(story(decisions=[outranked()]))


def test_a_decision_to_send_shows_its_rank_alone():
    shown = printed(story(decisions=[contested()]))
    assert "55]\n    rank 15 = " in shown
    assert "14 checks passed\n" in shown


def test_a_message_that_is_held_says_why_and_by_what():
    held = message(message={"state": "held", "reason": "capped"})
    shown = printed(story(messages=[held], decisions=[capped(message_id="m1")]))
    assert (
        "m1  email_quote_reminder by email: held back (the customer had enough messages)\n"
        "    the cap email_weekly is full: at most 3 marketing messages by email in 7 days; "
        "looked at again by 2026-03-02 18:00:00\n"
    ) in shown


def test_control_groups_are_told_where_there_are_any():
    arm = {"holdout": "win_back", "arm": "control", "is_contaminated": True, "assigned_at": NOON}
    shown = printed(story(experiments=[arm], decisions=[held_out()]))
    assert (
        "  win_back: control, nothing it covers goes out since 2026-03-02 12:00:00; "
        "a merge brought both arms together, left out of comparisons\n"
    ) in shown
    assert "In which control groups" not in printed(story())


def test_what_is_allowed_says_on_what_basis_and_what_is_not_says_why():
    shown = printed(
        story(
            permissions=[
                permission(),
                permission(purpose="service", basis="contract", **NEVER_SAID),
                permission(purpose="marketing", is_granted=False, reason="unconfirmed"),
                permission(brand="outlet", is_granted=False, reason="unknown", **NEVER_SAID),
            ]
        )
    )
    said = "preference_page, 2026-03-02 09:00:00, about the address"
    assert (
        f"  yes sales by email to ada@example.org (main; basis: consent; {said})\n"
        "  yes service by email to ada@example.org (main; basis: contract)\n"
        "  NO  marketing by email to ada@example.org "
        f"(main; their yes was never confirmed; basis: consent; {said})\n"
        "  NO  sales by email to ada@example.org (outlet; nothing was said; basis: consent)\n"
    ) in shown


def test_nothing_is_claimed_of_what_is_not_listed():
    assert "no for marketing" not in printed(story())
