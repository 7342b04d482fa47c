"""The drawing as SVG that stands alone: its own style, a title and a description for readers."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from baton.cards.words import ANY
from baton.journeys.drawing.figures import Figure, move_figure, place_figure
from baton.journeys.drawing.graph import Graph, Move
from baton.journeys.drawing.layout import Edge, Line, Point, Spot, lay_out
from baton.journeys.drawing.style import DRAWING, VARIABLES

_MARGIN = 12.0
_RADIUS = 9
_HEAD = 7.0


def svg(graph: Graph) -> str:
    """Return the journey as one SVG element. Colours follow the reader's light or dark setting."""
    moves = {f"move {number}": move for number, move in enumerate(graph.moves)}
    figures = {place.name: place_figure(place) for place in graph.places}
    figures |= {name: move_figure(name, move) for name, move in moves.items()}
    edges = [edge for name, move in moves.items() for edge in _edges(name, move)]
    floating = [ANY] if any(ANY in move.sources for move in graph.moves) else []
    layout = lay_out([one.box for one in figures.values()], edges, floating)
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    title = f"Journey {graph.card.journey}"
    parts = [
        f'<svg class="journey" xmlns="http://www.w3.org/2000/svg" role="img"'
        f' aria-labelledby="journey-title journey-text" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="{-_MARGIN:.0f} {-_MARGIN:.0f} {width:.0f} {height:.0f}">',
        f'<title id="journey-title">{escape(title)}</title>',
        f'<desc id="journey-text">{escape(description(graph))}</desc>',
        f"<style>{VARIABLES}{DRAWING}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"'
        ' markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.6 8 4 0 7.4z"/>'
        "</marker></defs>",
        *(_line(line, is_last=line.target not in moves) for line in layout.lines),
        *(_figure(figure, layout.spots[name]) for name, figure in figures.items()),
        "</svg>",
    ]
    return "\n".join(parts)


def description(graph: Graph) -> str:
    """Return the moves in sentences, for those who do not see the drawing."""
    return " ".join(_sentence(move) for move in graph.moves)


def _sentence(move: Move) -> str:
    source = " or ".join("any open step" if one == ANY else one for one in move.sources)
    words = [move.share, move.trigger, move.condition]
    said = " ".join(word for word in words if word)
    action = f", {move.action}" if move.action else ""
    return f"From {source} to {move.target}: {said}{action}; {move.why}."


def _edges(name: str, move: Move) -> Iterator[Edge]:
    yield from ((source, name) for source in move.sources)
    yield name, move.target


def _line(line: Line, *, is_last: bool) -> str:
    points = list(line.points)
    if is_last:
        x, y = points[-1]
        back = -1 if points[0][1] < y else 1
        points[-2:] = [(x, y + back * (_HEAD + 3)), (x, y + back)]
    marker = ' marker-end="url(#head)"' if is_last else ""
    return f'<path class="line" d="{_way(points)}"{marker}/>'


def _way(points: Sequence[Point]) -> str:
    steps = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for number, (start, end) in enumerate(pairwise(points)):
        if number % 2 == 0 or start[0] == end[0]:
            steps.append(f"L{end[0]:.1f} {end[1]:.1f}")
        else:
            middle = (start[1] + end[1]) / 2
            steps.append(
                f"C{start[0]:.1f} {middle:.1f} {end[0]:.1f} {middle:.1f} {end[0]:.1f} {end[1]:.1f}"
            )
    return " ".join(steps)


def _figure(figure: Figure, spot: Spot) -> str:
    left = spot.x - spot.width / 2
    if figure.kind == "start":
        middle = spot.y + spot.height / 2
        shape = f'<circle cx="{spot.x:.1f}" cy="{middle:.1f}" r="{spot.width / 2 - 1:.1f}"/>'
    else:
        shape = (
            f'<rect x="{left:.1f}" y="{spot.y:.1f}" width="{spot.width:.1f}"'
            f' height="{spot.height:.1f}" rx="{_RADIUS}"/>'
        )
    texts = "".join(_texts(figure, spot))
    return f'<g class="{figure.kind}">{shape}{texts}</g>'


def _texts(figure: Figure, spot: Spot) -> Iterator[str]:
    room = spot.height - sum(line.height for line in figure.lines)
    y = spot.y + room / 2
    for line in figure.lines:
        base = y + line.size
        place = f'x="{spot.x:.1f}" y="{base:.1f}"'
        yield f'<text class="{line.style}" {place}>{escape(line.text)}</text>'
        y += line.height
