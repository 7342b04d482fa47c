"""Compares what a scenario expects with what the fold made of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from baton.journeys.scenarios.records import Story
from baton.journeys.scenarios.shape import ExpectedStep

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ReachedStep:
    """A step that was reached; the time is naive UTC."""

    step: str
    reached: datetime
    do: str | None


@dataclass(frozen=True)
class Instance:
    """What was expected of one instance beside what happened; None where there is none."""

    who: str
    key: str | None
    expected: tuple[ExpectedStep, ...] | None
    happened: tuple[ReachedStep, ...] | None

    @property
    def is_as_expected(self) -> bool:
        """Tell whether every step is there, in order, as far as it is described."""
        if self.expected is None or self.happened is None:
            return False
        return len(self.expected) == len(self.happened) and all(
            map(is_same, self.expected, self.happened)
        )


@dataclass(frozen=True)
class Verdict:
    """One scenario, told. Changes are (who entered, key, change)."""

    path: Path
    line: int
    journey: str
    name: str
    instances: tuple[Instance, ...]
    expected_gone: tuple[tuple[str, str | None, str], ...] | None
    gone: tuple[tuple[str, str | None, str], ...]
    complaints: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Tell whether all happened as expected."""
        return (
            all(one.is_as_expected for one in self.instances)
            and self.expected_gone in (None, self.gone)
            and not self.complaints
        )


def is_same(expected: ExpectedStep, happened: ReachedStep) -> bool:
    """Tell whether a step is the one expected, as far as that is described."""
    return (
        expected.step == happened.step
        and expected.reached in (None, happened.reached)
        and (not expected.says_action or expected.do == happened.do)
    )


def instances_of(story: Story, steps: Iterable[Row]) -> Iterator[Instance]:
    """Pair the expected instances of a story with those of the fold, per person and key.

    Only what was reached by the story's own last load is looked at.
    """
    end = story.scenario.loads[-1].at
    happened = _by_person(story, (one for one in steps if one["reached_at"] <= end))
    for path in story.scenario.path:
        found = happened.get((story.person(path.who), path.key), [])
        steps_of = found.pop(0) if found else None
        yield Instance(path.who, path.key, tuple(path.steps), steps_of)
    for (person, key), left in sorted(happened.items(), key=repr):
        for steps_of in left:
            yield Instance(person.rpartition("/")[2], key, None, steps_of)


def expected_gone(story: Story) -> tuple[tuple[str, str | None, str], ...] | None:
    """Return what a story expects to be gone, None when it does not say."""
    gone = story.scenario.gone
    return None if gone is None else tuple(sorted((one.who, one.key, one.change) for one in gone))


def gone_of(story: Story, changes: Iterable[Row]) -> tuple[tuple[str, str | None, str], ...]:
    """Return the instances of a story that are gone."""
    prefix = story.node("")
    own = [
        (str(one["entry_node_id"]).removeprefix(prefix), one["correlation_key"], one["change"])
        for one in changes
        if one["journey"] == story.journey and str(one["entry_node_id"]).startswith(prefix)
    ]
    return tuple(sorted(set(own), key=repr))


def _by_person(
    story: Story, steps: Iterable[Row]
) -> dict[tuple[str, str | None], list[tuple[ReachedStep, ...]]]:
    prefix = story.node("")
    instances: dict[str, list[Row]] = {}
    for step in steps:
        if step["journey"] == story.journey and str(step["entry_node_id"]).startswith(prefix):
            instances.setdefault(step["instance_id"], []).append(step)
    found: dict[tuple[str, str | None], list[tuple[ReachedStep, ...]]] = {}
    for own in sorted(instances.values(), key=_entry):
        first = own[0]
        place = (first["person_id"], first["correlation_key"])
        found.setdefault(place, []).append(_walk(own))
    return found


def _entry(steps: Sequence[Row]) -> tuple[Any, ...]:
    first = min(steps, key=lambda one: one["step_no"])
    return first["reached_at"], first["entry_event_id"]


def _walk(steps: Sequence[Row]) -> tuple[ReachedStep, ...]:
    in_order = sorted(steps, key=lambda one: one["step_no"])
    return tuple(ReachedStep(one["step"], one["reached_at"], one["action"]) for one in in_order)
