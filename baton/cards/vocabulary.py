"""What cards may name: signals, guards, actions, groups and channels of a dbt project."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from baton.cards.declared import declared_groups, declared_sources, text_of
from baton.cards.places import GUARDS, KINDS, POLICIES, SIGNALS
from baton.cards.policies import Policy, read_policy
from baton.cards.promises import promise_of

MESSAGE_KEY = "message_id"
HAND_OVERS = frozenset({"route", "escalate"})

_KEY = re.compile(
    r"""(?: (?: [\s,.(] | ^ ) (\w+)           # a column, or null
          | cast\(\s* (null) \s+as\s+\w+\s*\)
          | '(\w+)'\s*\)\s*\}\}              # the last argument of a macro, a property
        ) \s+ as \s+ correlation_key \b""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Vocabulary:
    """Names a card may use. `listed_*` are those of the hand-written unions, in their order.

    `signal_keys` names the column or property that a signal's SQL selects `as correlation_key`,
    None for a keyless one. A signal whose key is a longer expression is not in it. `sources` are
    written as `<source>.<table>`; `promised` are the signals and guards that promise freshness,
    with the seconds, `identifiers` the types of identifiers, `fields` those of the profile that
    have a trusted source.
    """

    signals: frozenset[str] = frozenset()
    listed_signals: tuple[str, ...] = ()
    guards: frozenset[str] = frozenset()
    listed_guards: tuple[str, ...] = ()
    actions: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    groups: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    signal_keys: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    sources: frozenset[str] = frozenset()
    promised: Mapping[str, int] = field(default_factory=dict[str, int])
    identifiers: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()

    def names(self, kind: str) -> tuple[frozenset[str], tuple[str, ...]]:
        """Return the names of the signals or guards that have a file, and of those listed."""
        if kind == "signal":
            return self.signals, self.listed_signals
        return self.guards, self.listed_guards

    def outcome(self, action: str) -> str | None:
        """Return what comes of the action: send, route or escalate; None if it is not known."""
        return self.actions.get(action, {}).get("outcome")

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
    identifiers = read_policy(dbt_project / POLICIES / "identity_rules.csv")
    trust = read_policy(dbt_project / POLICIES / "field_trust.csv")
    return Vocabulary(
        signals=_stems(dbt_project / SIGNALS),
        listed_signals=read_hand_list(dbt_project, SIGNALS).names or (),
        guards=_stems(dbt_project / GUARDS),
        listed_guards=read_hand_list(dbt_project, GUARDS).names or (),
        actions=_by_first_column(actions),
        groups=frozenset(declared_groups(dbt_project / "models")),
        channels=frozenset(_by_first_column(channels)),
        signal_keys=dict(_signal_keys(dbt_project / SIGNALS)),
        sources=frozenset(declared_sources(dbt_project / "models")),
        promised=dict(_promised(dbt_project)),
        identifiers=frozenset(_by_first_column(identifiers)),
        fields=frozenset(_by_first_column(trust)),
        policies=frozenset(path.stem for path in (dbt_project / POLICIES).glob("*.csv")),
    )


def read_hand_list(dbt_project: Path, folder: Path) -> HandList:
    """Return the hand-list beside a folder of signals or guards, and the line it starts on."""
    path = dbt_project / folder.with_suffix(".sql")
    text = text_of(path) if path.is_file() else ""
    match = re.search(rf"\bunion_{folder.name}\s*\(\s*(\[.*?\])", text, re.DOTALL)
    if match is None:
        return HandList(None, 1)
    line = text.count("\n", 0, match.start()) + 1
    try:
        names: object = ast.literal_eval(match[1])
    except (SyntaxError, ValueError):
        return HandList(None, line)
    return HandList(tuple(str(name) for name in names) if isinstance(names, list) else None, line)


def hand_lists(dbt_project: Path) -> tuple[str, ...]:
    """Return the names that the unions of signals and guards list, in their order."""
    lists = (read_hand_list(dbt_project, folder).names for folder in (SIGNALS, GUARDS))
    return tuple(name for names in lists for name in names or ())


def _stems(folder: Path) -> frozenset[str]:
    return frozenset(path.stem for path in folder.glob("*.sql"))


def _by_first_column(policy: Policy) -> dict[str, Mapping[str, str]]:
    return {next(iter(line.cells.values()), ""): line.cells for line in policy.lines}


def _promised(dbt_project: Path) -> Iterator[tuple[str, int]]:
    for folder in KINDS.values():
        for name in _stems(dbt_project / folder):
            fresh_within_s = promise_of(dbt_project, folder, name).fresh_within_s
            if fresh_within_s is not None:
                yield name, fresh_within_s


def _signal_keys(signals: Path) -> Iterator[tuple[str, str | None]]:
    for path in sorted(signals.glob("*.sql")):
        keys = {match[match.lastindex or 1].lower() for match in _KEY.finditer(text_of(path))}
        if len(keys) == 1:
            (key,) = keys
            yield path.stem, None if key == "null" else key
