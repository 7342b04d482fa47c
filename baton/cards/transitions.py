"""Rules about transitions that stand in each other's way."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from baton.cards.draft import Draft, transition_id
from baton.cards.durations import seconds_of
from baton.cards.model import ANY
from baton.cards.problems import Found

_RANKS = {"exit": 1, "goal": 2, "step": 3}


def transition_faults(drafts: Sequence[Draft]) -> Iterator[Found]:
    """Yield transitions with the same id, and those that another one always comes before."""
    whole = [one for one in drafts if one.is_whole and one.given("when") != one.given("after")]
    for first, second in combinations(whole, 2):
        twins = _ids(first) & _ids(second)
        if twins and not (first.is_entry and second.is_entry):
            line = second.line_of("id" if second.given("id") else "to")
            mend = f"give one of them an `id` of its own; the first stands on line {first.line}"
            yield Found("duplicate_transition_id", line, "two transitions have the same id", mend)
            continue
        for winner, loser in ((first, second), (second, first)):
            if _comes_before(winner, loser, is_first=winner is first):
                yield _never_taken(winner, loser)


def _never_taken(winner: Draft, loser: Draft) -> Found:
    message = f"`{loser.text('to')}` is never reached from here: line {winner.line} comes first"
    mend = "let one of them wait for a guard with `if` or `unless`, or start from another step"
    return Found("never_taken", loser.line_of("to"), message, mend)


def _comes_before(winner: Draft, loser: Draft, *, is_first: bool) -> bool:
    covers = set(loser.names("from")) <= set(winner.names("from")) or winner.names("from") == (ANY,)
    if not loser.names("from") or not covers or winner.trigger != loser.trigger:
        return False
    if winner.condition not in {"always", loser.condition}:
        return False
    waits = _wait(winner), _wait(loser)
    if waits[0] < waits[1] and winner.condition == "always":
        return True
    ranks = _RANKS.get(winner.kind, 3), _RANKS.get(loser.kind, 3)
    wins_ties = ranks[0] < ranks[1] or (ranks[0] == ranks[1] and is_first)
    return waits[0] <= waits[1] and wins_ties


def _wait(draft: Draft) -> int:
    return seconds_of(draft.raw.get("after")) or 0


def _ids(draft: Draft) -> set[str]:
    explicit = draft.text("id")
    to = draft.text("to") or ""
    sources = draft.names("from") or (None,)
    return {explicit or transition_id(source, to, draft.trigger) for source in sources}
