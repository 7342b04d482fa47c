"""A simulation for people."""

from rich.console import Console
from rich.table import Table

from baton.journeys.simulate import Simulation


def print_simulation(done: Simulation, console: Console) -> None:
    """Print who would have gone where, and what would be different for how many."""
    span = f"{done.span.start:%Y-%m-%d %H:%M} to {done.span.end:%Y-%m-%d %H:%M} UTC"
    console.print(f"{done.journey}, {span}", markup=False)
    heard = f"{done.signals} signals of {done.people} people, replayed"
    console.print(f"{heard}; nothing is live, the warehouse is untouched", markup=False)
    console.print(_ways(done))
    if done.actions:
        console.print(_actions(done))
    console.print(f"{done.other_action} people would get another action", markup=False)
    console.print(f"{done.other_time} people would get the same at another time", markup=False)
    for note in done.notes:
        console.print(f"note: {note}", markup=False)


def _ways(done: Simulation) -> Table:
    table = _table("from", "to", "trigger", "action")
    for way in done.ways:
        words = (way.source or "the beginning", way.target, way.trigger, way.action or "")
        table.add_row(*words, *_numbers(way.live, way.changed))
    return table


def _actions(done: Simulation) -> Table:
    table = _table("action")
    table.add_column("people: more", justify="right")
    table.add_column("fewer", justify="right")
    for one in done.actions:
        more, fewer = str(one.persons_more), str(one.persons_fewer)
        table.add_row(one.action, *_numbers(one.live, one.changed), more, fewer)
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name)
    for name in ("live", "changed", ""):
        table.add_column(name, justify="right")
    return table


def _numbers(live: int, changed: int) -> tuple[str, str, str]:
    return str(live), str(changed), f"{changed - live:+d}" if changed != live else "="
