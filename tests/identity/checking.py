"""What must hold after every window, and how often what could break it has occurred."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .resolving import resolve
from .told import Window
from .warehouse import Installation, State

MUST_OCCUR = (
    "merges",
    "merges of merged persons",
    "splits",
    "ids restored by a split",
    "records in another version",
    "records that come once, of an edge that stands",
    "erasures beside others",
    "forced edges",
    "forced edges against a separation",
    "separated pairs",
    "decisions lifted",
    "proposals accepted",
    "pairs withdrawn",
    "rules changed",
    "windows done again",
    "blocked_value",
    "type_does_not_link",
    "fanout_cap",
    "fanout_cap no longer",
    "cardinality",
    "cardinality no longer",
    "limit",
    "limit no longer",
    "never_link",
)


@dataclass
class Tally:
    """How often what must occur has occurred."""

    counts: Counter[str] = field(default_factory=Counter[str])

    def missing(self) -> set[str]:
        """What must occur and never did."""
        return {name for name in MUST_OCCUR if not self.counts[name]}


def play(
    installation: Installation,
    history: Sequence[Window],
    tally: Tally,
    *,
    rebuild_every: int = 1,
) -> None:
    """Let an installation hear a history, and hold every promise against it after each window."""
    gone: set[str] = set()
    for number, window in enumerate(history, start=1):
        before = installation.state() if number > 1 else State({}, {}, {}, {}, {})
        installation.hear(window)
        after = installation.state()
        _as_the_reference(installation, after)
        _ledger(installation, before, after, gone, tally)
        _count(installation, window, before, after, tally)
        if number % rebuild_every == 0:
            with installation.rebuilt() as whole:
                assert whole == after, f"a full rebuild differs after window {number}"
        if number % 3 == 0:
            tally.counts["windows done again"] += 1
            changes = installation.changes()
            installation.again()
            assert installation.state() == after, f"window {number} done again changes something"
            assert installation.changes() == changes


def _as_the_reference(installation: Installation, state: State) -> None:
    expected = resolve(installation.known)
    edges = {
        pair: (one.rule, one.evidence, one.confidence, one.reason)
        for pair, one in expected.edges.items()
    }
    differing = {
        pair: (state.edges.get(pair), edges.get(pair))
        for pair in state.edges.keys() | edges.keys()
        if state.edges.get(pair) != edges.get(pair)
    }
    assert not differing
    assert state.person_of == expected.person_of


def _ledger(
    installation: Installation, before: State, after: State, gone: set[str], tally: Tally
) -> None:
    """Merges and splits on record are those that the map shows, each with its edge."""
    rows = [one for one in installation.changes() if one["window_id"] == installation.windows]
    erased = {one["from_person_id"] for one in rows if one["kind"] == "erase"}
    moved = {
        (earlier, after.person_of[node])
        for node, earlier in before.person_of.items()
        if earlier not in erased and node in after.person_of and after.person_of[node] != earlier
    }
    turns = [one for one in rows if one["kind"] in {"merge", "split"}]
    assert {(one["from_person_id"], one["to_person_id"]) for one in turns} == moved
    assert len(turns) == len(moved)
    for one in turns:
        came_along = after.person_of[after.minted_by[one["from_person_id"]]] == one["to_person_id"]
        assert one["kind"] == ("merge" if came_along else "split")
        assert one["edge_id"] and one["rule"] and one["confidence"] is not None
        assert (one["reason"] is not None) >= (one["kind"] == "split")
        if one["reason"] != "withdrawn":  # a line that left the policy decided nothing
            was_decided = one["rule"] == "force" or one["reason"] == "never_link"
            assert bool(one["decided_by"]) == was_decided
        if one["kind"] == "merge":
            tally.counts["merges"] += 1
            tally.counts["merges of merged persons"] += any(
                earlier in gone and person == one["from_person_id"]
                for earlier, person in _aliases(before).items()
            )
            gone.add(one["from_person_id"])
        else:
            tally.counts["splits"] += 1
            tally.counts["ids restored by a split"] += one["to_person_id"] in gone
            gone.discard(one["to_person_id"])


def _aliases(state: State) -> dict[str, str]:
    return {person: state.person_of[node] for person, node in state.minted_by.items()}


def _count(
    installation: Installation, window: Window, before: State, after: State, tally: Tally
) -> None:
    counts = tally.counts
    records = [one.record_id for one in installation.known.records]
    counts["records in another version"] += len(records) - len(set(records))
    counts["records that come once, of an edge that stands"] += sum(
        before.evidence_of(record.shows[0].id, other.id) > 0
        for record in window.records
        if record.comes_once
        for other in record.shows[1:]
    )
    counts["erasures beside others"] += bool(
        installation.rows("from identity.int_identity__loosened_nodes")
    )
    counts["rules changed"] += bool(window.policies and before.person_of)
    counts["decisions lifted"] += any(one.kind == "lifted" for one in window.decisions)
    counts["separated pairs"] += bool(
        installation.rows("from identity.int_identity__overrides where kind = 'never'")
    )
    counts["pairs withdrawn"] += bool(
        installation.rows("from identity.int_identity__edges where reason = 'withdrawn'")
    )
    for rule, _, _, reason in after.edges.values():
        counts["forced edges"] += rule == "force" and reason is None
        counts["forced edges against a separation"] += rule == "force" and reason is not None
        counts["proposals accepted"] += rule == "probabilistic" and reason is None
        if reason is not None:
            counts[reason] += 1
    for pair, (_, _, _, reason) in before.edges.items():
        if reason is not None and pair in after.edges and after.edges[pair][3] is None:
            counts[f"{reason} no longer"] += 1
