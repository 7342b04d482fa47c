"""Rules of `handoffs.csv`, which says what kind of hand-over an action is."""

from collections.abc import Iterator

from baton.cards.hints import name_hint
from baton.cards.policies import Policy, PolicyLine
from baton.cards.problems import Found
from baton.cards.vocabulary import HAND_OVERS, Vocabulary

COLUMNS = ("action", "kind", "accepted_by")
HANDOFF_KINDS = ("bot_to_agent", "digital_to_voice", "sales_to_onboarding", "marketing_to_service")


def handoff_faults(policy: Policy, vocabulary: Vocabulary) -> Iterator[Found]:
    """Yield actions that hand nothing over, unknown kinds, and unknown signals of acceptance."""
    if set(policy.columns) != set(COLUMNS):
        mend = f"the columns are {','.join(COLUMNS)}"
        yield Found("handoff_columns", 1, "these are not the columns of handoffs", mend)
        return
    for line in (line for line in policy.lines if line.fits):
        yield from _action_faults(line, vocabulary)
        yield from _kind_faults(line)
        yield from _signal_faults(line, vocabulary)


def _action_faults(line: PolicyLine, vocabulary: Vocabulary) -> Iterator[Found]:
    action = line.cells["action"]
    if action not in vocabulary.actions:
        mend = name_hint(action, vocabulary.actions, "add the action to actions.csv")
        yield Found("handoff_bad_action", line.line, f"no action is called `{action}`", mend)
    elif vocabulary.outcome(action) not in HAND_OVERS:
        mend = "take the row out, or let the action route or escalate"
        yield Found("handoff_not_handed", line.line, f"`{action}` hands nothing over", mend)


def _kind_faults(line: PolicyLine) -> Iterator[Found]:
    kind = line.cells["kind"]
    if kind not in HANDOFF_KINDS:
        mend = name_hint(kind, HANDOFF_KINDS, "write a known kind")
        yield Found("handoff_bad_kind", line.line, f"`{kind}` is no kind of hand-over", mend)


def _signal_faults(line: PolicyLine, vocabulary: Vocabulary) -> Iterator[Found]:
    signal = line.cells["accepted_by"]
    if signal and signal not in vocabulary.signals:
        mend = name_hint(signal, vocabulary.signals, "name a signal, or leave it blank")
        yield Found("handoff_bad_signal", line.line, f"no signal is called `{signal}`", mend)
