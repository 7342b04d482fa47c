"""What the preference page shows, and what its answer says: pure functions.

A yes needs a box that was shown empty and is ticked now; one that was shown ticked and still is
says nothing new. An empty box is a no, if it was shown ticked or nothing was known of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from baton.journal import ContactPoint, Standing, Statement
from baton.serve.texts import Text

PURPOSES = ("marketing", "sales", "service", "transactional")
COMMERCIAL = ("marketing", "sales")
_YES_UNLESS_REFUSED = frozenset({"service", "transactional"})


@dataclass(frozen=True)
class Box:
    """One purpose on one channel. `points` are the addresses that it is about."""

    channel: str
    purpose: str
    points: tuple[ContactPoint, ...]
    says: str
    is_own: bool
    label: str = ""
    covers: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """How the form calls it."""
        return f"{self.channel}.{self.purpose}"

    @property
    def is_on(self) -> bool:
        """Whether messages may come, as far as is known."""
        silent_yes = self.says == "unknown" and self.purpose in _YES_UNLESS_REFUSED
        return self.says == "yes" or silent_yes

    @property
    def can_change(self) -> bool:
        """The own address both ways, other addresses only off; nothing lifts a suppression."""
        return self.says != "suppressed" and (self.is_own or self.is_on)


@dataclass(frozen=True)
class Group:
    """The boxes of one channel."""

    label: str
    is_own: bool
    boxes: tuple[Box, ...]


Known = Sequence[tuple[ContactPoint, Mapping[str, Standing]]]


def boxes_of(known: Known) -> list[Box]:
    """A box per channel and purpose, the own address first."""
    channels = dict.fromkeys(point.channel for point, _ in known)
    return [_box(channel, purpose, known) for channel in channels for purpose in PURPOSES]


def groups_of(boxes: Iterable[Box], text: Text) -> list[Group]:
    """The boxes by channel, with their texts."""
    told = [_told(box, text) for box in boxes]
    channels = dict.fromkeys(box.channel for box in told)
    return [_group([b for b in told if b.channel == channel], text) for channel in channels]


def said(boxes: Iterable[Box], form: Sequence[tuple[str, str]], brand: str) -> list[Statement]:
    """The statements that an answer to the page makes."""
    on = {value for name, value in form if name == "on"}
    shown = {value for name, value in form if name == "shown"}
    answers = [(box, _answer(box, on, shown)) for box in boxes if box.can_change or box.is_own]
    return [
        _statement(point, brand, box.purpose, granted=granted)
        for box, granted in answers
        if granted is not None
        for point in box.points
    ]


def nothing_at_all(points: Iterable[ContactPoint], brand: str) -> list[Statement]:
    """A no to every purpose on all addresses."""
    return [_statement(point, brand, None, granted=False) for point in points]


def not_commercial(point: ContactPoint, brand: str) -> list[Statement]:
    """A no to the classes of mail that carry the one-click header."""
    return [_statement(point, brand, purpose, granted=False) for purpose in COMMERCIAL]


def _answer(box: Box, on: set[str], shown: set[str]) -> bool | None:
    was_on, was_off = f"{box.name}=on" in shown, f"{box.name}=off" in shown
    if was_on == was_off:
        return None
    if box.name in on:
        can_allow = box.is_own and box.says != "suppressed"
        return True if was_off and can_allow else None
    return False if was_on or box.says == "unknown" else None


def _box(channel: str, purpose: str, known: Known) -> Box:
    here = [(point, says[purpose].says) for point, says in known if point.channel == channel]
    is_own = any(point.is_own for point, _ in here)
    return Box(channel, purpose, tuple(point for point, _ in here), _sum(here), is_own)


def _sum(here: Sequence[tuple[ContactPoint, str]]) -> str:
    says = {one for _, one in here}
    return next(one for one in ("yes", "unknown", "no", "suppressed") if one in says)


def _told(box: Box, text: Text) -> Box:
    purpose = text.purposes.get(box.purpose)
    label = purpose.label if purpose else box.purpose
    covers = purpose.covers if purpose else ""
    return replace(box, label=label, covers=covers, note=_note(box, text))


def _note(box: Box, text: Text) -> str:
    if box.says == "suppressed":
        return text.suppressed
    if box.says == "unknown":
        unticked = text.no_record if box.can_change else text.unknown
        return text.unless_refused if box.is_on else unticked
    return "" if box.can_change else text.only_off


def _group(boxes: Sequence[Box], text: Text) -> Group:
    channel = boxes[0].channel
    return Group(text.channels.get(channel, channel), boxes[0].is_own, tuple(boxes))


def _statement(point: ContactPoint, brand: str, purpose: str | None, *, granted: bool) -> Statement:
    return Statement(point.contact_point_id, point.node_id, point.channel, purpose, brand, granted)
