"""Names in a card that the vocabulary must know."""

from collections.abc import Iterator, Sequence

from baton.cards.draft import EDGE_KEYS, Draft
from baton.cards.hints import name_hint
from baton.cards.parse import ParsedCard
from baton.cards.places import KINDS
from baton.cards.problems import Found
from baton.cards.vocabulary import MESSAGE_KEY, Vocabulary
from baton.cards.words import FALLBACK

_ROLES = {"signal": ("when",), "guard": ("if", "unless", *EDGE_KEYS)}


def owner_faults(parsed: ParsedCard, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield an owner that is no dbt group."""
    owner = parsed.values.get("owner")
    if isinstance(owner, str) and owner and owner not in vocabulary.groups:
        line = parsed.line_of(("owner",))
        mend = name_hint(owner, vocabulary.groups, "define the group in models/_groups.yml")
        yield Found("unknown_owner", line, f"no dbt group is called `{owner}`", mend)


def reference_faults(
    drafts: Sequence[Draft], key: str | None, vocabulary: Vocabulary
) -> Iterator[Found]:
    """Yield signals, guards and actions that are not known, not listed or do not fit.

    `key` is the card's correlation key, None for a card without.
    """
    entries = [draft.text("when") or "" for draft in drafts if draft.is_entry]
    goes_by_message = key is not None and all(map(vocabulary.names_message, entries))
    for draft in drafts:
        yield from _step_faults(draft, key, vocabulary)
        if FALLBACK in draft.actions and not goes_by_message:
            mend = (
                f"give the card `key: {MESSAGE_KEY}` and entries that carry it, or name an action"
            )
            message = "`fallback` needs a journey whose key names a message"
            yield Found("fallback_without_message", draft.line_of("do"), message, mend)


def _step_faults(step: Draft, key: str | None, vocabulary: Vocabulary) -> Iterator[Found]:
    for kind, roles in _ROLES.items():
        for role in roles:
            for name in step.names(role):
                yield from _name_faults(kind, name, step.line_of(role), vocabulary)
    yield from _key_faults(step, key, vocabulary)
    yield from _edge_faults(step, key)
    yield from _action_faults(step, vocabulary)


def _name_faults(kind: str, name: str, line: int, vocabulary: Vocabulary) -> Iterator[Found]:
    known, listed = vocabulary.names(kind)
    (other,) = _ROLES.keys() - {kind}
    folder = KINDS[kind].as_posix()
    if name in vocabulary.names(other)[0] - known:
        roles = ", ".join(f"`{role}`" for role in _ROLES[other])
        message = f"`{name}` is a {other}, no {kind}"
        yield Found(f"unknown_{kind}", line, message, f"name it under {roles}")
    elif name not in known:
        mend = name_hint(name, known, f"add {folder}/{name}.sql")
        yield Found(f"unknown_{kind}", line, f"no {kind} is called `{name}`", mend)
    elif name not in listed:
        mend = f"add '{name}' to union_{kind}s in {folder}.sql"
        yield Found(f"unlisted_{kind}", line, f"the {kind} `{name}` is not listed", mend)


def _key_faults(step: Draft, key: str | None, vocabulary: Vocabulary) -> Iterator[Found]:
    signal = step.text("when") or ""
    if key is None or signal not in vocabulary.signal_keys:
        return
    own = vocabulary.signal_keys[signal]
    if own != key and (own is not None or step.is_entry):
        said = f"carries `{own}`" if own else "carries no key"
        mend = f"use a signal that carries `{key}`, or change the card's `key`"
        message = f"`{signal}` {said}, the card goes by `{key}`: they never meet"
        yield Found("key_mismatch", step.line_of("when"), message, mend)


def _edge_faults(step: Draft, key: str | None) -> Iterator[Found]:
    for edge in step.given(*EDGE_KEYS) if step.is_entry and key is not None else ():
        mend = f"enter by a signal that carries `{key}`, or take the card's `key` out"
        message = f"`{edge}` carries no key, the card goes by `{key}`: nothing would enter"
        yield Found("edge_entry_with_key", step.line_of(edge), message, mend)


def _action_faults(step: Draft, vocabulary: Vocabulary) -> Iterator[Found]:
    named = [
        ("do", step.text("do")),
        *((f"do.{to}", one) for to, one in step.mapping("do").items()),
    ]
    for key, action in named:
        if isinstance(action, str) and action not in {*vocabulary.actions, FALLBACK}:
            new = "add a row to seeds/policies/actions.csv"
            mend = name_hint(action, [*vocabulary.actions, FALLBACK], new)
            message = f"no action is called `{action}`"
            yield Found("unknown_action", step.line_of(key), message, mend)
