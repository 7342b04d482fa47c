"""The walk down a person's contestants: rules 15 to 17."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .candidates import Candidate
from .ranking import Rank
from .resources import Resources


@dataclass(frozen=True)
class Contestant:
    """A candidate that takes part. `fallback` comes in if a cap says so."""

    candidate: Candidate
    rank: Rank
    is_held_out: bool = False
    is_called_back: bool = False
    fallback: "Contestant | None" = None

    @property
    def order(self) -> tuple[float, int, str]:
        """Its place in the contest: smaller comes first."""
        candidate = self.candidate
        return -self.rank.product, -candidate.action.priority, candidate.candidate_id


@dataclass(frozen=True)
class Result:
    """What became of a contestant; one that is held out has what would have become of it."""

    contestant: Contestant
    is_outranked: bool
    is_capped: bool
    outranked_by: str | None = None
    capped_by: str | None = None
    when_full: str | None = None
    again_at: datetime | None = None
    caps_full: int = 0

    @property
    def has_room(self) -> bool:
        return not self.is_outranked and not self.is_capped

    @property
    def wins(self) -> bool:
        return self.has_room and not self.contestant.is_held_out

    @property
    def calls_fallback(self) -> bool:
        is_real = not self.contestant.is_held_out and not self.is_outranked
        return is_real and self.when_full == "next_channel"


def walk(contestants: Iterable[Contestant], resources: Resources) -> list[Result]:
    """Return the results of all contestants, fallbacks that came in among them, in order."""
    line = sorted(contestants, key=lambda one: one.order)
    results: list[Result] = []
    while line:
        one = line.pop(0)
        result = _result(one, resources)
        results.append(result)
        if result.wins:
            for resource in resources.all_of(one.candidate):
                resource.take(one.candidate)
        if result.calls_fallback and one.fallback:
            line.insert(0, one.fallback)
    return results


def _result(one: Contestant, resources: Resources) -> Result:
    slots = [slot for slot in resources.slots_of(one.candidate) if slot.is_full]
    caps = [cap for cap in resources.caps_of(one.candidate) if cap.is_full]
    full = [slot.ends_at for slot in slots] or [cap.again_at for cap in caps[:1]]
    return Result(
        contestant=one,
        is_outranked=bool(slots),
        is_capped=bool(caps),
        outranked_by=min((id_ for slot in slots for id_ in slot.held_until), default=None),
        capped_by=caps[0].cap.name if caps else None,
        when_full=caps[0].cap.when_full if caps else None,
        again_at=max(full, default=None),
        caps_full=len(caps),
    )
