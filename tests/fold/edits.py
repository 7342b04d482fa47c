"""Cards as they are edited: a change or two, and versions that tests ask for."""

from dataclasses import replace
from random import Random

from .sketches import GRACES, HORIZONS, NAMES, WAITS, Sketch, first_valid, onward, reentry
from .words import ZONES


def edited(pick: Random, old: Sketch) -> Sketch:
    """Return the card with a change or two, which the check accepts."""
    return first_valid(_edit(pick, _edit(pick, old)) for _ in range(1000))


def _edit(pick: Random, old: Sketch) -> Sketch:
    """Return the card with one change, perhaps one that the check refuses."""
    steps, number = list(old.steps), pick.randrange(len(old.steps))
    match pick.randint(1, 8):
        case 1:
            return _with_head(old, horizon=pick.choice(HORIZONS), grace=pick.choice(GRACES))
        case 2:
            again = {"reentry": "never", "cooldown": None} | dict(reentry(pick))
            return _with_head(old, max_steps=pick.choice([2, 4, 9]), **again)
        case 3:
            return _with_head(old, timezone=pick.choice(ZONES))
        case 4:
            del steps[number]
        case 5:
            steps.insert(number, onward(pick, NAMES))
        case 6 if "after" in steps[number]:
            steps[number] = {**steps[number], "after": pick.choice(WAITS)}
        case 6 if "split" in steps[number]:
            names = steps[number]["split"]
            shares = dict(zip(names, pick.choice([(20, 80), (60, 40)]), strict=True))
            steps[number] = {**steps[number], "split": shares}
        case 7:
            return _with_head(old, key=None if "key" in old.head else "quote_id")
        case _:
            return _with_head(old, purpose=pick.choice(["sales", "service"]))
    return replace(old, steps=tuple(steps))


def _with_head(old: Sketch, **changed: object) -> Sketch:
    head = {**old.head, **changed}
    return replace(old, head={key: value for key, value in head.items() if value is not None})


def patient(old: Sketch) -> Sketch:
    """Return the card with a grace that no late record exceeds."""
    return _with_head(old, grace="90 days")


def with_ids(old: Sketch) -> Sketch:
    """Return the card with an `id` for each entry that may have one."""
    named = (
        {**one, "id": f"entry_{number}"} if "to" in one and "from" not in one else one
        for number, one in enumerate(old.steps)
    )
    return replace(old, steps=tuple(named))


def calling(old: Sketch, *, does_call: bool) -> Sketch:
    """Return the card with or without `migrate: in_flight`."""
    return _with_head(old, migrate="in_flight" if does_call else None)
