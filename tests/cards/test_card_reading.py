"""What a right card reads as, and that no text breaks the reader."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.cards import Card, Vocabulary, check_card


def read(text: str, vocabulary: Vocabulary) -> Card:
    checked = check_card(text, vocabulary)
    assert checked.faults == ()
    assert checked.card is not None
    return checked.card


def test_keys_that_are_not_given_have_their_defaults(
    card_text: str, vocabulary: Vocabulary
) -> None:
    card = read(card_text.replace("reentry: never\n", ""), vocabulary)
    assert (card.brand, card.reentry, card.cooldown) == ("main", "never", None)
    assert (card.grace, card.max_steps, card.require_fresh) == (7 * 86_400, 50, False)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90 seconds", 90),
        ("30 minutes", 1800),
        ("2 hours", 7200),
        ("1 day", 86_400),
        ("2 weeks", 1_209_600),
    ],
)
def test_a_duration_is_read_as_seconds(
    card_text: str, vocabulary: Vocabulary, written: str, seconds: int
) -> None:
    card = read(card_text.replace("after: 2 hours", f"after: {written}"), vocabulary)
    assert card.steps[2].after == seconds


def test_a_guard_may_be_one_word_or_a_list(card_text: str, vocabulary: Vocabulary) -> None:
    several = card_text.replace("if: high_value", "if: [open_case, high_value, open_case]")
    assert read(card_text, vocabulary).steps[3].if_ == ("high_value",)
    assert read(several, vocabulary).steps[3].if_ == ("high_value", "open_case")


def test_comments_and_config_may_stand_beside_the_card(
    card_text: str, vocabulary: Vocabulary
) -> None:
    around = (
        "-- a stalled quote\n{{ config(tags=['card']) }}\n{# {% call journey() %} #}\n/* x */\n"
    )
    assert read(around + card_text, vocabulary).journey == "quote_stalled"


def test_lines_count_from_the_start_of_the_file(card_text: str, vocabulary: Vocabulary) -> None:
    lower = "-- one\n{# two\nthree #}\n" + card_text.replace("to: won", "to: Won")
    assert [fault.line for fault in check_card(lower, vocabulary).faults] == [13]


def test_a_step_over_several_lines_is_faulted_at_the_line_of_the_key(
    card_text: str, vocabulary: Vocabulary
) -> None:
    block = "  - to: won\n    from: any\n    when: nothing_known\n    kind: goal\n    why: x\n"
    start, end = card_text.index("  - {from: any, to: won"), card_text.index("  - {from: waiting")
    faults = check_card(card_text[:start] + block + card_text[end:], vocabulary).faults
    assert [(fault.code, fault.line) for fault in faults] == [("unknown_signal", 12)]


def test_a_fallback_is_allowed_where_the_key_names_a_message(
    card_text: str, vocabulary: Vocabulary
) -> None:
    recovery = (
        card_text.replace("key: quote_id", "key: message_id")
        .replace("when: quote_started", "when: message_failed, do: fallback")
        .replace("when: quote_submitted", "when: order_paid")
    )
    assert read(recovery, vocabulary).steps[0].do == "fallback"


def test_a_timer_waits_for_its_guard_beside_a_longer_one_without(
    card_text: str, vocabulary: Vocabulary
) -> None:
    gave_up = "  - {from: waiting, to: gone, after: 1 day, kind: exit, why: given up}\n"
    text = card_text.replace("{% endcall %}", gave_up + "{% endcall %}")
    assert len(read(text, vocabulary).steps) == 6


def test_a_circle_with_a_wait_is_fine(card_text: str, vocabulary: Vocabulary) -> None:
    again = "  - {from: called, to: reminded, after: 3 days, why: again}\n"
    text = card_text.replace("{% endcall %}", again + "{% endcall %}")
    assert len(read(text, vocabulary).steps) == 6


RIGHT = {
    "two times of the day": (
        'from: called, to: a, at: "09:00"',
        'from: called, to: b, at: "17:00"',
    ),
    "the same time on other days": (
        'from: called, to: a, at: "09:00", days: weekdays',
        'from: called, to: b, at: "09:00", days: weekends',
    ),
    "a wait beside one that ends at a time": (
        'from: called, to: a, after: 1 day, at: "09:00"',
        "from: called, to: b, after: 2 days",
    ),
    "some days before all days": (
        'from: called, to: a, at: "09:00", days: mon',
        'from: called, to: b, at: "09:00"',
    ),
    "both edges of a guard": (
        "from: called, to: a, enters: high_value",
        "from: called, to: b, leaves: high_value",
    ),
    "an edge while another guard holds": (
        "from: called, to: a, leaves: high_value, if: open_case, unless: high_value",
    ),
    "a circle of a time and a wait": (
        'from: called, to: a, at: "09:00"',
        "from: a, to: called, after: 1 hour",
    ),
    "a circle of a time and an edge": (
        'from: called, to: a, at: "09:00"',
        "from: a, to: called, enters: open_case",
    ),
    "a split that leads back": ("from: called, split: {reminded: 10, a: 90}, after: 3 days",),
    "two splits by one signal, told apart by a guard": (
        "from: called, split: {a: 50, b: 50}, when: order_paid, if: high_value",
        "from: called, split: {c: 1, d: 99}, when: order_paid, unless: high_value",
    ),
    "a split that hands over on one way": (
        "from: called, split: {a: 50, b: 50}, after: 1 day, "
        "do: {a: task_call, b: sms_reminder}, owner: service, within: 2 hours, on_block: exit",
    ),
    "a split of which one way does nothing": (
        "from: any, split: {a: 50, b: 50}, when: order_paid, do: {a: sms_reminder}",
    ),
}


@pytest.mark.parametrize("steps", RIGHT.values(), ids=RIGHT)
def test_what_only_looks_like_a_mistake_is_fine(
    card_text: str, vocabulary: Vocabulary, steps: tuple[str, ...]
) -> None:
    more = "".join(f"  - {{{step}, why: x}}\n" for step in steps)
    text = card_text.replace("{% endcall %}", more + "{% endcall %}")
    assert len(read(text, vocabulary).steps) == 5 + len(steps)


def test_an_entry_may_be_split_and_may_be_an_edge(card_text: str, vocabulary: Vocabulary) -> None:
    text = card_text.replace("key: quote_id\n", "").replace(
        "to: waiting, when: quote_started", "split: {waiting: 50, asked: 50}, enters: high_value"
    )
    entry = read(text, vocabulary).steps[0]
    assert (entry.split, entry.trigger) == ({"waiting": 50, "asked": 50}, "enters high_value")


def test_the_keys_of_a_step_are_read_as_plain_facts(card_text: str, vocabulary: Vocabulary) -> None:
    text = card_text.replace(
        "do: email_reminder,", 'do: email_reminder, on_block: wait, at: "09:30", days: weekends,'
    )
    step = read(text, vocabulary).steps[2]
    assert (step.after, step.at, step.days, step.on_block) == (7200, 34_200, ("sat", "sun"), "wait")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_time_zone_is_one_of_the_database(
    card_text: str, vocabulary: Vocabulary, zone: str
) -> None:
    text = card_text.replace("reentry: never", f"timezone: {zone}")
    assert read(text, vocabulary).timezone == zone


def test_the_zone_of_the_machine_is_none(card_text: str, vocabulary: Vocabulary) -> None:
    text = card_text.replace("reentry: never", "timezone: localtime")
    (fault,) = check_card(text, vocabulary).faults
    assert fault.code == "unknown_zone"


SCRAPS = st.sampled_from(
    [
        "split",
        "at",
        "days",
        "do: {a: b}, ",
        "any",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "\n",
        "- ",
        "null",
        "*a",
        "&a ",
        "!!x ",
        "{%",
        "'",
        "\t",
        "0",
    ]
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_text_breaks_the_reader_and_every_fault_stands_in_the_file(data: st.DataObject) -> None:
    text = CARD
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(SCRAPS) + text[end:]
    checked = check_card(text, Vocabulary())
    assert checked.faults
    assert all(1 <= fault.line <= text.count("\n") + 1 for fault in checked.faults)


CARD = """\
{% call journey() %}
journey: quote_stalled
owner: sales
purpose: marketing
horizon: 30 days
steps:
  - {to: waiting, when: quote_started, why: a quote was started}
  - {from: [waiting], to: won, after: 2 hours, if: [a, b], why: submitted}
  - {from: won, split: {a: 50, b: 50}, at: "09:00", days: [mon], do: {a: x}, within: 1 day, why: s}
{% endcall %}
"""
