"""`require_fresh: true` needs inputs that say how fresh they are."""

from collections.abc import Iterator, Sequence

from baton.cards.draft import EDGE_KEYS, Draft
from baton.cards.parse import ParsedCard
from baton.cards.places import KINDS
from baton.cards.problems import Found
from baton.cards.promises import EXAMPLE
from baton.cards.vocabulary import Vocabulary


def freshness_faults(
    parsed: ParsedCard, drafts: Sequence[Draft], vocabulary: Vocabulary
) -> Iterator[Found]:
    """Yield what a card listens to that promises no freshness, where the card requires it."""
    if parsed.values.get("require_fresh") is not True:
        return
    signals = {name for draft in drafts for name in draft.names("when")} & vocabulary.signals
    edges = {name for draft in drafts for key in EDGE_KEYS for name in draft.names(key)}
    heard = {"signal": signals, "guard": edges & vocabulary.guards}
    for kind, folder in KINDS.items():
        for name in sorted(heard[kind] - vocabulary.promised.keys()):
            mend = f"add `meta: {{baton: {EXAMPLE}}}` under `config` in {folder}/{name}.yml"
            message = f"the {kind} `{name}` promises no freshness that could be required"
            yield Found("no_promise", parsed.line_of(("require_fresh",)), message, mend)
