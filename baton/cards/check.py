"""Checks one card: every fault of its text, shape, names and steps at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from baton.cards.draft import drafts_of
from baton.cards.durations import seconds_of
from baton.cards.freshness import freshness_faults
from baton.cards.governance import governance_faults
from baton.cards.graph import Graph, graph_faults
from baton.cards.hand_overs import hand_over_faults
from baton.cards.model import Card
from baton.cards.parse import ParsedCard, parse_card
from baton.cards.problems import Found
from baton.cards.references import owner_faults, reference_faults
from baton.cards.rules import head_faults, step_faults
from baton.cards.shape import card_of
from baton.cards.transitions import transition_faults
from baton.cards.vocabulary import Vocabulary


@dataclass(frozen=True)
class CheckedCard:
    """What a model's text holds. `card` is None when there are faults; `parsed` when unreadable."""

    card: Card | None
    parsed: ParsedCard | None
    faults: tuple[Found, ...]


def check_card(text: str, vocabulary: Vocabulary) -> CheckedCard:
    """Return the card of a model's text with all of its faults, by line."""
    parsed, found = parse_card(text)
    if parsed is None:
        return CheckedCard(None, None, tuple(found))
    card, shape = card_of(parsed)
    faults = (*found, *shape, *_meaning_faults(parsed, vocabulary))
    in_order = tuple(sorted(faults, key=lambda fault: (fault.line, fault.code)))
    return CheckedCard(None if faults else card, parsed, in_order)


def _meaning_faults(parsed: ParsedCard, vocabulary: Vocabulary) -> Iterator[Found]:
    yield from head_faults(parsed)
    yield from owner_faults(parsed, vocabulary)
    drafts = drafts_of(parsed)
    horizon_s, key = seconds_of(parsed.values.get("horizon")), parsed.values.get("key")
    for draft in drafts:
        yield from step_faults(draft, horizon_s)
    yield from reference_faults(drafts, key if isinstance(key, str) else None, vocabulary)
    yield from hand_over_faults(drafts, vocabulary)
    yield from governance_faults(parsed, drafts, vocabulary)
    yield from freshness_faults(parsed, drafts, vocabulary)
    yield from transition_faults(drafts)
    if drafts and all(draft.is_whole for draft in drafts):
        yield from graph_faults(Graph(tuple(drafts)), parsed.line_of(("steps",)))
