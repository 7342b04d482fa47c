"""What is said in a chat: the lines of each kind of conversation."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Kind = Literal[
    "contained", "handed_over", "kept_waiting", "dead_end", "bounced", "compared", "went_on"
]
SHARE_ANSWERED = 0.7
Author = Literal["customer", "bot", "agent"]

COMPARING: frozenset[Kind] = frozenset({"compared", "went_on"})
OPENINGS = {
    "delivery_problem": "My delivery has not arrived.",
    "coupon_problem": "The till did not take my coupon.",
    "billing_question": "I was charged twice for one basket.",
    "quote_help": "What does the quote for the party platter include?",
    "product_question": "Do you have the garden set in another size?",
}


@dataclass(frozen=True)
class Line:
    """One message; `after_silence` is how long nobody wrote before it."""

    author: Author
    intent: str
    text: str
    after_silence: timedelta = timedelta()


_ASK_DETAIL = Line("bot", "ask_detail", "Which basket or offer is it?")
_ANSWER = Line("bot", "answer", "I have found it and put it right.")
_HAND_OVER = Line("bot", "handover", "I am bringing in a colleague who can see our conversation.")
_NOT_UNDERSTOOD = Line(
    "bot", "not_understood", "Sorry, I did not understand. Could you say it again?"
)


def dialogue(
    kind: Kind, about: Mapping[str, str], rng: random.Random, *, came_back: bool = False
) -> list[Line]:
    """Return the lines of one visit to the chat; `about` has its topic, and products compared.

    Most of those who came back to a bot that does not help are answered by an agent in the end.
    """
    topic = about["topic"]
    opening = OPENINGS.get(topic, "")
    start = [Line("customer", topic, opening), _ASK_DETAIL]
    match kind:
        case "compared" | "went_on":
            return _comparison(about["product"], about["compared_with"])
        case "contained":
            return [*start, Line("customer", topic, "The last one."), _ANSWER]
        case "handed_over" | "kept_waiting":
            wait = timedelta(minutes=rng.randint(70, 100) if kind == "kept_waiting" else 0)
            detail = Line("customer", topic, "The one of this week.")
            return [*start, detail, _HAND_OVER, *_agent(wait, rng)]
        case "dead_end" | "bounced":
            again = Line("customer", topic, f"Again: {opening}")
            given_up = [*start, again, _NOT_UNDERSTOOD, again, _NOT_UNDERSTOOD]
            is_answered = came_back and rng.random() < SHARE_ANSWERED
            wait = timedelta(minutes=rng.randint(35, 80))
            return [*given_up, *_agent(wait, rng)] if is_answered else given_up


def _comparison(product: str, other: str) -> list[Line]:
    one, two = (name.replace("_", " ") for name in (product, other))
    question = f"Which suits me better, the {one} or the {two}?"
    answer = f"Side by side: the {one} takes less room, the {two} serves more people."
    return [
        Line("customer", "comparison_question", question),
        Line("bot", "comparison", answer),
    ]


def _agent(wait: timedelta, rng: random.Random) -> list[Line]:
    greeting = ("greeting", "Hello, I have read what you wrote to our bot.")
    repeated = ("ask_detail", "Which basket or offer is it?")
    promise = Line("agent", "promise", "I will settle this and tell you by tomorrow.")
    return [Line("agent", *(greeting if rng.random() < 0.7 else repeated), wait), promise]
