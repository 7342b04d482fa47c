"""Rules of hand-overs: steps whose action gives the customer into someone's hands."""

from collections.abc import Iterator, Sequence

from baton.cards.draft import Draft
from baton.cards.hints import name_hint
from baton.cards.problems import Found
from baton.cards.vocabulary import HAND_OVERS, Vocabulary

_KEYS = ("owner", "within")


def hand_over_faults(drafts: Sequence[Draft], vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield hand-overs without a service level, and keys of hand-overs where there is none."""
    for draft in drafts:
        outcomes = {action: vocabulary.outcome(action) for action in draft.actions}
        handed = [action for action, outcome in outcomes.items() if outcome in HAND_OVERS]
        if handed and not draft.given("within"):
            mend = "add `within:` with the service level, such as `within: 1 day`"
            message = f"`{handed[0]}` hands over, and nothing says how soon it is taken up"
            yield Found("hand_over_without_within", draft.line_of("do"), message, mend)
        for key in draft.given(*_KEYS) if set(outcomes.values()) <= {"send"} else ():
            mend = f"take `{key}` out, or use an action that routes or escalates"
            message = f"`{key}` is for hand-overs, and nothing is handed over here"
            yield Found("no_hand_over", draft.line_of(key), message, mend)
        yield from _owner_faults(draft, vocabulary)


def _owner_faults(draft: Draft, vocabulary: Vocabulary) -> Iterator[Found]:
    owner = draft.text("owner")
    if owner and owner not in vocabulary.groups:
        mend = name_hint(owner, vocabulary.groups, "define the group in models/_groups.yml")
        message = f"no dbt group is called `{owner}`"
        yield Found("unknown_owner", draft.line_of("owner"), message, mend)
