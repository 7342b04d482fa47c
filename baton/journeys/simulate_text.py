"""A simulation for people."""

from collections.abc import Iterator

from baton.journeys.columns import in_columns
from baton.journeys.simulate import Simulation

_LEFT = 4


def simulation_lines(done: Simulation) -> Iterator[str]:
    """Yield who would have gone where, and what would be different for how many."""
    span = f"{done.span.start:%Y-%m-%d %H:%M} to {done.span.end:%Y-%m-%d %H:%M} UTC"
    yield f"{done.journey}, {span}"
    yield f"{done.signals} signals of {_people(done.people)}, replayed"
    yield "nothing is live, the warehouse is untouched"
    yield ""
    yield from _ways(done)
    yield ""
    if done.actions:
        yield from _actions(done)
        yield ""
    yield f"{_people(done.other_action)} would get another action"
    yield f"{_people(done.other_time)} would get the same at another time"
    yield from (f"note: {note}" for note in done.notes)


def _ways(done: Simulation) -> Iterator[str]:
    rows = [("from", "to", "trigger", "action", "live", "changed", "")]
    for way in done.ways:
        words = (way.source or "the beginning", way.target, way.trigger, way.action or "-")
        rows.append((*words, *_numbers(way.live, way.changed)))
    yield from in_columns(rows, right=range(_LEFT, len(rows[0])))


def _actions(done: Simulation) -> Iterator[str]:
    rows = [("action", "live", "changed", "", "people: more", "fewer")]
    for one in done.actions:
        more, fewer = str(one.persons_more), str(one.persons_fewer)
        rows.append((one.action, *_numbers(one.live, one.changed), more, fewer))
    yield from in_columns(rows, right=range(1, len(rows[0])))


def _numbers(live: int, changed: int) -> tuple[str, str, str]:
    return str(live), str(changed), f"{changed - live:+d}" if changed != live else "="


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
