"""The drawing as Mermaid, for pull requests and pages that draw it themselves."""

from collections.abc import Iterator

from baton.cards.words import ANY
from baton.journeys.drawing.figures import number, taken_words
from baton.journeys.drawing.graph import START, Graph, Move, Place

_SHAPES = {
    "start": ("((", "))"),
    "any": ("([", "])"),
    "step": ("[", "]"),
    "goal": ("([", "])"),
    "exit": ("([", "])"),
    "end": ("([", "])"),
}
_CLASSES = (
    "classDef goal fill:#e6f6ec,stroke:#4f9d73,color:#1b2230",
    "classDef exit fill:#fdf0e6,stroke:#d08d51,color:#1b2230",
    "classDef ended fill:#f1f2f4,stroke:#aab1bd,color:#1b2230",
    "classDef any stroke-dasharray:5 4",
)
_ESCAPES = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;"}


def mermaid(graph: Graph) -> str:
    """Return the journey as a Mermaid flowchart."""
    lines = [
        "flowchart TD",
        *(f"  {_place(place)}" for place in graph.places),
        *(f"  {line}" for move in graph.moves for line in _moves(move)),
        *(f"  {one}" for one in _CLASSES),
    ]
    return "\n".join(lines) + "\n"


def _place(place: Place) -> str:
    before, after = _SHAPES[place.kind]
    words = {"start": " ", "any": "any open step"}.get(place.kind, place.name)
    parts = [words]
    if place.here is not None:
        parts.append(f"{number(place.here)} here now")
    if place.reached is not None:
        parts.append(f"{number(place.reached)} came here")
    text = "<br/>".join(_text(part) for part in parts)
    return f'{_id(place.name)}{before}"{text}"{after}:::{_class(place)}'


def _moves(move: Move) -> Iterator[str]:
    trigger = f"{move.share} · {move.trigger}" if move.share else move.trigger
    action = f"→ {move.action}" if move.action else None
    in_all = " in all" if len(move.sources) > 1 else ""
    taken = None if move.taken is None else taken_words(move.taken) + in_all
    parts = (trigger, move.condition, action, move.terms, move.why, taken)
    text = "<br/>".join(_text(part) for part in parts if part)
    for source in move.sources:
        yield f'{_id(source)} -->|"{text}"| {_id(move.target)}'


def _id(name: str) -> str:
    return {ANY: "any_open_step", START: "entry"}.get(name, f"step_{name}")


def _class(place: Place) -> str:
    return "ended" if place.kind == "end" else place.kind


def _text(text: str) -> str:
    return "".join(_ESCAPES.get(one, one) for one in text)
