"""A message of a step that was refolded away answers for a candidate of the new step."""

from collections.abc import Iterable

from .candidates import Candidate, State
from .facts import Facts
from .messages import Message
from .records import ENDED_STATES


def answers(state: State, new: Iterable[Candidate], facts: Facts) -> dict[str, Message]:
    """Return the message that answers for each candidate that is waiting or new, by its id.

    Each message answers for one candidate: the one that was due first, of those that could be
    sent.
    """
    used = {one.verdict.answered_by for one in state.candidates.values() if one.verdict}
    free = [one for one in _left_behind(state, facts) if one.message_id not in used]
    found: dict[str, Message] = {}
    open_ = [*new, *(one for one in state.candidates.values() if one.waits)]
    for candidate in sorted(open_, key=lambda one: (one.due_at, one.candidate_id)):
        is_told = facts.steps[candidate.step_id].is_current
        if is_told and facts.batch_time < candidate.expires_at:
            message = next((one for one in free if _is_about(one, candidate, facts)), None)
            if message:
                free.remove(message)
                found[candidate.candidate_id] = message
    return found


def _left_behind(state: State, facts: Facts) -> list[Message]:
    """Return the messages of refolded steps that were or may have been sent."""
    left = [
        Message(one, facts.events)
        for one in state.candidates.values()
        if one.has_message and not facts.steps[one.step_id].is_current
    ]
    return [one for one in left if _may_have_been_sent(one)]


def _may_have_been_sent(message: Message) -> bool:
    if message.is_unsent:
        return message.candidate.goes_out
    return message.state not in ENDED_STATES


def _is_about(message: Message, candidate: Candidate, facts: Facts) -> bool:
    one = message.candidate
    entered_at = facts.steps[candidate.step_id].entered_at
    return (
        (one.journey, one.key, one.action.name, facts.person_of[one.node_id])
        == (
            candidate.journey,
            candidate.key,
            candidate.action.name,
            facts.person_of[candidate.node_id],
        )
        and one.evaluated_at is not None
        and one.evaluated_at >= entered_at
    )
