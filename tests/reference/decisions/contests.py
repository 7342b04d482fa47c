"""Random small contests: a few candidates of one person, slots and up to three caps at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from .policies import Action, Cap, Holdout
from .records import Step
from .small import HOUR, Small, action, step

_GROUPS, _CHANNELS = (None, "g", "h"), ("email", "sms")
_CLASSES, _JOURNEYS = ("sales", "service"), ("j", "k")
_LENGTHS = (HOUR, 4 * HOUR, 30 * HOUR)
_PERIODS: tuple[Any, ...] = (timedelta(hours=6), timedelta(days=1), "day", "week", "month")


@dataclass(frozen=True)
class Contest:
    """What is due in each window, and the policies of all of them."""

    actions: tuple[Action, ...]
    caps: tuple[Cap, ...]
    slots: dict[tuple[str, str], timedelta]
    holdouts: tuple[Holdout, ...]
    windows: Sequence[Sequence[Step]]
    hours: Sequence[float]

    def small(self) -> Small:
        """Return it before its first window."""
        policies = {"caps": self.caps, "slots": self.slots, "holdouts": self.holdouts}
        return Small(self.actions, policies)


@st.composite
def contests(draw: st.DrawFn, windows: int = 1, *, held_out: bool = True) -> Contest:
    """Draw a contest of so many windows."""
    count = draw(st.integers(2, 5))
    actions = tuple(_action(draw, f"a{number}") for number in range(count))
    hours, now = list[float](), 0.0
    for _ in range(windows):
        hours.append(now)
        now += draw(st.sampled_from([0.5, 1, 3.5, 4, 6, 12, 24]))
    due = [
        [
            step(
                f"s{window} {number}",
                draw(st.sampled_from(actions)).name,
                hour,
                journey=draw(st.sampled_from(_JOURNEYS)),
            )
            for number in range(draw(st.integers(1 if windows > 1 else 2, 5)))
        ]
        for window, hour in enumerate(hours)
    ]
    service = (Holdout("h", "k", "service", 100, "salt"),)
    return Contest(
        actions=actions,
        caps=tuple(_cap(draw, f"c{number}") for number in range(draw(st.integers(0, 3)))),
        slots=_slots(draw),
        holdouts=draw(st.sampled_from([(), service])) if held_out else (),
        windows=due,
        hours=hours,
    )


def _action(draw: st.DrawFn, name: str) -> Action:
    return action(
        name,
        value=float(draw(st.integers(0, 3))),
        priority=draw(st.integers(0, 1)),
        group=draw(st.sampled_from(_GROUPS)),
        channel=draw(st.sampled_from(_CHANNELS)),
        class_=draw(st.sampled_from(_CLASSES)),
        time_to_live=timedelta(hours=draw(st.sampled_from([2, 12, 48]))),
    )


def _cap(draw: st.DrawFn, name: str) -> Cap:
    return Cap(
        name=name,
        period=draw(st.sampled_from(_PERIODS)),
        most=draw(st.integers(0, 3)),
        when_full=draw(st.sampled_from(["drop", "wait"])),
        channel=draw(st.sampled_from((None, *_CHANNELS))),
        class_=draw(st.sampled_from((None, *_CLASSES))),
        journey=draw(st.sampled_from((None, *_JOURNEYS))),
    )


def _slots(draw: st.DrawFn) -> dict[tuple[str, str], timedelta]:
    scopes = [("group", "g"), ("channel", "email"), ("channel", "sms")]
    chosen = draw(st.lists(st.sampled_from(scopes), unique=True))
    return {scope: draw(st.sampled_from(_LENGTHS)) for scope in chosen}
