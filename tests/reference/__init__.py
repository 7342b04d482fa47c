"""An independent model of what the warehouse must say, in plain Python.

Written from the semantics alone: no SQL, no data frames, nothing shared with the models but the
recipe of ids. `Model` is the face; the other modules hold one idea each.
"""

from .card_text import read_card
from .cards import Card
from .model import Model
from .records import (
    Case,
    ChatMessage,
    Contact,
    Load,
    MessageEvent,
    Receipt,
    Record,
    Statement,
    WebEvent,
)

__all__ = [
    "Card",
    "Case",
    "ChatMessage",
    "Contact",
    "Load",
    "MessageEvent",
    "Model",
    "Receipt",
    "Record",
    "Statement",
    "WebEvent",
    "read_card",
]
