"""What actions say: their templates checked against what a hand-over gives, and read beforehand."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from activation.templates import Templates
from baton.errors import UsageError
from baton.hand_over import VARIABLES

PROVIDED = frozenset({*VARIABLES, "brand", "preferences_url"})
_MADE_UP: Mapping[str, object] = {"value": 123.45}
_CHANNELS: Mapping[str, str] = {"crm_task": "task"}


@dataclass(frozen=True)
class Wording:
    """An action that has words: its line in the policy, channel and template."""

    action: str
    line: int
    channel: str
    template: str
    message_class: str
    destination: str


@dataclass(frozen=True)
class Preview:
    """The parts of a message as one customer would read it; `made_up` names what is not theirs."""

    parts: Mapping[str, str]
    locale: str | None
    made_up: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A template that an action cannot use, with the line of the action and the mend."""

    action: str
    line: int
    message: str
    mend: str


def wordings(actions: Path) -> list[Wording]:
    """The actions of a policy file that name a template, in its order."""
    with actions.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Wording(
            action=row["action"],
            line=number,
            channel=row["channel"],
            template=row["template"],
            message_class=row["class"],
            destination=row["destination"],
        )
        for number, row in enumerate(rows, start=2)
        if row.get("template")
    ]


def wording(actions: Path, name: str) -> Wording:
    """The action of that name. Raises UsageError when there is none, or it has no words."""
    found = wordings(actions)
    for one in found:
        if one.action == name:
            return one
    known = ", ".join(one.action for one in found)
    raise UsageError(
        f"no action {name!r} has words", where=actions.name, mend=f"use one of {known}"
    )


def faults(actions: Path, templates: Templates) -> Iterator[Fault]:
    """Yield what is wrong with the templates that the actions of a policy file name."""
    for one in wordings(actions):
        try:
            declaration = templates.get(one.template).declaration
        except UsageError as error:
            yield Fault(one.action, one.line, f"{error.what} ({error.where})", error.mend)
            continue
        channel = _CHANNELS.get(one.channel, one.channel)
        if declaration.channel != channel:
            yield Fault(
                one.action,
                one.line,
                f"the template {one.template} is for {declaration.channel}, not for {channel}",
                "name a template of that channel, or change its template.yml",
            )
        for name in sorted(declaration.variables.keys() - PROVIDED):
            yield Fault(
                one.action,
                one.line,
                f"the template {one.template} wants {name}, which no hand-over gives",
                f"use one of {', '.join(sorted(PROVIDED))}",
            )


def preview(
    templates: Templates,
    template: str,
    known: Mapping[str, object],
    *,
    brand: str | None,
    locale: str | None,
) -> Preview:
    """Render a template with what is known, and with the names of what is not, in brackets.

    Raises UsageError for a template that cannot be used, Unsendable for a value that does not fit.
    """
    wanted = templates.get(template).declaration.variables
    missing = [
        name
        for name, variable in wanted.items()
        if known.get(name) is None and variable.default is None
    ]
    values = {**known, **{name: _MADE_UP.get(name, f"[{name}]") for name in missing}}
    parts = templates.render(template, values, brand=brand, locale=locale)
    return Preview(parts, locale, tuple(missing))
