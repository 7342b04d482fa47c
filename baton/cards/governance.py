"""Governance on a card: who answers for it, when it is looked at again, what it relies on."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from baton.cards.draft import EDGE_KEYS, Draft
from baton.cards.durations import seconds_of
from baton.cards.hints import name_hint
from baton.cards.model import Card, Need, Raci
from baton.cards.parse import ParsedCard, Place
from baton.cards.problems import Found
from baton.cards.promises import EXAMPLE
from baton.cards.vocabulary import Vocabulary

GOVERNANCE_KEYS = frozenset({"approvers", "raci", "review_every", "needs"})
NEED_KINDS = ("signal", "guard", "field")
BETWEEN = ", "
_NEW_GROUP = "define the group in models/_groups.yml"


def governance_of(card: Card) -> dict[str, Any]:
    """Return who answers, who approves and what is relied on, the owner where nobody is named.

    Groups are sorted, with `, ` between them; `review_every_s` is seconds, as is `fresh_within_s`
    of each of the `needs`, null where the promise of the input counts.
    """
    raci, own = card.raci or Raci(), (card.owner,)
    return {
        "approvers": BETWEEN.join(card.approvers or own),
        "responsible": BETWEEN.join(raci.responsible or own),
        "accountable": raci.accountable or card.owner,
        "consulted": BETWEEN.join(raci.consulted or ()),
        "informed": BETWEEN.join(raci.informed or ()),
        "review_every_s": card.review_every,
        "needs": [_need(one) for one in card.needs or ()],
    }


def governance_faults(
    parsed: ParsedCard, drafts: Sequence[Draft], vocabulary: Vocabulary
) -> Iterator[Found]:
    """Yield groups that are none, and needs that nothing could keep or that nobody has."""
    yield from _group_faults(parsed, vocabulary)
    heard = {
        "signal": {name for one in drafts for name in one.names("when")},
        "guard": {
            n for one in drafts for key in ("if", "unless", *EDGE_KEYS) for n in one.names(key)
        },
    }
    needs = parsed.values.get("needs")
    for at, need in enumerate(cast("list[object]", needs) if isinstance(needs, list) else ()):
        if isinstance(need, dict):
            place: Place = ("needs", at)
            yield from _need_faults(
                parsed, place, cast("dict[str, object]", need), heard, vocabulary
            )


def _need(need: Need) -> dict[str, Any]:
    kind, name = need.subject
    return {"kind": kind, "name": name, "fresh_within_s": need.fresh_within}


def _group_faults(parsed: ParsedCard, vocabulary: Vocabulary) -> Iterator[Found]:
    raci = parsed.values.get("raci")
    duties = cast("dict[str, object]", raci) if isinstance(raci, dict) else {}
    written = [(("approvers",), parsed.values.get("approvers"))]
    written += [(("raci", duty), named) for duty, named in duties.items()]
    for place, named in written:
        for group in cast("list[object]", named) if isinstance(named, list) else [named]:
            if isinstance(group, str) and group and group not in vocabulary.groups:
                mend = name_hint(group, vocabulary.groups, _NEW_GROUP)
                message = f"no dbt group is called `{group}`"
                yield Found("unknown_group", parsed.line_of(place), message, mend)


def _need_faults(
    parsed: ParsedCard,
    place: Place,
    need: dict[str, object],
    heard: dict[str, set[str]],
    vocabulary: Vocabulary,
) -> Iterator[Found]:
    named = [(kind, need[kind]) for kind in NEED_KINDS if kind in need]
    line = parsed.line_of(place)
    if len(named) != 1:
        mend = "name one `signal`, `guard` or `field`; write a need for each"
        yield Found("need_of_one", line, "a need names none or several inputs", mend)
        return
    (kind, name), within = named[0], seconds_of(need.get("fresh_within"))
    if not isinstance(name, str):
        return
    if kind == "field":
        if name not in vocabulary.fields:
            mend = name_hint(name, vocabulary.fields, "trust a source with it in field_trust.csv")
            message = f"no field of the profile is called `{name}`"
            yield Found("unknown_field", line, message, mend)
    elif name not in heard[kind]:
        mend = name_hint(name, heard[kind], "take the need out")
        yield Found("need_unused", line, f"no step asks for the {kind} `{name}`", mend)
    elif within is not None:
        yield from _promise_faults(kind, name, within, line, vocabulary)


def _promise_faults(
    kind: str, name: str, within: int, line: int, vocabulary: Vocabulary
) -> Iterator[Found]:
    promised = vocabulary.promised.get(name)
    if promised is None:
        mend = f"add `meta: {{baton: {EXAMPLE}}}` under `config` of the {kind}, or take it out"
        message = f"the {kind} `{name}` promises no freshness"
        yield Found("need_without_promise", line, message, mend)
    elif promised > within:
        mend = f"let `{name}` promise more, or need less"
        message = f"the {kind} `{name}` promises less than is needed"
        yield Found("need_beyond_promise", line, message, mend)
