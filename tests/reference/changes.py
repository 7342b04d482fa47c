"""What was there at the end of one window and is no more at the end of the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .instances import Instance

People = Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """The instances at the end of a window, and who was who then."""

    instances: Sequence[Instance]
    person_of: People


@dataclass(frozen=True)
class Change:
    """`merged_into` another instance, or `refolded` (then `into` is None)."""

    change: str
    into: str | None = None


def changes(before: Told, after: Told) -> dict[str, Change]:
    """Return what became of each instance that is gone, by its id."""
    stay = {one.instance_id for one in after.instances}
    return {
        one.instance_id: _change(one, before, after)
        for one in before.instances
        if one.instance_id not in stay
    }


def _change(gone: Instance, before: Told, after: Told) -> Change:
    """Say whether an instance that somebody else had is the same person's now, and stays."""
    owners = {one.instance_id: _person(one, before) for one in before.instances}
    others = [
        one
        for one in after.instances
        if one.instance_id in owners
        and (one.card.journey, one.key) == (gone.card.journey, gone.key)
        and _person(one, after) == _person(gone, after)
        and owners[one.instance_id] != owners[gone.instance_id]
    ]
    if not others:
        return Change("refolded")
    earlier = [one for one in others if _place(one) <= _place(gone)]
    nearest = max(earlier, key=_place) if earlier else min(others, key=_place)
    return Change("merged_into", nearest.instance_id)


def _person(instance: Instance, told: Told) -> str | None:
    return told.person_of.get(instance.entry.node_id)


def _place(instance: Instance) -> tuple[datetime, str]:
    return instance.entry.occurred_at, instance.entry.event_id
