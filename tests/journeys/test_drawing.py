"""A card as a drawing: complete, readable without seeing it, safe, and without the network."""

import re
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest

from baton.cards import compile_card, read_project
from baton.journeys.counts import Counts
from baton.journeys.drawing import graph_of, mermaid, page, svg
from baton.journeys.drawing.graph import START

NO_COUNTS = Counts(missing="there is no warehouse yet")


@pytest.fixture
def counts(card):
    rules = card().rules
    return Counts(
        here={"waiting": 1200, "reminded": 3},
        reached={"waiting": 5000, "reminded": 40, "won": 7, "runaway": 1},
        taken={(rule.transition_id, rule.to_step): 10 for rule in rules},
        status={"open": 1203, "goal": 7},
        as_of=datetime(2026, 3, 2, 10),
    )


def parsed(drawing):
    return ET.fromstring(drawing)  # noqa: S314  # our own drawing


def texts(drawing):
    return [one.text for one in parsed(drawing).iter() if one.tag.endswith("}text")]


def test_rules_that_differ_only_in_where_they_leave_from_are_one_move(card):
    moves = {move.target: move for move in graph_of(card(), NO_COUNTS).moves}
    assert moves["exited"].sources == ("reminded", "waiting")
    assert moves["won"].sources == ("any",)


def test_the_horizon_is_drawn_as_a_way_out_of_any_open_step(card):
    last = graph_of(card(), NO_COUNTS).moves[-1]
    assert (last.sources, last.target, last.trigger) == (
        ("any",),
        "expired",
        "30 days after entering",
    )


def test_every_step_trigger_guard_action_and_reason_is_in_the_drawing(card):
    shown = " ".join(texts(svg(graph_of(card(), NO_COUNTS))))
    for rule in card().rules:
        for word in (rule.to_step, rule.signal, rule.action):
            assert word is None or word in shown
    assert "unless open_case" in shown
    assert "after 2 hours" in shown
    assert 'started <again> & "anew"' in shown


def test_a_split_a_local_time_and_a_hand_over_are_said_in_words(card):
    text = {
        "from: waiting, to: reminded,": "from: waiting, split: {reminded: 30, called: 70},",
        "after: 2 hours, do: email_quote_reminder,": "after: 2 hours, at: '09:00', days: weekdays,"
        " do: {called: task_sales_call}, within: 1 day, on_block: exit,",
    }
    moves = {move.target: move for move in graph_of(card(text), NO_COUNTS).moves}
    called = moves["called"]
    assert (called.share, called.trigger) == ("70 %", "after 2 hours at 09:00 on weekdays")
    assert called.terms == "within 1 day, ends if it is not sent"


def test_counts_stand_at_steps_and_ways(card, counts):
    graph = graph_of(card(), counts)
    places = {place.name: place for place in graph.places}
    assert (places["waiting"].here, places["waiting"].reached) == (1200, 5000)
    assert (places["won"].here, places["won"].reached) == (None, 7)
    assert {move.target: move.taken for move in graph.moves}["exited"] == 20
    shown = texts(svg(graph))
    assert "1\u2009200 here now · 5\u2009000 came here" in shown
    assert "taken 20 times" in shown


def test_an_end_that_no_card_names_is_drawn_once_somebody_came_to_it(card, counts):
    assert "runaway" in {place.name for place in graph_of(card(), counts).places}
    assert "runaway" not in {place.name for place in graph_of(card(), NO_COUNTS).places}


def test_without_counts_the_page_says_why_and_shows_no_number(card):
    text = page(graph_of(card(), NO_COUNTS))
    assert "Without counts: there is no warehouse yet." in text
    assert "here now" not in text
    assert "taken" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def test_readers_who_do_not_see_it_get_title_description_and_table(card, counts):
    text = page(graph_of(card(), counts))
    drawing = parsed(text[text.index("<svg") : text.index("</svg>") + len("</svg>")])
    assert drawing.get("role") == "img"
    labels = drawing.get("aria-labelledby").split()
    named = {one.get("id"): one.text for one in drawing.iter() if one.get("id") in labels}
    assert named["journey-title"] == "Journey quote_stalled"
    assert "From any open step to won: when quote_submitted" in named["journey-text"]
    assert text.count("<tr>") == len(graph_of(card(), counts).moves) + 1


def test_the_page_stands_alone_without_scripts_and_without_the_network(card, counts):
    text = page(graph_of(card(), counts))
    assert "<script" not in text
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_what_people_write_in_cards_is_never_markup(card):
    text = page(graph_of(card(), NO_COUNTS))
    assert "<again>" not in text
    assert "started &lt;again&gt; &amp; &quot;anew&quot;" in text


def test_mermaid_has_every_place_and_way(card, counts):
    lines = mermaid(graph_of(card(), counts)).splitlines()
    assert lines[0] == "flowchart TD"
    assert (
        '  step_waiting["waiting<br/>1\u2009200 here now<br/>5\u2009000 came here"]:::step' in lines
    )
    arrows = [line for line in lines if "-->" in line]
    graph = graph_of(card(), counts)
    assert len(arrows) == sum(len(move.sources) for move in graph.moves)
    assert any("#lt;again#gt; #amp; #quot;anew#quot;" in line for line in arrows)


def test_a_step_may_be_called_start(card):
    text = {"to: waiting,": "to: start,", "from: waiting,": "from: start,"}
    text |= {"[waiting, reminded]": "[start, reminded]"}
    graph = graph_of(card(text), NO_COUNTS)
    assert {START, "start"} <= {place.name for place in graph.places}
    assert "start" in texts(svg(graph))


def test_every_card_of_the_project_can_be_drawn(project):
    for one in read_project(project.dbt_project).cards:
        assert one.checked.card is not None
        graph = graph_of(compile_card(one.checked.card, one.text), NO_COUNTS)
        parsed(svg(graph))
        assert mermaid(graph)
