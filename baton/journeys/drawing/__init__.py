"""A card as a drawing: Mermaid for pull requests, SVG in a page of its own for people."""

from baton.journeys.drawing.graph import Graph, graph_of
from baton.journeys.drawing.mermaid import mermaid
from baton.journeys.drawing.page import page
from baton.journeys.drawing.svg import svg

__all__ = ["Graph", "graph_of", "mermaid", "page", "svg"]
