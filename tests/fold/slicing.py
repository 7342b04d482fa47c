"""The same records in other windows, and in another order inside them."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from baton.scratch import GuardRow, SignalRow

from .told import Window


def resliced(pick: Random, windows: Sequence[Window]) -> list[Window]:
    """Return fewer windows with the same records, none of which comes earlier than it did.

    The last one stays. Versions of one guard keep their order: the latest is the one that counts.
    """
    last = len(windows) - 1
    kept = sorted({*pick.sample(range(last), k=pick.randint(1, max(1, last - 2))), last})
    signals, guards = _later_signals(pick, windows, kept), _later_guards(pick, windows, kept)
    return [
        replace(
            windows[at],
            signals=signals[at],
            guards=guards[at],
            zones={who: zone for one in since for who, zone in one.zones.items()},
            acts=[act for one in since for act in one.acts],
        )
        for before, at in zip([-1, *kept], kept, strict=False)
        for since in [windows[before + 1 : at + 1]]
    ]


def _later_signals(
    pick: Random, windows: Sequence[Window], kept: Sequence[int]
) -> dict[int, list[SignalRow]]:
    found: dict[int, list[SignalRow]] = {at: [] for at in kept}
    for number, window in enumerate(windows):
        for row in window.signals:
            at = pick.choice([one for one in kept if one >= number])
            found[at].append(replace(row, loaded_at=windows[at].batch_time))
    for rows in found.values():
        pick.shuffle(rows)
    return found


def _later_guards(
    pick: Random, windows: Sequence[Window], kept: Sequence[int]
) -> dict[int, list[GuardRow]]:
    found: dict[int, list[GuardRow]] = {at: [] for at in kept}
    last: dict[tuple[str, str], int] = {}
    for number, window in enumerate(windows):
        for row in window.guards:
            subject = row.guard, row.subject_key
            at = pick.choice([one for one in kept if one >= max(number, last.get(subject, 0))])
            last[subject] = at
            found[at].append(replace(row, loaded_at=windows[at].batch_time))
    return found
