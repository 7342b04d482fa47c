"""What `baton release list` and `baton release show` know, as plain facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb

from baton.errors import CheckFailed
from baton.journal import Activation, Journal
from baton.project import Project
from baton.releases.compile import Release, compile_release
from baton.releases.difference import differences
from baton.releases.log import live_release, resolve, state_of
from baton.releases.reading import read_if_free
from baton.releases.rules import rule_facts
from baton.releases.store import known_releases, read_release

Facts = dict[str, Any]


def list_facts(project: Project, journal: Journal) -> Facts:
    """Return the releases, which of them is live, and the log, each oldest first.

    While the warehouse cannot be read, only those in the log, and `not_read` says why.
    """
    log = journal.activations()
    known, not_read = read_if_free(project.warehouse, known_releases)
    heads: dict[str, Facts] = {one.release_id: asdict(one) for one in known or ()}
    for entry in log:
        unread: Facts = {"release_id": entry.release_id, "compiled_at": None, "journeys": None}
        heads.setdefault(entry.release_id, unread)
    return {
        "live": live_release(log),
        "releases": [head | {"state": state_of(one, log)} for one, head in heads.items()],
        "log": [asdict(entry) for entry in log],
        "not_read": not_read,
    }


def show_facts(project: Project, journal: Journal, written: str | None) -> Facts:
    """Return one release, by default the live one, and how the working tree differs from it.

    While the warehouse cannot be read, only its part of the log, and what the working tree knows
    of it where it is the same; `not_read` says why.
    Raises UsageError when no release has an id that starts with `written`.
    """
    log = journal.activations()
    live = live_release(log)
    logged = [entry.release_id for entry in log]
    found, not_read = read_if_free(project.warehouse, lambda con: _read(con, written, logged, live))
    release_id = found.release_id if found else resolve(written, logged, live)
    tree, faults = _tree(project, journal.now())
    if found is None and tree is not None and tree.release_id == release_id:
        found = tree
    return {
        "release_id": release_id,
        "state": state_of(release_id, log),
        "log": _entries(log, release_id),
        **(_content(found) if found else {}),
        "working_tree": _differences(found, tree),
        "working_tree_not_read": faults,
        "not_read": not_read,
    }


def _read(
    con: duckdb.DuckDBPyConnection, written: str | None, logged: Sequence[str], live: str | None
) -> Release:
    known = [one.release_id for one in known_releases(con)]
    return read_release(con, resolve(written, [*known, *logged], live))


def _entries(log: Sequence[Activation], release_id: str) -> list[Facts]:
    return [asdict(entry) for entry in log if entry.release_id == release_id]


def _content(release: Release) -> Facts:
    cards = [
        {name: value for name, value in asdict(card).items() if name not in _ELSEWHERE}
        | {"rules": [rule_facts(rule, card.conditions) for rule in card.rules]}
        for card in release.cards
    ]
    return {
        "compiled_at": release.compiled_at,
        "cards": cards,
        "policies": dict(Counter(row.policy for row in release.policies)),
        "sql": [asdict(one) for one in release.sql],
    }


def _tree(project: Project, now: datetime) -> tuple[Release | None, str | None]:
    try:
        return compile_release(project.dbt_project, now=now), None
    except CheckFailed as error:
        return None, error.what.splitlines()[0]


def _differences(release: Release | None, tree: Release | None) -> Facts | None:
    if release is None or tree is None:
        return None
    found = differences(release, tree)
    return {name: asdict(one) for name, one in found.items() if one}


_ELSEWHERE = frozenset({"rules", "conditions", "card_text"})
