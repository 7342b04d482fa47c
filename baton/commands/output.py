"""Facts for people and for programs."""

import json
from datetime import datetime
from typing import Any

import click
from rich.console import Console

_BY_NAME = frozenset({"rows", "tools", "backlog", "by_destination", "notes"})
"""The facts whose keys are names, which are printed as they are written."""

console = Console(highlight=False)
err = Console(stderr=True, highlight=False)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print facts as one JSON object."
)


def report(facts: dict[str, Any], *, as_json: bool) -> None:
    """Print facts, as JSON or indented with plain words."""
    if as_json:
        print_json(facts)
    else:
        _print_tree(facts)


def print_json(facts: object) -> None:
    """Print one JSON object; times are naive UTC in ISO 8601."""
    click.echo(json.dumps(facts, indent=2, default=_plain))


def print_line(facts: object) -> None:
    """Print one JSON object on one line, at once."""
    click.echo(json.dumps(facts, default=_plain))


def _plain(value: object) -> object:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


def _print_tree(facts: dict[str, Any], indent: int = 0, *, is_by_name: bool = False) -> None:
    for name, value in facts.items():
        said = str(name) if is_by_name else str(name).replace("_", " ")
        label = f"{'  ' * indent}{said}"
        if isinstance(value, dict):
            click.echo(label)
            _print_tree(value, indent + 1, is_by_name=not is_by_name and name in _BY_NAME)
        elif isinstance(value, list | tuple):
            click.echo(f"{label}{'' if value else '  none'}")
            for item in value:
                click.echo(f"{'  ' * (indent + 1)}{_line(item)}")
        else:
            click.echo(f"{label:<36} {value if value is not None else '-'}")


def _line(item: object) -> str:
    if isinstance(item, dict):
        return "  ".join(f"{name} {value}" for name, value in item.items())
    return str(item)
