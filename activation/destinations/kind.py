"""What a kind of destination is: its settings, and what can be told to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from activation.destinations.receiver import Receiver
from activation.destinations.settings import Settings
from activation.exchange import Call

Purpose = Literal[
    "messages", "profiles", "audiences", "suppressions", "contexts", "actions", "erasures"
]
IdentifierKind = Literal["email", "phone", "external_id", "tool_id"]
Calls = Mapping[Purpose, Call]


@dataclass(frozen=True)
class Kind:
    """A destination module: the settings it takes, and its calls by purpose under them.

    `receiver` is null where nothing is reported later. `erases_by` are the identifiers by which its
    call for `erasures` can name a person: an item is one of them.
    """

    settings: type[Settings]
    calls: Callable[[Any], Calls]
    receiver: Receiver | None = None
    erases_by: tuple[IdentifierKind, ...] = ()


def fixed(calls: Calls) -> Callable[[Any], Calls]:
    """The same calls whatever the settings."""
    return lambda _settings: calls
