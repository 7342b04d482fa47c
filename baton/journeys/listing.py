"""What `baton journey list` and `baton journey show` know, as facts and in lines."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from baton.cards import Project as CardProject
from baton.cards import compile_card
from baton.cards.words import ANY
from baton.dbt_runner import DbtProject
from baton.journeys.cards import LiveCards
from baton.journeys.columns import in_columns
from baton.journeys.counts import read_counts
from baton.journeys.drawing.graph import START, Graph, Move, Place
from baton.project import Project

Facts = dict[str, Any]
_CARDS = {
    "live": "live",
    "changed": "changed in the tree, not live",
    "new": "in the tree, not live",
    "gone": "live, gone from the tree",
    "faulty": "has faults, see `baton check`",
    "unknown": "not known",
}


@dataclass(frozen=True)
class Listed:
    """One journey. `card` compares the tree's card with the live one; counts None if not known."""

    journey: str
    owner: str | None
    purpose: str | None
    steps: int | None
    open: int | None
    ended: int | None
    card: str


def list_facts(project: Project, cards: CardProject, live: LiveCards, dbt: DbtProject) -> Facts:
    """Return the journeys of the working tree and of the live release, by name."""
    tree = {one.path.stem: one for one in cards.cards}
    missing = live.missing
    listed: list[Facts] = []
    for journey in sorted({*tree, *live.cards}):
        own = tree[journey].checked.card if journey in tree else None
        card = compile_card(own, "") if own else live.cards.get(journey)
        counts = (
            read_counts(project.warehouse, dbt, journey) if project.warehouse.exists() else None
        )
        known = counts is not None and counts.missing is None
        missing = missing or (counts.missing if counts else "there is no warehouse yet")
        one = Listed(
            journey=journey,
            owner=card.owner if card else None,
            purpose=card.purpose if card else None,
            steps=len({rule.to_step for rule in card.rules}) if card else None,
            open=counts.open if counts and known else None,
            ended=counts.ended if counts and known else None,
            card=_standing(
                journey in tree,
                card.card_hash if own and card else None,
                live.cards[journey].card_hash if journey in live.cards else None,
                is_known=live.missing is None or live.release_id is None,
            ),
        )
        listed.append(asdict(one))
    return {"live_release": live.release_id, "journeys": listed, "not_read": missing}


def list_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line per journey."""
    rows: list[tuple[str, ...]] = [
        ("journey", "owner", "purpose", "steps", "under way", "ended", "card")
    ]
    for one in facts["journeys"]:
        values = (one[name] for name in ("journey", "owner", "purpose", "steps", "open", "ended"))
        rows.append(
            (*("-" if value is None else str(value) for value in values), _CARDS[one["card"]])
        )
    yield from in_columns(rows, right=(3, 4, 5))
    if facts["not_read"]:
        yield f"not read: {facts['not_read']}"


def show_facts(graph: Graph) -> Facts:
    """Return a card as a graph, with counts where they are known."""
    card = {
        name: value
        for name, value in vars(graph.card).items()
        if name not in {"rules", "conditions", "card_text"}
    }
    return {
        "card": card,
        "places": [asdict(one) for one in graph.places if one.name not in (START, ANY)],
        "moves": [asdict(one) | {"sources": _sources(one)} for one in graph.moves],
        "status": dict(graph.counts.status),
        "as_of": graph.counts.as_of,
        "not_read": graph.counts.missing,
    }


def show_lines(graph: Graph) -> Iterator[str]:
    """Yield the card in words: its steps, each with the ways that lead out of it."""
    card, counts = graph.card, graph.counts
    key = f"one for each person and {card.key}" if card.key else "one at a time for each person"
    yield f"{card.journey}  {card.purpose}, {key}, owner {card.owner}"
    if counts.missing is not None:
        yield f"without counts: {counts.missing}"
    else:
        yield f"{counts.open} under way, {counts.ended} ended, as of {counts.as_of} UTC"
    for place in graph.places:
        yield ""
        yield _heading(place)
        for move in graph.moves:
            if place.name in move.sources:
                yield from _move_lines(move)


def _standing(in_tree: bool, own: str | None, live: str | None, *, is_known: bool) -> str:
    if not in_tree:
        return "gone"
    if own is None:
        return "faulty"
    if not is_known:
        return "unknown"
    if live is None:
        return "new"
    return "live" if own == live else "changed"


def _heading(place: Place) -> str:
    name = {START: "the beginning", ANY: "any open step"}.get(place.name, place.name)
    parts = [
        place.kind if place.kind in {"goal", "exit"} else None,
        None if place.here is None else f"{place.here} here now",
        None if place.reached is None else f"{place.reached} came here",
    ]
    note = ", ".join(part for part in parts if part)
    return f"{name}  ({note})" if note else name


def _move_lines(move: Move) -> Iterator[str]:
    words = (move.share, move.trigger, move.condition)
    action = ", ".join(part for part in (move.action, move.terms) if part)
    taken = None if move.taken is None else f"taken {move.taken}"
    said = " ".join(word for word in words if word)
    yield f"  → {move.target}  {said}" + (f"  do {action}" if action else "")
    yield f"      {move.why}" + (f"  ({taken})" if taken else "")


def _sources(move: Move) -> list[str | None]:
    return [None if one == START else one for one in move.sources]
