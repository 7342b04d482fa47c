"""Hints for a name that is not known."""

from collections.abc import Collection
from difflib import get_close_matches

_SHOWN = 12


def name_hint(name: str, known: Collection[str], otherwise: str) -> str:
    """Return the nearest known name as a question, else the known names, else `otherwise`."""
    near = get_close_matches(name, sorted(known), n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    if known and len(known) <= _SHOWN:
        return f"use one of {', '.join(f'`{one}`' for one in sorted(known))}, or {otherwise}"
    return otherwise
