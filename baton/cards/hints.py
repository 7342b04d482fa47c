"""Hints for a name that is not known."""

from collections.abc import Collection
from difflib import get_close_matches

_SHOWN = 12


def near_hint(name: str, known: Collection[str]) -> str | None:
    """Return the nearest known name as a question, None when none is near."""
    near = get_close_matches(name, sorted(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


def name_hint(name: str, known: Collection[str], otherwise: str) -> str:
    """Return the nearest known name as a question, else the known names, else `otherwise`."""
    listed = ", ".join(f"`{one}`" for one in sorted(set(known)))
    shown = f"use one of {listed}, or {otherwise}" if 0 < len(known) <= _SHOWN else otherwise
    return near_hint(name, known) or shown
