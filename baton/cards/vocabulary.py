"""What cards may name: signals, guards, actions, groups and channels of a dbt project."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from baton.cards.policies import Policy, read_policy

SIGNALS = Path("models/journeys/signals")
GUARDS = Path("models/journeys/guards")
POLICIES = Path("seeds/policies")
MESSAGE_KEY = "message_id"

_KEY = re.compile(
    r"""(?: (?: [\s,.(] | ^ ) (\w+)           # a column, or null
          | cast\(\s* (null) \s+as\s+\w+\s*\)
          | '(\w+)'\s*\)\s*\}\}              # the last argument of a macro, a property
        ) \s+ as \s+ correlation_key \b""",
    re.VERBOSE | re.IGNORECASE,
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Vocabulary:
    """Names a card may use. `listed_*` are those of the hand-written unions, in their order.

    `signal_keys` names the column or property that a signal's SQL selects `as correlation_key`,
    None for a keyless one. A signal whose key is a longer expression is not in it.
    """

    signals: frozenset[str] = frozenset()
    listed_signals: tuple[str, ...] = ()
    guards: frozenset[str] = frozenset()
    listed_guards: tuple[str, ...] = ()
    actions: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    groups: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    signal_keys: Mapping[str, str | None] = field(default_factory=dict[str, str | None])

    def names_message(self, signal: str) -> bool:
        """Tell whether the signal's key is the id of a message."""
        return self.signal_keys.get(signal) == MESSAGE_KEY


@dataclass(frozen=True)
class HandList:
    """The names in `{{ union_…([...]) }}` of a model; `names` is None where no list is found."""

    names: tuple[str, ...] | None
    line: int


def load_vocabulary(dbt_project: Path) -> Vocabulary:
    """Read the vocabulary of a dbt project; what is missing or broken is left out."""
    actions = read_policy(dbt_project / POLICIES / "actions.csv")
    channels = read_policy(dbt_project / POLICIES / "channels.csv")
    return Vocabulary(
        signals=_stems(dbt_project / SIGNALS),
        listed_signals=read_hand_list(dbt_project, SIGNALS).names or (),
        guards=_stems(dbt_project / GUARDS),
        listed_guards=read_hand_list(dbt_project, GUARDS).names or (),
        actions=_by_first_column(actions),
        groups=frozenset(_groups(dbt_project / "models")),
        channels=frozenset(_by_first_column(channels)),
        signal_keys=dict(_signal_keys(dbt_project / SIGNALS)),
    )


def read_hand_list(dbt_project: Path, folder: Path) -> HandList:
    """Return the hand-list beside a folder of signals or guards, and the line it starts on."""
    path = dbt_project / folder.with_suffix(".sql")
    text = _text(path) if path.is_file() else ""
    match = re.search(rf"\bunion_{folder.name}\s*\(\s*(\[.*?\])", text, re.DOTALL)
    if match is None:
        return HandList(None, 1)
    line = text.count("\n", 0, match.start()) + 1
    try:
        names: object = ast.literal_eval(match[1])
    except (SyntaxError, ValueError):
        return HandList(None, line)
    return HandList(tuple(str(name) for name in names) if isinstance(names, list) else None, line)


def _stems(folder: Path) -> frozenset[str]:
    return frozenset(path.stem for path in folder.glob("*.sql"))


def _by_first_column(policy: Policy) -> dict[str, Mapping[str, str]]:
    return {next(iter(line.cells.values()), ""): line.cells for line in policy.lines}


def declared_group(path: Path, model: str) -> str | None:
    """Return the `config.group` that a YAML file gives a model, None where it gives none."""
    if path.is_file():
        for facts in _mappings(_load(_text(path)).get("models")):
            if facts.get("name") == model:
                return _inside(facts, "config").get("group")
    return None


def _groups(models: Path) -> Iterator[str]:
    for document in _documents(models, "groups:"):
        yield from (str(group.get("name")) for group in _mappings(document.get("groups")))


def _signal_keys(signals: Path) -> Iterator[tuple[str, str | None]]:
    for path in sorted(signals.glob("*.sql")):
        keys = {match[match.lastindex or 1].lower() for match in _KEY.finditer(_text(path))}
        if len(keys) == 1:
            (key,) = keys
            yield path.stem, None if key == "null" else key


def _documents(folder: Path, mark: str) -> Iterator[dict[str, Any]]:
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        text = _text(path)
        if mark in text:
            yield _load(text)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _load(text: str) -> dict[str, Any]:
    try:
        document: object = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError:
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def _inside(facts: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        below = facts.get(key)
        facts = cast("dict[str, Any]", below) if isinstance(below, dict) else {}
    return facts
