"""Which candidates a pass looks at, and the checks of each that depend on no other: rule 19."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .already_done import answers
from .candidates import Candidate, Checks, State, candidate_of
from .checking import check, zone_of
from .contact import point_of
from .facts import Facts
from .holdouts import held_out_by
from .messages import Message
from .reasons import failures, takes_part
from .records import ENDED_STATES, IN_FLIGHT_STATES, SENT_STATES, Event

_WAITS_FOR_OTHERS = frozenset({"outranked", "capped"})


@dataclass(frozen=True)
class Asked:
    """A candidate that is looked at, and what its checks say."""

    candidate: Candidate
    person: str
    zone: tuple[str, str]
    point_id: str | None
    checks: Checks
    held_out_by: str | None = None
    answered_by: str | None = None
    is_recalled_too_late: bool = False

    @property
    def takes_part(self) -> bool:
        is_free = not self.candidate.action.is_transactional and not self.is_recalled_too_late
        return is_free and takes_part(self.checks)

    @property
    def lacks_address(self) -> bool:
        """Tell whether its fallback takes part instead."""
        first = next(failures(self.checks, None, self.answered_by), None)
        return not self.is_recalled_too_late and first == ("nothing", "no_address")


class Asking:
    """Asks about candidates of one pass."""

    def __init__(self, state: State, facts: Facts) -> None:
        self._state = state
        self._facts = facts
        self.messages = {
            one.candidate_id: Message(one, facts.events)
            for one in state.candidates.values()
            if one.has_message
        }
        self._answers = answers(state, self._new(), facts)

    def everything(self) -> Iterator[Asked]:
        """Yield what is evaluated whatever comes of the contest."""
        waiting = (one for one in self._state.candidates.values() if one.waits)
        for one in (*self._new(), *filter(self._is_due_again, waiting)):
            asked = self.ask(one)
            yield asked
            if asked.lacks_address:
                yield from self.fallbacks(one)

    def fallbacks(self, candidate: Candidate) -> Iterator[Asked]:
        """Yield the fallback of an action, if it has one that is not known yet."""
        name = candidate.action.fallback
        if name is None or candidate.fallback_of is not None:
            return
        step = self._facts.steps[candidate.step_id]
        action = self._facts.policies.actions[name]
        fallback = candidate_of(step, action, candidate.brand, candidate.action.name)
        if fallback.candidate_id not in self._state.candidates:
            yield self.ask(fallback)

    def ask(self, candidate: Candidate) -> Asked:
        """Make the checks, with the actions and facts of now."""
        facts = self._facts
        now = replace(candidate, action=facts.policies.actions[candidate.action.name])
        person = facts.person_of[now.node_id]
        point = point_of(now, person, facts)
        holdout = held_out_by(now.action, now.journey, person, self._state.ledger, facts)
        answer = self._answers.get(now.candidate_id)
        checks = check(
            now,
            person,
            point,
            is_already_done=answer is not None,
            is_held_out=holdout is not None,
            has_ended_message=self._has_ended(candidate),
            facts=facts,
        )
        return Asked(
            candidate=now,
            person=person,
            zone=zone_of(now, person, facts),
            point_id=point.point_id if point else None,
            checks=checks,
            held_out_by=holdout,
            answered_by=answer.message_id if answer and answer.state in SENT_STATES else None,
            is_recalled_too_late=self._went_out_all_the_same(candidate),
        )

    def as_before(self, earlier: Candidate) -> Asked:
        """Return an earlier winner as it was checked when it won."""
        action = self._facts.policies.actions[earlier.action.name]
        verdict = earlier.verdict
        assert verdict
        return Asked(
            candidate=replace(earlier, action=action),
            person=self._facts.person_of[earlier.node_id],
            zone=(verdict.timezone, verdict.timezone_source),
            point_id=verdict.point_id,
            checks=verdict.checks,
        )

    def _new(self) -> list[Candidate]:
        facts, found = self._facts, list[Candidate]()
        for step in facts.steps.values():
            is_touched = facts.person_of[step.node_id] in facts.touched
            if step.is_current and step.action and is_touched:
                action = facts.policies.actions[step.action]
                brand = facts.cards[step.card_hash].brand
                found.append(candidate_of(step, action, brand, None))
        return [one for one in found if one.candidate_id not in self._state.candidates]

    def _is_due_again(self, one: Candidate) -> bool:
        facts, now, verdict = self._facts, self._facts.batch_time, one.verdict
        person = facts.person_of[one.node_id]
        assert verdict
        return (
            (person in facts.touched and verdict.reason != "input_behind")
            or facts.has_changed_switch
            or now >= one.expires_at
            or (verdict.decide_after is not None and now >= verdict.decide_after)
            or (one.has_message and self._has_news(one))
            or (verdict.reason == "input_behind" and not facts.is_behind)
            or (verdict.reason == "stale_input" and not self._has_stale_input(one))
            or (verdict.reason in _WAITS_FOR_OTHERS and self._has_ended_message(person))
        )

    def _has_stale_input(self, one: Candidate) -> bool:
        return self._facts.cards[self._facts.steps[one.step_id].card_hash].has_stale_input

    def _has_news(self, one: Candidate) -> bool:
        events = self.messages[one.candidate_id].events
        return any(event.window == self._facts.window for event in events)

    def _has_ended_message(self, person: str) -> bool:
        return any(
            event.window == self._facts.window and event.state in ENDED_STATES
            for message in self.messages.values()
            for event in message.events
            if self._facts.person_of[message.candidate.node_id] == person
        )

    def _went_out_all_the_same(self, candidate: Candidate) -> bool:
        """Tell whether its message was claimed before it could be called back."""
        message = self.messages.get(candidate.candidate_id)
        state = message.state if message and candidate.waits else None
        return state in IN_FLIGHT_STATES | SENT_STATES | {"bounced"}

    def _has_ended(self, candidate: Candidate) -> bool:
        """Tell whether its message came to an end without going out."""
        states = [one.state for one in self._events_of(candidate)]
        return bool(states) and states[-1] in ENDED_STATES and not _was_sent(states)

    def _events_of(self, candidate: Candidate) -> Sequence[Event]:
        message = self.messages.get(candidate.candidate_id)
        return message.events if message and candidate.waits else ()


def _was_sent(states: Sequence[str]) -> bool:
    return states[-1] == "bounced"
