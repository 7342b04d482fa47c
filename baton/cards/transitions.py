"""Rules about transitions that stand in each other's way."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from baton.cards.draft import Draft
from baton.cards.problems import Found
from baton.cards.words import ANY, transition_id

_RANKS = {"exit": 1, "goal": 2, "step": 3}


def transition_faults(drafts: Sequence[Draft]) -> Iterator[Found]:
    """Yield transitions with the same id, and those that another one always comes before."""
    whole = [one for one in drafts if one.is_whole and len(one.triggers) == 1]
    for first, second in combinations(whole, 2):
        twins = _ids(first) & _ids(second)
        if twins and not (first.is_entry and second.is_entry):
            yield _twins(first, second)
            continue
        for winner, loser in ((first, second), (second, first)):
            if _comes_before(winner, loser, is_first=winner is first):
                yield _never_taken(winner, loser)


def _twins(first: Draft, second: Draft) -> Found:
    if first.given("split") and second.given("split"):
        mend = f"a split has no `id`: rename the targets here, or those of line {first.line}"
    elif first.given("split") or second.given("split"):
        mend = f"give the one without `split` an `id`; the first stands on line {first.line}"
    else:
        mend = f"give one of them an `id` of its own; the first stands on line {first.line}"
    line = second.line_of("id", "to", "split")
    return Found("duplicate_transition_id", line, "two transitions have the same id", mend)


def _never_taken(winner: Draft, loser: Draft) -> Found:
    targets = ", ".join(f"`{target}`" for target in loser.targets)
    message = f"{targets}: never reached from here, since line {winner.line} comes first"
    mend = "let one of them wait for a guard with `if` or `unless`, or start from another step"
    return Found("never_taken", loser.line_of("to", "split"), message, mend)


def _comes_before(winner: Draft, loser: Draft, *, is_first: bool) -> bool:
    covers = set(loser.names("from")) <= set(winner.names("from")) or winner.names("from") == (ANY,)
    if not loser.names("from") or not covers or winner.trigger != loser.trigger:
        return False
    if winner.condition == "always" and _is_sooner(winner, loser):
        return True
    ranks = _RANKS.get(winner.kind, 3), _RANKS.get(loser.kind, 3)
    wins_ties = ranks[0] < ranks[1] or (ranks[0] == ranks[1] and is_first)
    implied = winner.condition in {"always", loser.condition}
    return implied and wins_ties and _is_no_later(winner, loser)


def _is_sooner(winner: Draft, loser: Draft) -> bool:
    return not winner.given("at") and winner.wait < loser.wait


def _is_no_later(winner: Draft, loser: Draft) -> bool:
    """Tell whether the winner is due whenever the loser is; local times are compared as written."""
    if winner.wait > loser.wait:
        return False
    same_time = winner.text("at") is not None and winner.text("at") == loser.text("at")
    return not winner.given("at") or (same_time and bool(loser.days) and loser.days <= winner.days)


def _ids(draft: Draft) -> set[str]:
    explicit = draft.text("id")
    return {
        explicit or transition_id(source, target, draft.trigger)
        for source in draft.names("from") or (None,)
        for target in draft.targets
    }
