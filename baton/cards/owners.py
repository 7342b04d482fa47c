"""The policy `owners`: who answers for fields, policies and destinations, and reviews them when."""

from collections.abc import Collection, Iterator

from baton.cards.cells import Fault, Table, one_of, table_faults, word_of
from baton.cards.durations import duration_fault
from baton.cards.hints import name_hint
from baton.cards.policies import Policy
from baton.cards.problems import Found
from baton.cards.vocabulary import Vocabulary


def owner_faults(policy: Policy, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield faults of cells, and owners of what is not there."""
    yield from table_faults(policy, _TABLE, vocabulary)
    known = {
        "field": vocabulary.fields,
        "policy": vocabulary.policies,
        "destination": destinations_of(vocabulary),
    }
    for line in policy.lines:
        kind, name = line.cells.get("kind", ""), line.cells.get("name", "")
        if line.fits and kind in known and name not in known[kind]:
            mend = name_hint(name, known[kind], "take the row out")
            yield Found("owners_bad_name", line.line, f"no {kind} is called `{name}`", mend)


def destinations_of(vocabulary: Vocabulary) -> Collection[str]:
    """Return the destinations that actions name."""
    return {cells.get("destination", "") for cells in vocabulary.actions.values()} - {""}


def _cadence(written: str, _: Vocabulary) -> Fault:
    fault = duration_fault(written) if written else None
    return (fault[1], f"{fault[2]}, or leave it blank for no review") if fault else None


_TABLE = Table(
    {
        "kind": word_of("field", "policy", "destination"),
        "name": lambda _written, _vocabulary: None,
        "owner": one_of(lambda known: known.groups),
        "review_every": _cadence,
    },
    ("kind", "name"),
)
