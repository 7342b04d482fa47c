"""Rules about transitions that stand in each other's way."""

from collections.abc import Iterator, Sequence

from baton.cards.draft import Draft, transition_id
from baton.cards.problems import Found


def transition_faults(drafts: Sequence[Draft]) -> Iterator[Found]:
    """Yield transitions with the same id, and pairs of which the fold could not choose one."""
    ids: dict[str, Draft] = {}
    causes: dict[tuple[object, ...], Draft] = {}
    for draft in drafts:
        if not draft.is_whole:
            continue
        for source in draft.names("from") or (None,):
            yield from _same_id(ids, _id(draft, source), draft)
            if source is not None:
                yield from _same_cause(causes, source, draft)


def _same_id(ids: dict[str, Draft], own: str, draft: Draft) -> Iterator[Found]:
    other = ids.setdefault(own, draft)
    if other is draft or (draft.is_entry and other.is_entry and not draft.given("id")):
        return
    line = draft.line_of("id" if draft.given("id") else "to")
    mend = f"give one of the two an `id` of its own; the first stands on line {other.line}"
    yield Found("duplicate_transition_id", line, "two transitions have the same id", mend)


def _same_cause(
    causes: dict[tuple[object, ...], Draft], source: str, draft: Draft
) -> Iterator[Found]:
    cause = (source, draft.trigger, draft.raw.get("after"), draft.kind, draft.condition)
    other = causes.setdefault(cause, draft)
    if other.text("to") == draft.text("to"):
        return
    mend = f"tell them apart with `if` and `unless`; the other stands on line {other.line}"
    message = f"two steps leave `{source}` for the same cause"
    yield Found("ambiguous_transition", draft.line_of("to"), message, mend)


def _id(draft: Draft, source: str | None) -> str:
    explicit = draft.text("id")
    return explicit or transition_id(source, draft.text("to") or "", draft.trigger)
