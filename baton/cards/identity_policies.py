"""Rules of the policies of identity: types, blocked values, pairs forced or kept apart."""

import re
from collections.abc import Iterator

from baton.cards.cells import Fault, Table, name, number, one_of, table_faults, word_of, words
from baton.cards.hints import name_hint
from baton.cards.policies import Policy
from baton.cards.problems import Found
from baton.cards.vocabulary import Vocabulary

_ID = "[0-9a-f]{32}"
_COUNT = "[1-9][0-9]{0,8}"
_LEAST_FIXED = 3


def identity_faults(policy: Policy, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield faults of columns and rows of a policy of identity."""
    yield from table_faults(policy, _TABLES[policy.name], vocabulary)
    if policy.name == "identity_overrides" and set(policy.columns) >= {"node_a_id", "node_b_id"}:
        yield from _disordered(policy)
    if policy.name == "identity_blocked_values" and set(policy.columns) >= {"kind", "value"}:
        yield from _wide(policy)


def _wide(policy: Policy) -> Iterator[Found]:
    for line in policy.lines:
        fixed = re.sub("[%_]", "", line.cells["value"])
        if line.cells["kind"] == "pattern" and len(fixed) < _LEAST_FIXED:
            mend = f"write at least {_LEAST_FIXED} characters that are no `%` and no `_`"
            message = f"the pattern would block almost everything: `{line.cells['value']}`"
            yield Found("identity_blocked_values_wide", line.line, message, mend)


def _disordered(policy: Policy) -> Iterator[Found]:
    for line in policy.lines:
        one, other = line.cells["node_a_id"], line.cells["node_b_id"]
        if re.fullmatch(_ID, one) and re.fullmatch(_ID, other) and one >= other:
            mend = "write the lower id into `node_a_id`"
            message = "the two ids are the same" if one == other else "the higher id stands first"
            yield Found("identity_overrides_disordered", line.line, message, mend)


def _priority(written: str, _: Vocabulary) -> Fault:
    mend = "write a whole number from 1 on, the strongest type with the lowest"
    return None if re.fullmatch(_COUNT, written) else ("is no place in an order", mend)


def _most(written: str, _: Vocabulary) -> Fault:
    mend = "write a whole number from 1 on, or leave it blank for no bound"
    return None if not written or re.fullmatch(_COUNT, written) else ("is no count", mend)


def _confidence(written: str, _: Vocabulary) -> Fault:
    return number(written, least=0, most=1, mend="write a number from 0 to 1, such as 0.95")


def _cardinality(written: str, vocabulary: Vocabulary) -> Fault:
    for one in written.split(";") if written else ():
        to, _, most = (part.strip() for part in one.partition(":"))
        if to not in vocabulary.identifiers:
            return "names a type that is none", name_hint(
                to, vocabulary.identifiers, "name a type of identity_rules"
            )
        if not re.fullmatch(_COUNT, most):
            return "lacks a count", "write types with counts, such as user:1;crm_contact:2"
    return None


def _node_id(written: str, _: Vocabulary) -> Fault:
    mend = "write the id of an identifier, 32 hexadecimal digits, as `nodes` has it; never a value"
    return None if re.fullmatch(_ID, written) else ("is no id", mend)


_TABLES = {
    "identity_rules": Table(
        {
            "node_type": name,
            "priority": _priority,
            "links": word_of("true", "false"),
            "confidence": _confidence,
            "fanout_cap": _most,
            "cardinality_to": _cardinality,
            "max_per_person": _most,
        },
        ("node_type",),
    ),
    "identity_blocked_values": Table(
        {
            "node_type": one_of(lambda known: known.identifiers, blank=True),
            "kind": word_of("exact", "pattern"),
            "value": words,
            "reason": name,
        },
        ("node_type", "kind", "value"),
    ),
    "identity_overrides": Table(
        {
            "kind": word_of("force", "never"),
            "node_a_id": _node_id,
            "node_b_id": _node_id,
            "reason": name,
        },
        ("node_a_id", "node_b_id"),
    ),
}
