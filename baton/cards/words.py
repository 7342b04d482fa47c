"""The words of the card language, and the ids that are made of them."""

from baton.ids import make_id

ANY = "any"
ENTER = "enter"
FALLBACK = "fallback"
TIMER = "timer"
RESERVED = frozenset({ANY, ENTER, "blocked", "expired", "moved", "runaway", "withdrawn"})
FINAL = frozenset({"goal", "exit"})
PURPOSES = ("marketing", "sales", "service", "transactional")
NAME_PATTERN = r"^[a-z][a-z0-9_]*$"


def trigger_word(when: str | None, enters: str | None, leaves: str | None) -> str:
    """Return the signal's name, `enters <guard>`, `leaves <guard>`, or the word timer."""
    edges = (f"{edge} {guard}" for edge, guard in (("enters", enters), ("leaves", leaves)) if guard)
    return when or next(edges, TIMER)


def transition_id(from_step: str | None, to_step: str, trigger: str) -> str:
    """Return the id of a transition without an explicit one; waits and guards do not enter it."""
    return make_id("transition", from_step, to_step, trigger)


def condition_id(wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> str:
    """Return `always`, or the id of these guards held and those not held.

    Each side is one part of the id, so that `if: [a, b]` and `if: a, unless: b` differ.
    """
    if not wanted and not unwanted:
        return "always"
    return make_id("condition", ",".join(sorted(wanted)), ",".join(sorted(unwanted)))
