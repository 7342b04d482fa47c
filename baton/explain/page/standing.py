"""Where the customer stands in journeys, how they came there, and in which control groups."""

from typing import Any

from baton.explain import say
from baton.explain.page.masks import Mask
from baton.explain.page.parts import Cell, Section, Table, Tone, Unfolding, cells, moment

Row = dict[str, Any]

_TONES: dict[str, Tone] = {"open": "wait", "goal": "yes"}


def standing(story: Row, mask: Mask) -> Section:
    """Return the instances as a table, and below it the way of each."""
    rows = [
        cells(
            _journey(one),
            Cell(one["step"], notes=[_status(one)]),
            moment(one["since"]),
            say.ahead(one) or "nothing, it has ended",
        )
        for one in story["instances"]
    ]
    heads = ("journey", "stands at", "since", "next")
    table = Table("Journeys", heads, rows, "They are in no journey.")
    ways = [_way(one, mask) for one in story["instances"]] + [
        _gone(one, mask) for one in story["gone"]
    ]
    return Section("standing", "Where they stand", tables=[table], unfolding=ways)


def experiments(story: Row) -> Section:
    """Return the arms of the holdouts that the person is in."""
    rows = [
        cells(
            one["holdout"],
            Cell(one["arm"], "no" if one["arm"] == "control" else "yes"),
            moment(one["assigned_at"]),
            Cell("yes, left out of comparisons", "wait") if one["is_contaminated"] else "no",
        )
        for one in story["experiments"]
    ]
    heads = ("holdout", "arm", "since", "contaminated by a merge")
    lead = "To whom is in control, nothing goes out that the holdout covers."
    table = Table("Holdouts", heads, rows, "They are in no experiment.")
    return Section("experiments", "Experiments", lead, [table])


def _journey(row: Row) -> Cell:
    return Cell(row["journey"], notes=[row["correlation_key"]] if row["correlation_key"] else [])


def _status(instance: Row) -> str:
    return "under way" if instance["status"] == "open" else instance["status"]


def _way(instance: Row, mask: Mask) -> Unfolding:
    rows = [
        cells(
            moment(one["reached_at"]), one["step"], say.arrival(one), mask.text(say.done(one) or "")
        )
        for one in instance["steps"]
    ]
    table = Table("Its way", ("reached", "step", "why", "action"), rows)
    tone = _TONES.get(instance["status"], "soft")
    title = f"The way through {say.name_of(instance)}"
    return Unfolding(tone, _status(instance), title, [], [table])


def _gone(gone: Row, mask: Mask) -> Unfolding:
    lines = [say.no_more(gone), *(mask.text(say.message(one)) for one in gone["messages"])]
    return Unfolding("soft", "no more", f"The way through {say.name_of(gone)}", lines, [])
