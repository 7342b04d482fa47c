"""The drawing in a page of its own: no script, no network, one file."""

from collections.abc import Iterator
from html import escape

from baton.cards import CompiledCard
from baton.cards.words import ANY
from baton.journeys.counts import Counts
from baton.journeys.drawing.figures import number
from baton.journeys.drawing.graph import START, Graph, Move
from baton.journeys.drawing.style import PAGE, VARIABLES
from baton.journeys.drawing.svg import svg
from baton.releases.rules import duration

_REENTRY = {
    "never": "never",
    "after_exit": "once it has ended",
    "always": "always",
}


def page(graph: Graph) -> str:
    """Return the whole HTML document."""
    name = escape(graph.card.journey)
    facts = "".join(
        f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in _facts(graph)
    )
    rows = "".join(_row(move, graph.counts) for move in graph.moves)
    count = '<th scope="col" class="count">taken</th>' if graph.counts.missing is None else ""
    heads = "".join(f'<th scope="col">{one}</th>' for one in _HEADS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{VARIABLES}{PAGE}</style>
</head>
<body>
<main>
<h1>{name}</h1>
<p class="lead">{escape(_lead(graph.card))}</p>
<dl>{facts}</dl>
<figure>
{svg(graph)}
<figcaption>{escape(_caption(graph.counts))}</figcaption>
</figure>
<h2>The same in words</h2>
<div class="scroll"><table>
<thead><tr>{heads}{count}</tr></thead>
<tbody>{rows}</tbody>
</table></div>
</main>
</body>
</html>
"""


_HEADS = ("from", "to", "trigger", "condition", "action", "why")


def _lead(card: CompiledCard) -> str:
    each = f"one for each person and {card.key}" if card.key else "one at a time for each person"
    return f"A journey for {card.purpose}, {each}, looked after by {card.owner}."


def _facts(graph: Graph) -> Iterator[tuple[str, str]]:
    card, counts = graph.card, graph.counts
    if counts.missing is None:
        yield "under way", number(counts.open)
        yield "ended", number(counts.ended)
    cooldown = f", {duration(card.cooldown_s)} later" if card.cooldown_s else ""
    yield "entered again", _REENTRY.get(card.reentry, card.reentry) + cooldown
    yield "horizon", duration(card.horizon_s)
    yield "grace for late records", duration(card.grace_s)
    yield "time zone, if not known", card.timezone
    yield "brand", card.brand
    if card.require_fresh:
        yield "stale input", "waits"


def _caption(counts: Counts) -> str:
    if counts.missing is not None:
        return f"Without counts: {counts.missing}."
    if counts.as_of is None:
        return "Counts from the warehouse, which has seen no batch yet."
    return f"Counts from the warehouse as of {counts.as_of:%Y-%m-%d %H:%M} UTC."


def _row(move: Move, counts: Counts) -> str:
    source = ", ".join(_SOURCES.get(one, one) for one in move.sources)
    trigger = f"{move.share} · {move.trigger}" if move.share else move.trigger
    action = ", ".join(part for part in (move.action, move.terms) if part)
    cells = (source, move.target, trigger, move.condition or "", action, move.why)
    count = f'<td class="count">{number(move.taken or 0)}</td>' if counts.missing is None else ""
    return f"<tr>{''.join(f'<td>{escape(one)}</td>' for one in cells)}{count}</tr>\n"


_SOURCES = {START: "the beginning", ANY: "any open step"}
