"""The shape of a scenario file: its keys and their types."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from baton.cards.words import NAME_PATTERN

_TIME_MEND = "write date and time in UTC, such as `2026-03-02 10:00`"


class Part(BaseModel):
    """Unknown keys are refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _time(value: object) -> object:
    found = _written_time(value) if isinstance(value, str) else value
    if not isinstance(found, datetime) or found.tzinfo is not None:
        raise PydanticCustomError("bad_time", "is no time", {"mend": _TIME_MEND})
    return found


def _written_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if len(text) > len("2026-03-02") else None
    except ValueError:
        return None


def _step(value: object) -> object:
    return {"step": value} if isinstance(value, str) else value


Time = Annotated[datetime, BeforeValidator(_time)]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Text = Annotated[str, Field(min_length=1)]


class Signal(Part):
    """One event. `happened` is when it was loaded unless given, `id` tells two events apart."""

    signal: Name
    who: Text
    key: Text | None = None
    happened: Time | None = None
    id: Text | None = None


class Guard(Part):
    """A guard that holds from `since`, to the end of time or until `until`."""

    guard: Name
    who: Text
    since: Time
    until: Time | None = None
    id: Text | None = None


class Decision(Part):
    """What was decided about the action of the step that someone is in."""

    who: Text
    step: Name
    outcome: Literal["send", "route", "escalate", "wait", "suppress", "nothing"]
    key: Text | None = None


class Load(Part):
    """What is loaded at one time; perhaps nothing, then only time passes."""

    at: Time
    signals: list[Signal] = []
    guards: list[Guard] = []
    people: dict[str, Text] = {}
    zones: dict[str, Text] = {}
    decided: list[Decision] = []


class ExpectedStep(Part):
    """A step that is reached, by name; what is not said is not compared."""

    step: Name
    reached: Time | None = None
    do: Name | None = None

    @property
    def says_action(self) -> bool:
        """Tell whether the action is compared; `do: null` expects that there is none."""
        return "do" in self.model_fields_set


class ExpectedPath(Part):
    """The steps of one instance, in order."""

    who: Text
    key: Text | None = None
    steps: Annotated[
        list[Annotated[ExpectedStep, BeforeValidator(_step)]],
        Field(min_length=1),
    ]


class ExpectedChange(Part):
    """An instance that was there and is gone; `who` had entered."""

    who: Text
    change: Literal["merged_into", "refolded"]
    key: Text | None = None


class Scenario(Part):
    """One story. Its `path` is complete: an instance that is not in it is a failure."""

    name: Name
    loads: Annotated[list[Load], Field(min_length=1)]
    path: list[ExpectedPath]
    gone: list[ExpectedChange] | None = None

    def nodes(self) -> frozenset[str]:
        """Return everyone who is named by what is loaded."""
        named = (
            [one.who for one in (*load.signals, *load.guards)]
            + [name for pair in load.people.items() for name in pair]
            for load in self.loads
        )
        return frozenset(name for names in named for name in names)


class ScenarioText(Part):
    """A whole file."""

    journey: Name
    scenarios: Annotated[list[Scenario], Field(min_length=1)]


def keys_at(place: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys that a mapping at a place of the file may have."""
    names = [part for part in place if isinstance(part, str)]
    part: Any = _PARTS.get(names[-1] if names else "", ScenarioText)
    return tuple(part.model_fields)


_PARTS: dict[str, type[Part]] = {
    "scenarios": Scenario,
    "loads": Load,
    "signals": Signal,
    "guards": Guard,
    "decided": Decision,
    "path": ExpectedPath,
    "steps": ExpectedStep,
    "gone": ExpectedChange,
}
