"""What `baton status` and the end of the demo print, from facts."""

from io import StringIO

from rich.console import Console

from baton.commands.output import report
from baton.demo import print_summary
from baton.status import decision_lines, journey_lines, status_lines

FACTS = {
    "people": 1253,
    "identifiers": {"crm_contact": 944, "email": 854},
    "journeys": {
        "quote_stalled": {
            "exit": {"exited": 16, "blocked": 1},
            "expired": {"expired": 50},
            "goal": {"won": 1520},
            "open": {"called": 34, "reminded": 69, "waiting": 3},
        },
        "win_back": {"goal": {"back": 78}},
    },
    "actions": {
        "quote_stalled": {
            "send": {"accepted": 20, "delivered": 4, "bounced": 5, "pending": 1},
            "route": {"accepted": 5},
            "escalate": {"accepted": 2, "dead": 1},
        }
    },
    "decisions": {
        "nothing": {"before_activation": 2013, "no_address": 6},
        "send": {"all_checks_passed": 30},
    },
    "backlog": [],
    "sent_before_optout": 0,
    "messages": {"accepted": 27, "bounced": 5},
    "batches": {
        "count": 14,
        "latest": [
            {"batch_time": "2026-03-02 12:00:00", "watermark": "2026-03-02 11:55:00",
             "state": "committed"},
        ],
    },
    "quarantined": {"web.events": 3},
    "identifiers_left_out": {"crm.contacts.phone": 7},
    "waiting_deliveries": 0,
    "erased": {"persons": 0, "open": 0, "records": 0},
    "provenance": {"generated": 300, "recorded": 100},
    "broken_promises": [],
    "live_release": {"release_id": "spring", "active_from": "2026-03-01 00:00:00"},
    "stopped": [],
    "clock": {"now": "2026-03-02 12:00:00", "is_simulated": True},
}  # fmt: skip
NOTHING = FACTS | {
    "journeys": {}, "actions": {}, "decisions": {}, "messages": {}, "quarantined": {},
    "live_release": None, "batches": {"count": 0, "latest": []},
}  # fmt: skip
OF_THE_DEMO = {
    "this_run": {
        "batches": 1, "decisions": {"send": 2}, "messages": {"accepted": 2},
        "total_s": 3.2, "peak_mb": 400,
    },
    "inbox": "demo/inbox/inbox.html",
    "landing": "demo/landing",
    "drops": "demo/drops",
    "warehouse": "baton.duckdb",
    "example": "m1",
}  # fmt: skip


def test_a_journey_is_one_line_with_the_steps_of_the_open_ones_where_there_is_room():
    assert list(journey_lines(FACTS, 120)) == [
        "journey        open   goal  exit  expired  sent  handed over",
        "quote_stalled   106  1,520    17       50    24            7    "
        "69 reminded, 34 called, 3 waiting",
        "win_back          -     78     -        -     -            -",
    ]


def test_where_there_is_no_room_the_steps_stand_below():
    assert list(journey_lines(FACTS, 80))[1:3] == [
        "quote_stalled   106  1,520    17       50    24            7",
        "    69 reminded, 34 called, 3 waiting",
    ]


def test_many_steps_go_on_below_each_other_and_none_is_torn_apart():
    many = {f"step_{number}": 90 - number for number in range(12)}
    crowded = FACTS | {"journeys": {"quote_stalled": {"open": many}}}
    for width in (80, 120):
        lines = list(journey_lines(crowded, width))
        assert max(map(len, lines)) <= width
        assert all(f"{count} {step}" in "\n".join(lines) for step, count in many.items())


def test_instances_that_ran_away_or_were_withdrawn_get_a_column_when_there_are_any():
    withdrawn = FACTS | {"journeys": {"quote_stalled": {"withdrawn": {"withdrawn": 4}}}}
    head, line = journey_lines(withdrawn, 120)
    assert head.split()[:6] == ["journey", "open", "goal", "exit", "expired", "withdrawn"]
    assert line.split()[:6] == ["quote_stalled", "-", "-", "-", "-", "4"]


def test_decisions_say_why_in_plain_words_what_went_out_first():
    assert list(decision_lines(FACTS)) == [
        "send        30  all checks passed",
        "nothing  2,013  it was due before the journey was live",
        "nothing      6  no address to reach them",
    ]


def test_status_has_no_line_wider_than_a_narrow_terminal():
    lines = list(status_lines(FACTS, 80))
    assert max(map(len, lines)) <= 80
    assert "messages     27 accepted, 5 bounced" in lines
    assert "release      spring since 2026-03-01 00:00:00" in lines
    assert lines[-1] == "stopped      nothing"


def test_a_stop_is_the_last_thing_that_status_says():
    stop = {"scope": "journey", "value": "win_back", "reason": "wrong prices", "by": "ada"}
    *_, last = status_lines(FACTS | {"stopped": [stop]}, 80)
    assert last == "stopped      journey win_back: wrong prices (by ada)"


def test_a_batch_that_is_not_committed_says_so():
    (latest,) = FACTS["batches"]["latest"]
    facts = FACTS | {"batches": {"count": 15, "latest": [latest | {"state": "open"}]}}
    (line,) = (one for one in status_lines(facts, 80) if one.startswith("batches"))
    assert line == (
        "batches      15, last 2026-03-02 12:00:00 (open), input up to 2026-03-02 11:55:00"
    )


def test_where_nothing_has_happened_status_says_none():
    lines = list(status_lines(NOTHING, 80))
    assert lines.count("  none yet") == 2
    assert "messages     none" in lines
    assert "release      none is live" in lines


def test_the_demo_ends_with_the_same_lines_and_what_to_try_next():
    out = StringIO()
    print_summary(FACTS | OF_THE_DEMO, Console(file=out, width=80, highlight=False))
    shown = out.getvalue()
    assert "\n".join(["where customers stand", *journey_lines(FACTS, 80)]) in shown
    assert "\n".join(["what was decided", *decision_lines(FACTS)]) in shown
    assert "baton explain m1" in shown
    assert "export BATON_LANDING=demo/landing" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_what_was_sent_while_an_opt_out_came_is_counted_with_the_command_that_lists_it():
    assert "opt-out" not in "\n".join(status_lines(FACTS, 80))
    lines = list(status_lines(FACTS | {"sent_before_optout": 2}, 80))
    assert "  2 sent while an opt-out came: baton outbox list --sent-before-optout" in lines


def test_facts_are_told_in_words_and_names_as_they_are_written(capsys):
    rows = {"raw.crm_contacts": 2, "int_identity__edges": 1}
    report(
        {"is_done": True, "rows": rows, "tools": {"own_crm": {"settled_by": "zoe"}}}, as_json=False
    )
    shown = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    names = [next(filter(None, parts)).strip() for parts in shown]
    assert names == [
        "is done",
        "rows",
        "raw.crm_contacts",
        "int_identity__edges",
        "tools",
        "own_crm",
        "settled by",
    ]
